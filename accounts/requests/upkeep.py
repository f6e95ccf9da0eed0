"""What the worker does once a minute; named in `settings.UPKEEP`."""

from __future__ import annotations

from django.utils import timezone

from accounts.requests import actions


def run() -> None:
    """Pass on what waits for people who are gone, and end what nobody decided in time."""
    now = timezone.now()
    while actions.ask_administrators(at=now):
        pass
    while actions.lapse(at=now):
        pass
