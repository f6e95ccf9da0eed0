"""The grants, one file each, registered here."""

from __future__ import annotations

from accounts.lib.registry import Registry
from tokens.oauth.grants.base import Grant
from tokens.oauth.grants.client_credentials import ClientCredentials
from tokens.oauth.grants.jwt_bearer import JwtBearer

grants: Registry[Grant] = Registry("grant type")
grants.register(JwtBearer.name, JwtBearer())
grants.register(ClientCredentials.name, ClientCredentials())
