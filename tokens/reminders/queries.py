from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F

from accounts.models import ServiceAccount
from accounts.tenant.time_zone import time_zone
from tokens.reminders.due import days_left
from tokens.reminders.models import Reminder


@dataclass(frozen=True)
class Told:
    """Who was told last that something ends, and how many days before it."""

    to: str
    is_owner: bool
    days: int


def last_told(
    account: ServiceAccount, ends: dict[UUID | None, datetime]
) -> dict[UUID | None, Told]:
    """The last reminder of each end that was mailed; by key, that of the account under None."""
    rows = (
        Reminder.objects.filter(identity_id=account.pk, letters__sent_at__isnull=False)
        .annotate(
            sent_at=F("letters__sent_at"),
            address=F("letters__address"),
            person=F("letters__recipient__user_name"),
            person_id=F("letters__recipient_id"),
        )
        .order_by("letters__sent_at", "letters__pk")
    )
    found: dict[UUID | None, Told] = {}
    zone = None
    for row in rows:
        if ends.get(row.credential_id) != row.ends_at:
            continue
        known = found.get(row.credential_id)
        zone = zone or time_zone()
        is_owner = row.person_id is not None and row.person_id == account.owner_id
        days = days_left(row.ends_at, row.sent_at, zone)
        if known is None or is_owner or known.days > days:
            found[row.credential_id] = Told(row.person or row.address, is_owner, days)
    return found
