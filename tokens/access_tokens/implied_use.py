"""Who still relies on a scope that another one lets through: one event an account and day."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from accounts.audit import record
from tokens.access_tokens.verify import Holder

ACTION = "scope.implied"

_told_on: dict[tuple[UUID, str], date] = {}
"""By account and reached scope; a process more or a restart tells it once more, which is harmless.
How often it happened is in the counts of use."""


def note(holder: Holder, *, granted: str, reached: str, now: datetime) -> None:
    key, today = (holder.pk, reached), now.date()
    if _told_on.get(key) == today:
        return
    record(
        ACTION,
        by=holder,
        subject=holder,
        reason=f"{reached} was reached by {granted}, which is deprecated.",
        detail={"granted": granted, "reached": reached},
        at=now,
    )
    _told_on[key] = today


def forget() -> None:
    _told_on.clear()
