"""What the worker does for reminders once a minute; named in `settings.UPKEEP`."""

from __future__ import annotations

from django.utils import timezone

from tokens.reminders import actions, jobs


def run() -> None:
    now = timezone.now()
    jobs.ensure(at=now)
    actions.note_ended(at=now)
