"""What is served and where, for clients that ask (RFC 8414, RFC 9728)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from tokens.access_tokens.claims import issuer
from tokens.edge.machine import machine
from tokens.oauth import callers, client_auth, verification
from tokens.oauth.audiences import TOKEN_PATHS
from tokens.oauth.endpoints import introspect, jwks, revoke
from tokens.oauth.errors import problem
from tokens.oauth.grants import grants
from tokens.scopes.coverage import grantable
from tokens.scopes.files import installed
from tokens.signing import keys as signing

SERVER_PATH = "/.well-known/oauth-authorization-server"
"""RFC 8414 section 3; our issuer has no path, so nothing follows it."""
TOKEN_METHODS = [client_auth.Method.BASIC, client_auth.Method.POST]
"""Beside none, by which the public client of the assertion grant comes."""
HEADERS = {"Cache-Control": "public, max-age=300"}


def _scopes() -> list[str]:
    return [name for name in installed() if grantable(name) is None]


def _about_tokens(name: str, path: str) -> dict[str, Any]:
    """Where tokens are asked about or revoked, and how callers prove themselves there."""
    return {
        f"{name}_endpoint": issuer() + path,
        f"{name}_endpoint_auth_methods_supported": callers.METHODS,
        f"{name}_endpoint_auth_signing_alg_values_supported": verification.algorithms(),
    }


@machine(problem, "GET", "HEAD")
def authorization_server(request: HttpRequest) -> HttpResponse:
    """Each line is true of this server: what it cannot do is not listed."""
    del request
    told: dict[str, Any] = {
        "issuer": issuer(),
        "token_endpoint": issuer() + TOKEN_PATHS[0],
        "jwks_uri": issuer() + jwks.PATH,
        "grant_types_supported": list(grants.keys()),
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["none", *TOKEN_METHODS],
        **_about_tokens("introspection", introspect.PATHS[0]),
        **_about_tokens("revocation", revoke.PATHS[0]),
        "scopes_supported": _scopes(),
        "assertion_signing_alg_values_supported": verification.algorithms(),
        "access_token_signing_alg_values_supported": [signing.ALGORITHM],
        "protected_resources": [issuer()],
    }
    return JsonResponse(told, headers=HEADERS)


@machine(problem, "GET", "HEAD")
def protected_resource(request: HttpRequest) -> HttpResponse:
    """Our own resources are one resource, named as tokens name it in `aud`."""
    del request
    told = {
        "resource": issuer(),
        "authorization_servers": [issuer()],
        "jwks_uri": issuer() + jwks.PATH,
        "bearer_methods_supported": ["header"],
        "scopes_supported": _scopes(),
        "resource_name": "Steward",
    }
    return JsonResponse(told, headers=HEADERS)
