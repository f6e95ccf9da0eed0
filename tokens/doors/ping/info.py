"""What the vendor's clients ask about the tenant before they begin."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from tokens.access_tokens.guard import bearer
from tokens.access_tokens.verify import AccessToken
from tokens.doors.ping.answers import document, problem
from tokens.edge.machine import machine
from tokens.scopes.picker import environment_tree

COOKIE_NAME: Final = "6ac6499e9da2071"
"""Clients insist on a name; no cookie of that name is ever set."""

VERSION: Final = {
    "_id": "version",
    "version": "8.0.0",
    "fullVersion": "Steward, compatible with 8.0.0 Build 1 (2026-November-22 00:00)",
    "revision": "1",
    "date": "2026-November-22 00:00",
}
"""The release whose interface this door speaks; clients compare it with what they support."""

ROLES: Final = ["internal/role/openidm-svcacct", "internal/role/openidm-authorized"]

FEATURES: Final = {
    "result": [{"_id": "service-accounts", "installedVersion": "1", "availableVersions": ["1"]}]
}

TIERS: Final = {"prod": "prod", "stag": "staging"}
"""By how the name of the environment begins; all others are for development."""


@machine(problem, "GET", "HEAD")
def server(request: HttpRequest) -> HttpResponse:
    """Open to everybody: clients ask before they have a token."""
    del request
    return document({"cookieName": COOKIE_NAME})


@machine(problem, "GET", "HEAD")
@bearer(problem)
def version(request: HttpRequest, token: AccessToken) -> HttpResponse:
    del request, token
    return document(VERSION)


@machine(problem, "GET", "HEAD")
@bearer(problem, scope="fr:idm:*")
def login(request: HttpRequest, token: AccessToken) -> HttpResponse:
    """Who the caller is to the vendor's identity management."""
    del request
    account_id = str(token.holder.pk)
    authorization = {"id": account_id, "component": "managed/svcacct", "roles": ROLES}
    return document(
        {"_id": "login", "authenticationId": account_id, "authorization": authorization}
    )


@machine(problem, "GET", "HEAD")
@bearer(problem)
def environment(request: HttpRequest, token: AccessToken) -> HttpResponse:
    del request, token
    name = settings.STEWARD_ENVIRONMENT
    tier = TIERS.get(name[:4].lower()) or "dev"
    return document({"region": "local", "tier": tier, "locked": False, "immutable": False})


@machine(problem, "GET", "HEAD")
@bearer(problem)
def scopes(request: HttpRequest, token: AccessToken) -> HttpResponse:
    """The scopes that service accounts can be given, as the vendor's picker reads them."""
    del request, token
    return document(list(environment_tree()))


@machine(problem, "GET", "HEAD")
@bearer(problem)
def features(request: HttpRequest, token: AccessToken) -> HttpResponse:
    del request, token
    return document(FEATURES)


@machine(problem, "GET", "HEAD")
@bearer(problem)
def token_info(request: HttpRequest, token: AccessToken) -> HttpResponse:
    """What the caller's own token says, in the words of the vendor's `tokeninfo`."""
    del request
    account_id = str(token.holder.pk)
    told: dict[str, Any] = {
        "sub": account_id,
        "subname": account_id,
        "username": None,
        "client_id": token.client_id,
        "scope": sorted(token.scopes),
        "token_type": "Bearer",
        "expires_in": max(0, token.expires_at - int(timezone.now().timestamp())),
        "realm": "/",
    }
    return document(told)
