"""What clients ask about the tenant itself."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from django.http import HttpRequest, HttpResponse

from tokens.access_tokens.claims import issuer
from tokens.doors.sailpoint.errors import answer, problem
from tokens.edge.machine import machine
from tokens.oauth.audiences import TOKEN_PATHS

POD: Final = "steward"


def tenant_name() -> str:
    """The host by which the tenant is known."""
    return urlsplit(issuer()).hostname or "steward"


@machine(problem, "GET", "HEAD")
def oauth_info(request: HttpRequest) -> HttpResponse:
    """Open to everybody: clients ask before they have a token."""
    del request
    return answer(
        {
            "tenantId": str(uuid5(NAMESPACE_URL, issuer())),
            "tenantName": tenant_name(),
            "authorizeEndpoint": None,
            "tokenEndpoint": issuer() + TOKEN_PATHS[1],
            "cloudDomainUrl": issuer(),
            "logoutUrl": None,
            "pod": POD,
        }
    )
