"""What ends, and which reminder of it is due."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef, Q

from accounts.models import ServiceAccount
from accounts.service_accounts.models import ServiceAccountQuerySet
from tokens.credentials.models import Credential, CredentialQuerySet
from tokens.credentials.types.key_pair import KEY_PAIR
from tokens.credentials.types.personal_access_token import PERSONAL_ACCESS_TOKEN
from tokens.reminders.models import NotedEnd, Reminder

STEPS: Final = (30, 14, 7, 1)
"""Days before an end, by the tenant's calendar, on which people are told of it."""
LOOK_BACK: Final = timedelta(days=30)
"""An end that is longer ago is not noted any more, had no worker run all the time."""
AT_ONCE: Final = 1_000


@dataclass(frozen=True)
class End:
    """A key, a personal access token of an account, or an account that ends, or did."""

    account: ServiceAccount
    ends_at: datetime
    credential: Credential | None = None
    since: datetime | None = None
    """When it was known; nobody is reminded of a step that was over by then."""

    @property
    def key(self) -> tuple[UUID, UUID | None, datetime]:
        return (self.account.pk, self.credential.pk if self.credential else None, self.ends_at)


def days_left(ends_at: datetime, now: datetime, zone: ZoneInfo) -> int:
    """Days of the tenant's calendar from today to the day of the end."""
    return (ends_at.astimezone(zone).date() - now.astimezone(zone).date()).days


def step_of(end: End, now: datetime, zone: ZoneInfo) -> int | None:
    """The nearest step that has come; None before the first, and after the end.

    Steps that were missed meanwhile are made up for by this one. A key that was made for twenty
    days is not told of on its first morning: that step was over when it was made.
    """
    if end.ends_at <= now:
        return None
    left = days_left(end.ends_at, now, zone)
    lasts = days_left(end.ends_at, end.since, zone) if end.since else STEPS[0]
    return min((step for step in STEPS if left <= step <= lasts), default=None)


def upcoming(now: datetime) -> Iterator[list[End]]:
    """Everything in use that ends within the longest step, in parts."""
    until = now + timedelta(days=STEPS[0] + 1)
    yield from _ends_of_keys(ending_keys(now).filter(expires_at__lte=until))
    accounts = ending_accounts(now).filter(ends_at__lte=until).order_by("ends_at", "pk")
    for part in _parts(accounts):
        yield [End(account, account.ends_at) for account in part if account.ends_at]


def ending_keys(now: datetime) -> CredentialQuerySet:
    """Keys that expire while their account works; one that is being replaced is seen to."""
    return (
        Credential.objects.filter(revoked_at=None, retires_at=None, expires_at__gt=now)
        .filter(identity__service_account__in=_working(now))
        .filter(
            Q(identity__service_account__ends_at=None)
            | Q(identity__service_account__ends_at__gt=F("expires_at"))
        )
        .select_related("identity__service_account__owner")
    )


def ending_accounts(now: datetime) -> ServiceAccountQuerySet:
    return _working(now).filter(ends_at__gt=now).select_related("identity", "owner")


def reminded(ends: Sequence[End]) -> dict[tuple[UUID, UUID | None, datetime], int]:
    """The last step by which people were told of each end."""
    rows = Reminder.objects.filter(identity__in={end.account.pk for end in ends})
    found: dict[tuple[UUID, UUID | None, datetime], int] = {}
    for identity, credential, at, step in rows.values_list(
        "identity_id", "credential_id", "ends_at", "step_days"
    ):
        key = (identity, credential, at)
        found[key] = min(step, found.get(key, step))
    return found


def ended(now: datetime, *, limit: int) -> list[End]:
    """What ended by itself and is not noted yet; keys first, since an account ends them too."""
    lately = (now - LOOK_BACK, now)
    keys = (
        Credential.objects.filter(
            Q(expires_at__range=lately) | Q(retires_at__range=lately),
            ~Exists(NotedEnd.objects.filter(credential=OuterRef("pk"))),
            kind=KEY_PAIR,
            revoked_at=None,
            identity__service_account__deleted_at=None,
        )
        .select_related("identity__service_account")
        .order_by("created_at", "pk")[:limit]
    )
    found = [End(key.identity.service_account, key.ends_at, key) for key in keys if key.ends_at]
    noted = NotedEnd.objects.filter(
        identity=OuterRef("pk"), credential=None, ends_at=OuterRef("ends_at")
    )
    accounts = ServiceAccount.objects.existing().filter(~Exists(noted), ends_at__range=lately)
    for account in accounts.select_related("identity").order_by("ends_at", "pk")[:limit]:
        assert account.ends_at is not None
        found.append(End(account, account.ends_at))
    return found


def ended_tokens(now: datetime, *, limit: int) -> list[Credential]:
    """Personal access tokens, of people as well, that expired and are not noted yet."""
    found = Credential.objects.filter(
        ~Exists(NotedEnd.objects.filter(credential=OuterRef("pk"))),
        kind=PERSONAL_ACCESS_TOKEN,
        expires_at__range=(now - LOOK_BACK, now),
        revoked_at=None,
        identity__deleted_at=None,
    )
    return list(found.select_related("identity").order_by("expires_at", "pk")[:limit])


def _working(now: datetime) -> ServiceAccountQuerySet:
    accounts = ServiceAccount.objects.existing().filter(identity__disabled_at=None)
    return accounts.filter(Q(ends_at=None) | Q(ends_at__gt=now))


def _ends_of_keys(keys: CredentialQuerySet) -> Iterator[list[End]]:
    for part in _parts(keys.order_by("expires_at", "pk")):
        yield [
            End(key.identity.service_account, key.expires_at, key, since=key.created_at)
            for key in part
            if key.expires_at
        ]


def _parts(rows: Any) -> Iterator[list[Any]]:
    part: list[Any] = []
    for row in rows.iterator(chunk_size=AT_ONCE):
        part.append(row)
        if len(part) == AT_ONCE:
            yield part
            part = []
    if part:
        yield part
