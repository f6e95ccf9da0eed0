"""The signs of life of the workers, by which others see whether background work goes on."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Final

from accounts.jobs.models import Worker

SEEN_EVERY = timedelta(seconds=15)
"""How often a worker says that it lives: seldom enough to cost a database nothing."""
SILENT_AFTER = timedelta(seconds=75)
"""After so long without a sign a worker counts as dead: five signs are missing by then."""
FORGOTTEN_AFTER = timedelta(days=1)

_ME: Final = uuid.uuid4()
"""This process, where it is a worker."""


def seen(*, at: datetime) -> int:
    """Say that this process works on; returns how many signs were written, 0 or 1."""
    recent = Worker.objects.filter(pk=_ME, seen_at__gt=at - SEEN_EVERY, seen_at__lte=at)
    if recent.exists():
        return 0
    Worker.objects.update_or_create(pk=_ME, defaults={"seen_at": at})
    Worker.objects.filter(seen_at__lt=at - FORGOTTEN_AFTER).delete()
    return 1


def left() -> None:
    """Take back the sign of a worker that was told to stop; nobody need wait for it."""
    Worker.objects.filter(pk=_ME).delete()


def last_seen() -> datetime | None:
    """When any worker gave a sign last; None where none ever ran."""
    return Worker.objects.order_by("-seen_at").values_list("seen_at", flat=True).first()


def alive_at(now: datetime) -> int:
    """How many workers live."""
    return Worker.objects.filter(seen_at__gte=now - SILENT_AFTER).count()
