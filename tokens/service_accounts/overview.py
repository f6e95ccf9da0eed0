"""All the accounts that someone may see, at a glance: numbers, and what cannot wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final
from uuid import UUID

from django.core.cache import cache
from django.db.models import Exists, OuterRef, Q

from accounts.audit import queries as audit
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.models import Event, Identity, ServiceAccount
from accounts.service_accounts.models import ServiceAccountQuerySet
from accounts.service_accounts.queries import visible_to
from accounts.service_accounts.states import StatusFilter
from tokens.credentials.models import Credential, CredentialQuerySet, KeyPickup
from tokens.credentials.types.key_pair import KEY_PAIR
from tokens.credentials.types.personal_access_token import PERSONAL_ACCESS_TOKEN
from tokens.credentials.types.provisioning_token import PROVISIONING_TOKEN
from tokens.service_accounts.gui_access import ready
from tokens.service_accounts.queries import Wanted, key_pairs, narrow
from tokens.usage.buffer import buffer

COUNTED: Final = 1_000
"""Rows counted at most; beyond it a page says "more than"."""
SOON: Final = timedelta(days=7)
"""How long before the last key of an account ends it cannot wait any more."""
LATELY: Final = timedelta(days=30)
"""How long after its last key ended an account is still told of."""
REFUSALS_WITHIN: Final = timedelta(hours=24)
REFUSALS_READ: Final = 500
"""Refusals that are looked at to find whom they concern, the newest."""
SHOWN: Final = 4
"""Accounts told of, for each reason."""
CACHE_KEY: Final = "overview"
SLOW_SECONDS: Final = 0.25
REMEMBERED_SECONDS: Final = 60
"""Only of a tenant so large that reading it is slow; else a page shows what is true now."""


@dataclass(frozen=True)
class Numbers:
    """How many accounts there are of each kind; `COUNTED + 1` stands for more."""

    active: int
    disabled: int
    ended: int
    expiring: int
    unused: int
    no_owner: int
    owner_left: int


@dataclass(frozen=True)
class EndingKey:
    """The last key of an account, which ends soon or has ended."""

    account: ServiceAccount
    ends_at: datetime
    has_token: bool
    """A personal access token of it works."""


@dataclass(frozen=True)
class Refused:
    """An account whose requests were refused of late."""

    account: ServiceAccount
    count: int
    last: Event


@dataclass(frozen=True)
class Glance:
    """What the page after sign-in tells of the accounts that someone may see."""

    numbers: Numbers
    ending_keys: list[EndingKey]
    without_key: list[ServiceAccount]
    offered: list[KeyPickup]
    refused: list[Refused]
    without_owner: list[ServiceAccount]
    owner_left: list[ServiceAccount]
    """Their owner left, and nobody has answered for them since."""
    ready_for_programs: list[ServiceAccount]
    """Their GUI access can be taken away."""


def glance(person: Identity, now: datetime) -> Glance:
    """All of it, fresh; for who sees everything it may be a minute old, where reading is slow."""
    sees_all = may(person, Permission.SERVICE_ACCOUNT_VIEW_ALL)
    known: Glance | None = cache.get(CACHE_KEY) if sees_all else None
    if known is not None:
        return known
    started = monotonic()
    found = Glance(
        numbers(person, now),
        ending_keys(person, now),
        without_key(person, now),
        offered(person, now),
        refused(person, now),
        without_owner(person, now),
        owner_left(person, now),
        ready_for_programs(person, now),
    )
    if sees_all and monotonic() - started > SLOW_SECONDS:
        cache.set(CACHE_KEY, found, REMEMBERED_SECONDS)
    return found


def numbers(person: Identity, now: datetime) -> Numbers:
    """The counts that the list of service accounts answers with the same filters."""
    buffer.flush()
    rows = visible_to(person)

    def count(wanted: Wanted) -> int:
        found = narrow(rows, wanted, now).order_by()
        return int(found.values("pk")[: COUNTED + 1].count())

    return Numbers(
        active=count(Wanted(status=StatusFilter.ACTIVE)),
        disabled=count(Wanted(status=StatusFilter.DISABLED)),
        ended=count(Wanted(status=StatusFilter.ENDED)),
        expiring=count(Wanted(expiring=True)),
        unused=count(Wanted(unused=True)),
        no_owner=count(Wanted(status=StatusFilter.NO_OWNER)),
        owner_left=count(Wanted(status=StatusFilter.OWNER_LEFT)),
    )


def ending_keys(person: Identity, now: datetime) -> list[EndingKey]:
    """Working accounts whose last key ends within days, or ended lately; the first to end first."""
    accounts = _working(person, now)
    window = (now - LATELY, now + SOON)
    ends = Q(expires_at__range=window) | Q(retires_at__range=window)
    others = _keys().filter(identity=OuterRef("identity"), revoked_at=None)
    lasting = others.exclude(pk=OuterRef("pk")).filter(
        Q(expires_at=None) | Q(expires_at__gt=window[1]),
        Q(retires_at=None) | Q(retires_at__gt=window[1]),
    )
    keys = (
        _keys()
        .filter(ends, ~Exists(lasting), revoked_at=None)
        .filter(identity__service_account__in=accounts)
        .select_related("identity__service_account")
    )
    found = list(keys.order_by("expires_at", "pk")[: 10 * SHOWN])
    by_token = living_by_token([key.identity_id for key in found], now)
    last: dict[UUID, EndingKey] = {}
    for key in found:
        account, ends_at = key.identity.service_account, key.ends_at
        known = last.get(account.pk)
        if ends_at is not None and (known is None or known.ends_at < ends_at):
            last[account.pk] = EndingKey(account, ends_at, account.pk in by_token)
    return sorted(last.values(), key=lambda each: each.ends_at)[:SHOWN]


def without_key(person: Identity, now: datetime) -> list[ServiceAccount]:
    """Working accounts that can get no token and wait for no offered key, the newest first.

    What lives by personal access tokens alone lacks nothing.
    """
    usable = key_pairs(now).filter(identity=OuterRef("pk"))
    offered = KeyPickup.objects.open_at(now).filter(identity=OuterRef("pk"))
    found = _working(person, now).filter(~Exists(usable), ~Exists(offered))
    tokens = _tokens(now).filter(identity=OuterRef("pk"))
    found = found.filter(~Exists(tokens))
    return list(found.order_by("-created_at", "pk")[:SHOWN])


def offered(person: Identity, now: datetime) -> list[KeyPickup]:
    """Open offers of a key to accounts that can get no token until it is made."""
    usable = key_pairs(now).filter(identity=OuterRef("identity"))
    found = KeyPickup.objects.open_at(now).filter(
        ~Exists(usable), identity__service_account__in=_working(person, now)
    )
    found = found.select_related("identity__service_account", "owner")
    return list(found.order_by("expires_at", "pk")[:SHOWN])


def living_by_token(accounts: Collection[UUID], now: datetime) -> set[UUID]:
    """Which of these a token works for, a personal access token or one for provisioning."""
    if not accounts:
        return set()
    return set(_tokens(now).filter(identity__in=accounts).values_list("identity_id", flat=True))


def _tokens(now: datetime) -> CredentialQuerySet:
    kinds = (PERSONAL_ACCESS_TOKEN, PROVISIONING_TOKEN)
    return Credential.objects.filter(kind__in=kinds).usable_at(now)


def _keys() -> CredentialQuerySet:
    return Credential.objects.filter(kind=KEY_PAIR)


def _working(person: Identity, now: datetime) -> ServiceAccountQuerySet:
    return visible_to(person).in_status(StatusFilter.ACTIVE, now)


def owner_left(person: Identity, now: datetime) -> list[ServiceAccount]:
    """Working accounts that passed on, or found nobody, since their owner left; not one's own,
    which stand elsewhere."""
    found = _working(person, now).in_status(StatusFilter.OWNER_LEFT, now)
    return list(found.exclude(owner=person).order_by("-created_at", "pk")[:SHOWN])


def without_owner(person: Identity, now: datetime) -> list[ServiceAccount]:
    """Working accounts that nobody answers for, the newest first."""
    found = _working(person, now).filter(owner=None)
    return list(found.order_by("-created_at", "pk")[:SHOWN])


def ready_for_programs(person: Identity, now: datetime) -> list[ServiceAccount]:
    """Working accounts that a program uses and that can still sign in, the newest first."""
    found = ready(person).in_status(StatusFilter.ACTIVE, now)
    return list(found.order_by("-created_at", "pk")[:SHOWN])


def refused(person: Identity, now: datetime) -> list[Refused]:
    """Accounts whose requests were refused in the last day, those with most refusals first."""
    wanted = audit.Wanted(outcome="refused", since=now - REFUSALS_WITHIN)
    events = list(audit.for_list(wanted)[:REFUSALS_READ])
    about = [event for event in events if event.subject_type == ServiceAccount.audit_type]
    counts = Counter(event.subject_id for event in about)
    newest = {event.subject_id: event for event in reversed(about)}
    worst = [subject_id for subject_id, _count in counts.most_common(SHOWN)]
    accounts = visible_to(person).in_bulk([UUID(subject_id) for subject_id in worst])
    return [
        Refused(account, counts[subject_id], newest[subject_id])
        for subject_id in worst
        if (account := accounts.get(UUID(subject_id))) is not None
    ]
