"""Who depends on an account: what the regenerate, delete and scope pages show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max, Q, Sum

from accounts.audit import queries as audit
from accounts.models import Identity, ServiceAccount
from tokens.access_tokens.issue import EVENT
from tokens.access_tokens.lifetimes import LONGEST_SECONDS
from tokens.access_tokens.models import RevokedToken, TokenGeneration
from tokens.credentials.models import Credential, CredentialStatus
from tokens.credentials.types.personal_access_token import PERSONAL_ACCESS_TOKEN
from tokens.credentials.types.provisioning_token import PROVISIONING_TOKEN
from tokens.usage.buffer import buffer
from tokens.usage.models import AccountUse, DailyUse

Holder = ServiceAccount | Identity
"""Whom access tokens act for, as the audit log names them."""

TOKENS = frozenset({PERSONAL_ACCESS_TOKEN, PROVISIONING_TOKEN})
"""Kinds of credential that have a name, where keys have an id."""
WINDOW = timedelta(days=90)
"""How far back a use counts as a sign that something depends on a key or scope."""
MOST_LEFT_OUT = 1_000
"""Tokens revoked one by one that a count leaves out; it is a hint, no account."""


@dataclass(frozen=True)
class Consumer:
    """One client at one address, over the window."""

    address: str
    client: str
    count: int
    last_at: datetime
    scopes: frozenset[str]
    key_ids: frozenset[str]
    token_names: frozenset[str] = frozenset()
    """Of the personal access tokens that were used."""


@dataclass(frozen=True)
class Impact:
    """Who uses an account: empty lists mean that nobody did in the window."""

    consumers: list[Consumer] = field(default_factory=list)
    keys: dict[str, datetime] = field(default_factory=dict)
    """Key id to its last use."""
    scopes: dict[str, datetime] = field(default_factory=dict)
    """Scope to its last use."""
    live_tokens: int = 0
    since: date | None = None


@dataclass
class CredentialUse:
    """What one credential was used for."""

    address: str = ""
    """The last one; empty where it was not used."""
    scopes: dict[str, datetime] = field(default_factory=dict)
    """Scope to its last use."""


def live_tokens(holder: Holder, now: datetime, *, token: Credential | None = None) -> int:
    """How many access tokens have not run out and were not revoked; those of one `token`."""
    since = now - timedelta(seconds=LONGEST_SECONDS)
    revoked = TokenGeneration.objects.filter(pk=holder.pk).values_list("changed_at", flat=True)
    if (changed_at := revoked.first()) is not None:
        since = max(since, changed_at)
    issued = audit.happened_since(holder.audit_type, holder.pk, EVENT, since)
    alive = issued.filter(detail__expires_at__gt=int(now.timestamp()))
    if token is not None:
        alive = alive.filter(detail__credential=str(token.pk))
    expired = Q(kind=PERSONAL_ACCESS_TOKEN, expires_at__gt=since, expires_at__lte=now)
    ended = Q(revoked_at__gt=since) | expired | Q(tokens_revoked_at__gt=since)
    stopped = RevokedToken.objects.filter(identity_id=holder.pk, expires_at__gt=now)
    over: list[str] = []
    for one in Credential.objects.filter(ended, identity_id=holder.pk):
        if one.status_at(now) in (CredentialStatus.REVOKED, CredentialStatus.EXPIRED):
            over.append(str(one.pk))
        else:  # at most ten tokens, and keys, are there at a time
            before = Q(at__lte=one.tokens_revoked_at)
            alive = alive.exclude(before & Q(detail__credential=str(one.pk)))
    if over:
        alive = alive.exclude(detail__credential__in=over)
    if ids := list(stopped.values_list("token_id", flat=True)[:MOST_LEFT_OUT]):
        alive = alive.exclude(detail__token_id__in=ids)
    return alive.count()


def impact(
    holder: Holder, now: datetime, *, token: Credential | None = None, keys_only: bool = False
) -> Impact:
    """What was used in the last 90 days, when, from where, and what is live now.

    With `token`, of that one personal access token; with `keys_only`, not by any of these.
    """
    buffer.flush()
    since = (now - WINDOW).date()
    credentials = {each.pk: each for each in Credential.objects.filter(identity_id=holder.pk)}
    keys: dict[str, datetime] = {}
    scopes: dict[str, datetime] = {}
    clients: dict[tuple[str, str], Consumer] = {}
    for row in _summed(holder, since, token):
        last_at, credential = row["latest"], credentials.get(row["credential_id"])
        is_token = credential is not None and credential.kind in TOKENS
        if keys_only and is_token:
            continue
        key_id = credential.key_id if credential is not None else ""
        token_name = credential.name if credential is not None and is_token else ""
        used = frozenset(row["scopes"].split())
        for scope in used:
            scopes[scope] = max(scopes.get(scope, last_at), last_at)
        if key_id:
            keys[key_id] = max(keys.get(key_id, last_at), last_at)
        place = (row["address"], row["client"])
        known = clients.get(place, Consumer(*place, 0, last_at, frozenset(), frozenset()))
        clients[place] = Consumer(
            *place,
            known.count + row["total"],
            max(known.last_at, last_at),
            known.scopes | used,
            known.key_ids | ({key_id} if key_id else frozenset()),
            known.token_names | ({token_name} if token_name else frozenset()),
        )
    consumers = sorted(clients.values(), key=lambda c: c.last_at, reverse=True)
    return Impact(consumers, keys, scopes, live_tokens(holder, now, token=token), since)


def _summed(holder: Holder, since: date, token: Credential | None) -> Iterable[Mapping[str, Any]]:
    rows = DailyUse.objects.filter(identity_id=holder.pk, day__gte=since)
    if token is not None:
        rows = rows.filter(credential_id=token.pk)
    return (
        rows.values("credential_id", "scopes", "address", "client")
        .annotate(total=Sum("count"), latest=Max("last_at"))
        .order_by()
    )


def of_credential(credential: Credential, now: datetime) -> CredentialUse:
    """What one credential was used for in the window, and from where at last."""
    buffer.flush()
    rows = DailyUse.objects.filter(
        identity_id=credential.identity_id,
        credential_id=credential.pk,
        day__gte=(now - WINDOW).date(),
    )
    found = CredentialUse()
    for row in rows.order_by("last_at", "pk").iterator():
        found.address = row.address
        found.scopes |= dict.fromkeys(row.scopes.split(), row.last_at)
    return found


def by_day(account: ServiceAccount, now: datetime, *, days: int = 30) -> list[tuple[date, int]]:
    """Uses of each of the last `days` days, oldest first, with noughts where there were none."""
    buffer.flush()
    first = now.date() - timedelta(days=days - 1)
    rows = DailyUse.objects.filter(identity_id=account.pk, day__gte=first)
    counts = dict(rows.values_list("day").annotate(total=Sum("count")).order_by("day"))
    return [(day, counts.get(day, 0)) for day in (first + timedelta(days=n) for n in range(days))]


def last_used(account_ids: Iterable[UUID]) -> dict[UUID, AccountUse]:
    """The latest use of each account that was ever used, for one page of a list."""
    buffer.flush()
    return AccountUse.objects.in_bulk(list(account_ids))
