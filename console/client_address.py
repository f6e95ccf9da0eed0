"""Which address a request came from."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from django.conf import settings


def client_address(meta: Mapping[str, Any]) -> str:
    """The address of the client, from the environment of a WSGI request; empty if there is none.

    Each trusted proxy appends to `X-Forwarded-For` whom it saw, so with n of them the nth entry
    from the end is the first that a client cannot have invented. A header with fewer entries did
    not come through all of the proxies, and is not believed.
    """
    seen = str(meta.get("REMOTE_ADDR") or "")
    proxies = settings.STEWARD_TRUSTED_PROXIES
    if proxies:
        entries = str(meta.get("HTTP_X_FORWARDED_FOR") or "").split(",")
        if len(entries) >= proxies:
            return _clean(entries[-proxies]) or _clean(seen)
    return _clean(seen)


def _clean(text: str) -> str:
    """`text` as one address without port and brackets; empty if it is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)
