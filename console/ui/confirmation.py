"""That a person has just proved who they are; it lasts for some minutes of their session."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

STEP_UP_MAX_AGE = timedelta(minutes=5)
"""How long a confirmed password counts for acts that issue, replace or destroy."""
CONFIRMED_AT = "steward_confirmed_at"
"""Session key: seconds since the epoch at which the password was last confirmed."""


def confirm(request: HttpRequest) -> None:
    """Note that the person has just proved who they are."""
    request.session[CONFIRMED_AT] = timezone.now().timestamp()


def is_confirmed(request: HttpRequest) -> bool:
    confirmed_at = request.session.get(CONFIRMED_AT, 0.0)
    age = timezone.now().timestamp() - confirmed_at
    return bool(0 <= age <= STEP_UP_MAX_AGE.total_seconds())
