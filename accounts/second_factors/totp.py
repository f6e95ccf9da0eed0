"""Codes of authenticator apps (RFC 6238): six digits, every 30 seconds, each counter used once."""

from __future__ import annotations

import hmac
from datetime import datetime
from urllib.parse import quote, urlencode

from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from django.conf import settings

from accounts.identities.models import Identity
from accounts.second_factors.adapter import PRODUCT

PERIOD = 30
"""Seconds."""
SKEW = 1
"""Steps before and after the present one that are taken, for clocks that are a little wrong."""


def new_secret() -> str:
    """160 bits, in base32, as RFC 4226 section 4 recommends."""
    return str(generate_totp_secret())


def counter_of(secret: str, code: str, *, at: datetime) -> int | None:
    """The step to which this code belongs; None for a code that is none of the present ones."""
    now = int(at.timestamp()) // PERIOD
    found = None
    typed = code.encode()  # as bytes: texts are compared in ASCII only, and anything may be typed
    for counter in range(now - SKEW, now + SKEW + 1):
        if hmac.compare_digest(format_hotp_value(hotp_value(secret, counter)).encode(), typed):
            found = counter
    return found


def address(identity: Identity, secret: str) -> str:
    """What the QR code holds. The app shows product, environment and user name."""
    issuer = f"{PRODUCT} {settings.STEWARD_ENVIRONMENT}".replace(":", " ")
    label = quote(f"{issuer}:{identity.user_name}", safe="")
    query = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{label}?{query}"
