"""What the worker does once a minute; named in `settings.UPKEEP`."""

from __future__ import annotations

from django.utils import timezone

from accounts.takeovers import passing


def run() -> None:
    """Pass accounts on whose owner has left, and close what is over."""
    now = timezone.now()
    passing.tidy(at=now)
    passing.pass_on(at=now)
