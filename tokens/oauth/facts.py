"""Where a machine's request came from."""

from __future__ import annotations

import re
import secrets

from django.conf import settings
from django.http import HttpRequest

from accounts.audit.context import RequestFacts
from accounts.audit.record import one_line

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def client_address(request: HttpRequest) -> str:
    """The caller's address.

    `X-Forwarded-For` is believed only as far as our own proxies wrote it: with two trusted ones
    the caller is the second address from the right (`STEWARD_TRUSTED_PROXIES`).
    """
    proxies: int = settings.STEWARD_TRUSTED_PROXIES
    if proxies > 0:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        if len(hops) >= proxies and hops[-proxies]:
            return one_line(hops[-proxies], 45)
    return str(request.META.get("REMOTE_ADDR", ""))[:45]


def facts_of(request: HttpRequest) -> RequestFacts:
    """Address, user agent and request id; a fitting `X-Request-ID` of a proxy is kept."""
    given = request.META.get("HTTP_X_REQUEST_ID", "")
    trusted = settings.STEWARD_TRUSTED_PROXIES > 0 and REQUEST_ID.fullmatch(given)
    return RequestFacts(
        address=client_address(request),
        user_agent=one_line(request.META.get("HTTP_USER_AGENT", ""), 300),
        request_id=given if trusted else secrets.token_hex(8),
    )
