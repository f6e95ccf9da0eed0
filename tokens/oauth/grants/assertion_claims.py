"""The claims of an assertion by RFC 7523 section 3, for every grant that takes one."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tokens.access_tokens.claims import SKEW
from tokens.oauth.audiences import canonical

MAX_AHEAD = timedelta(seconds=900)
"""Farthest accepted `exp`; bounds how long a `jti` must be remembered."""
JTI_MAX_LENGTH = 255
LARGEST_SECONDS = 2**53
"""Beyond, JSON numbers are not exact."""


class BadClaim(ValueError):
    """A claim that is missing or wrong; the message is for the audit log."""


def check_audience(audience: object, accepted: Collection[str]) -> None:
    """One audience, as text or a list of one, equal to one of ours; never by prefix."""
    if isinstance(audience, list) and len(audience) == 1:
        audience = audience[0]
    if not isinstance(audience, str):
        raise BadClaim("aud is not exactly one audience.")
    if canonical(audience) not in accepted:
        raise BadClaim(f"aud {audience[:200]} is not this token endpoint.")


def check_times(claims: Mapping[str, Any], now: datetime) -> datetime:
    """When the assertion expires."""
    seconds, skew = now.timestamp(), SKEW.total_seconds()
    expires = _seconds(claims, "exp")
    if expires is None:
        raise BadClaim("exp is missing.")
    if expires <= seconds - skew:
        raise BadClaim("exp has passed.")
    if expires > seconds + MAX_AHEAD.total_seconds() + skew:
        raise BadClaim("exp is more than 900 seconds ahead.")
    for name in ("nbf", "iat"):
        value = _seconds(claims, name)
        if value is not None and value > seconds + skew:
            raise BadClaim(f"{name} lies in the future.")
    return datetime.fromtimestamp(expires, tz=UTC)


def _seconds(claims: Mapping[str, Any], name: str) -> float | None:
    """A NumericDate (RFC 7519 section 2), or None where the claim is absent."""
    if name not in claims:
        return None
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BadClaim(f"{name} is no number.")
    if not -LARGEST_SECONDS < value < LARGEST_SECONDS or not math.isfinite(value):
        raise BadClaim(f"{name} is out of range.")
    return float(value)


def check_id(jti: object) -> str:
    if not isinstance(jti, str) or not 0 < len(jti) <= JTI_MAX_LENGTH:
        raise BadClaim(f"jti is missing, no text, or not of 1 to {JTI_MAX_LENGTH} characters.")
    return jti
