"""The kinds of providers; each is one file, registered by one line below."""

from accounts.lib.registry import Registry
from accounts.sign_in_providers.kinds import oidc, saml
from accounts.sign_in_providers.kinds.base import Kind

kinds: Registry[Kind] = Registry("kind of sign-in provider")
kinds.register("oidc", oidc.OpenIdConnect())
kinds.register("saml", saml.Saml())
