"""What the worker does once a minute; named in `settings.UPKEEP`."""

from __future__ import annotations

from django.utils import timezone

from accounts.lifecycle_integrations import runs


def run() -> None:
    runs.start_due(at=timezone.now())
