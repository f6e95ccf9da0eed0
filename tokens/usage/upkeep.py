"""What the worker clears away; named in `settings.UPKEEP`."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from tokens.usage.models import DailyUse

KEEP = timedelta(days=400)
"""A year, with some weeks to look back at it; pages show 90 days."""
BATCH = 5_000
"""Rows of one delete statement: short enough that no token request waits for it."""


def forget_old_use() -> None:
    """Drop daily use that no page shows any more, a batch a transaction."""
    before = (timezone.now() - KEEP).date()
    while True:
        stale = DailyUse.objects.filter(day__lt=before).order_by("day", "pk")
        batch = list(stale.values_list("pk", flat=True)[:BATCH])
        if not batch:
            return
        DailyUse.objects.filter(pk__in=batch).delete()
