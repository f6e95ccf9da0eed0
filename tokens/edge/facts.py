"""Where a request came from, told once at the edge."""

from __future__ import annotations

import ipaddress
import re
import secrets

from django.conf import settings
from django.http import HttpRequest

from accounts.audit.context import RequestFacts
from accounts.audit.plain import one_line

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
USER_AGENT_MAX_LENGTH = 300


def client_address(request: HttpRequest) -> str:
    """The caller's address; empty where there is none.

    Each trusted proxy appends to `X-Forwarded-For` whom it saw, so with n of them
    (`STEWARD_TRUSTED_PROXIES`) the nth entry from the right is the first that a caller cannot
    have invented. A header with fewer entries did not come through all of them and is not
    believed.
    """
    seen = request.META.get("REMOTE_ADDR") or ""
    proxies: int = settings.STEWARD_TRUSTED_PROXIES
    if proxies > 0:
        hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(hops) >= proxies:
            return _address(hops[-proxies]) or _address(seen)
    return _address(seen)


def _address(text: str) -> str:
    """`text` as an address without port, brackets and IPv4 mapping; empty if it is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def facts_of(request: HttpRequest) -> RequestFacts:
    """Address, user agent and request id; a fitting `X-Request-ID` of a trusted proxy is kept."""
    given = request.META.get("HTTP_X_REQUEST_ID", "")
    trusted = settings.STEWARD_TRUSTED_PROXIES > 0 and REQUEST_ID.fullmatch(given)
    return RequestFacts(
        address=client_address(request),
        user_agent=one_line(request.META.get("HTTP_USER_AGENT", ""), USER_AGENT_MAX_LENGTH),
        request_id=given if trusted else secrets.token_hex(8),
    )
