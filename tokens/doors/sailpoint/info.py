"""What clients ask about the tenant itself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from tokens.access_tokens.claims import issuer
from tokens.doors.sailpoint.errors import answer, problem
from tokens.edge.machine import machine
from tokens.oauth.audiences import TOKEN_PATHS
from tokens.oauth.tenant import POD, tenant_id, tenant_name


@machine(problem, "GET", "HEAD")
def oauth_info(request: HttpRequest) -> HttpResponse:
    """Open to everybody: clients ask before they have a token."""
    del request
    return answer(
        {
            "tenantId": tenant_id(),
            "tenantName": tenant_name(),
            "authorizeEndpoint": None,
            "tokenEndpoint": issuer() + TOKEN_PATHS[1],
            "cloudDomainUrl": issuer(),
            "logoutUrl": None,
            "pod": POD,
        }
    )
