"""The kinds of credential, one file each, registered here."""

from __future__ import annotations

from django.utils.functional import Promise

from accounts.lib.registry import Registry
from tokens.credentials.types.api_explorer import API_EXPLORER, ApiExplorer
from tokens.credentials.types.base import CredentialType
from tokens.credentials.types.key_pair import KEY_PAIR, KeyPair
from tokens.credentials.types.personal_access_token import (
    PERSONAL_ACCESS_TOKEN,
    PersonalAccessToken,
)
from tokens.credentials.types.provisioning_token import PROVISIONING_TOKEN, ProvisioningToken

types: Registry[CredentialType] = Registry("credential type")
types.register(KEY_PAIR, KeyPair())
types.register(PERSONAL_ACCESS_TOKEN, PersonalAccessToken())
types.register(PROVISIONING_TOKEN, ProvisioningToken())
types.register(API_EXPLORER, ApiExplorer())


def credential_kinds() -> list[tuple[str, str | Promise]]:
    return [(kind, part.label) for kind, part in types.items()]
