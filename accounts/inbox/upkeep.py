"""What the worker does once a minute; named in `settings.UPKEEP`."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts.inbox import receiving
from accounts.inbox.domain import KEPT_DAYS
from accounts.tenant.queries import number


def forget_old() -> None:
    """Forget messages whose time is over."""
    before = timezone.now() - timedelta(days=number(KEPT_DAYS))
    while receiving.forget_old(before=before):
        pass
