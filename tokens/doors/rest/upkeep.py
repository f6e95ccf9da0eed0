"""What the worker clears away; named in `settings.UPKEEP`."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils import timezone

from tokens.doors.rest.models import IdempotentCall

KEPT: Final = timedelta(hours=24)
"""How long a POST that is sent again is answered as before."""
MOST_AT_ONCE: Final = 1000
"""Rows of one transaction, which others do not wait for long."""


def forget_old_calls() -> None:
    """Drop the memory of POSTs that nobody repeats any more; their keys are free again."""
    old = IdempotentCall.objects.filter(created_at__lt=timezone.now() - KEPT).order_by("created_at")
    while ids := list(old.values_list("pk", flat=True)[:MOST_AT_ONCE]):
        IdempotentCall.objects.filter(pk__in=ids).delete()
