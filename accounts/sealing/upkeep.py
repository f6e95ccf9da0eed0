from __future__ import annotations

from django.utils import timezone

from accounts.sealing import actions


def run() -> None:
    actions.note_keys(at=timezone.now())
