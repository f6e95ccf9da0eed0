"""What the worker does once a minute; named in `settings.UPKEEP`."""

from __future__ import annotations

from django.utils import timezone

from accounts.requests import telling, waiting


def run() -> None:
    """End what was asked for accounts that are another's by now, ask again what has changed, pass
    on what waits for people who are gone, end what nobody decided in time, and remind of the
    rest."""
    now = timezone.now()
    while waiting.end_outlived(at=now):
        pass
    waiting.ask_again(at=now)
    while waiting.ask_administrators(at=now):
        pass
    while waiting.lapse(at=now):
        pass
    while telling.remind(at=now):
        pass
