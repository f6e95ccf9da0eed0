"""Service accounts with what is known of their keys and use, for lists and their own pages."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from accounts.lib.names import skeleton
from accounts.models import ServiceAccount
from accounts.service_accounts.models import ServiceAccountQuerySet
from tokens.credentials.models import Credential, CredentialQuerySet, KeyPickup
from tokens.credentials.types.key_pair import KEY_PAIR
from tokens.scopes import in_force
from tokens.scopes.coverage import covers
from tokens.usage import queries as usage
from tokens.usage.buffer import buffer
from tokens.usage.models import AccountUse

EXPIRING_WITHIN: Final = timedelta(days=30)
"""How long before its end a key is said to expire soon."""
UNUSED_FOR: Final = usage.WINDOW
"""How long without any use an account counts as unused."""
FEW: Final = 1_000
"""Accounts that are looked up one by one. Of more, a list in order comes upon a page soon."""
EXPORT_BATCH: Final = 500
"""Accounts whose keys and use are read at a time."""

HEX_PREFIX: Final = re.compile(r"[0-9a-f]{4,32}")


@dataclass(frozen=True)
class Wanted:
    """Which accounts are asked for; what is left empty does not narrow them."""

    text: str = ""
    """In the name, or the beginning of the account's id or of a key id."""
    status: str = ""
    owner_id: UUID | None = None
    expiring: bool = False
    unused: bool = False


@dataclass(frozen=True)
class Keys:
    """The usable keys of one account."""

    count: int = 0
    ends_at: datetime | None = None
    """When the first of them stops by itself."""
    lasts_until: datetime | None = None
    """When the last of them does, so that none is left; None where one has no end."""


@dataclass(frozen=True)
class Row:
    """One account of a list."""

    account: ServiceAccount
    keys: Keys
    last_used_at: datetime | None


def narrow(rows: ServiceAccountQuerySet, wanted: Wanted, now: datetime) -> ServiceAccountQuerySet:
    """Those of `rows` that are wanted, whatever their order."""
    if wanted.status:
        rows = rows.in_status(wanted.status, now)
    if wanted.owner_id:
        rows = rows.filter(owner_id=wanted.owner_id)
    if wanted.expiring:
        keys = _expiring(now)
        rows = rows.filter(_among(keys, Exists(keys.filter(identity_id=OuterRef("pk")))))
    if wanted.unused:
        buffer.flush()
        recent = AccountUse.objects.filter(pk=OuterRef("pk"), last_used_at__gt=now - UNUSED_FOR)
        rows = rows.filter(~Exists(recent), created_at__lte=now - UNUSED_FOR)
    if wanted.text:
        rows = _matching(rows, wanted.text)
    return rows


def key_pairs(now: datetime) -> CredentialQuerySet:
    return Credential.objects.filter(kind=KEY_PAIR).usable_at(now)


def _expiring(now: datetime) -> CredentialQuerySet:
    soon = now + EXPIRING_WITHIN
    return key_pairs(now).filter(
        Q(expires_at__gt=now, expires_at__lte=soon) | Q(retires_at__gt=now, retires_at__lte=soon)
    )


def _matching(rows: ServiceAccountQuerySet, text: str) -> ServiceAccountQuerySet:
    """Accounts by part of their name, or by how their id or a key id begins.

    What is rare is looked up first, each by its index; only a part of a name that many share is
    left to the list, which comes upon it soon.
    """
    by_name = Q(name_key__contains=skeleton(text))
    found = _among(ServiceAccount.objects.filter(by_name), by_name)
    bounds = _id_bounds(text)
    if bounds:
        found |= Q(pk__gte=bounds[0], pk__lte=bounds[1])
    by_key = list(_with_key_id(text).values_list("identity_id", flat=True)[:FEW])
    if by_key:
        found |= Q(pk__in=by_key)
    return rows.filter(found)


def _among(found: QuerySet[Any], otherwise: Q | Exists) -> Q:
    """The accounts of `found` by their ids, if they are few; else by what tells them apart.

    Which of the two ways is quick depends on how many there are, and a database that keeps no
    statistics of its tables, as SQLite, chooses wrongly.
    """
    ids = list(found.order_by().values_list("identity_id", flat=True)[: FEW + 1])
    return Q(pk__in=ids) if len(ids) <= FEW else Q(otherwise)


def _id_bounds(text: str) -> tuple[UUID, UUID] | None:
    """The first and last id that begin with `text`, hyphens or not; None where it is no id."""
    digits = text.strip().lower().replace("-", "")
    if not HEX_PREFIX.fullmatch(digits):
        return None
    return UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))


def _with_key_id(text: str) -> CredentialQuerySet:
    key_id = "".join(character for character in text.strip() if character.isprintable())
    keys = Credential.objects.filter(kind=KEY_PAIR)
    if len(key_id) < 4:
        return keys.none()
    if connection.vendor == "sqlite":
        # its LIKE ignores case and so cannot use an index; its order is that of code points
        return keys.filter(key_id__gte=key_id, key_id__lt=f"{key_id}\U0010ffff")
    return keys.filter(key_id__startswith=key_id)


def with_facts(accounts: Iterable[ServiceAccount], now: datetime) -> list[Row]:
    """The accounts with keys and last use: two statements, however many accounts."""
    accounts = list(accounts)
    ids = [account.pk for account in accounts]
    keys, uses = _keys_of(ids, now), usage.last_used(ids)
    return [
        Row(
            account,
            keys.get(account.pk, Keys()),
            uses[account.pk].last_used_at if account.pk in uses else None,
        )
        for account in accounts
    ]


def _keys_of(ids: list[UUID], now: datetime) -> dict[UUID, Keys]:
    found: dict[UUID, list[datetime | None]] = {}
    keys = key_pairs(now).filter(identity_id__in=ids)
    for credential in keys.only("identity_id", "expires_at", "retires_at"):
        found.setdefault(credential.identity_id, []).append(credential.ends_at)
    return {identity_id: _summed(ends) for identity_id, ends in found.items()}


def _summed(ends: list[datetime | None]) -> Keys:
    known = [at for at in ends if at is not None]
    lasting = len(known) < len(ends)
    return Keys(len(ends), min(known, default=None), None if lasting else max(known))


def for_export(rows: QuerySet[ServiceAccount], now: datetime) -> Iterator[Row]:
    """All of `rows` by name, read in batches, so that memory does not grow with them."""
    accounts = rows.order_by(Lower("name"), "pk").iterator(chunk_size=EXPORT_BATCH)
    while batch := list(islice(accounts, EXPORT_BATCH)):
        yield from with_facts(batch, now)


def keys_for_page(account: ServiceAccount) -> list[Credential]:
    """Every key that the account ever had, the newest first."""
    buffer.flush()
    keys = Credential.objects.filter(identity_id=account.pk, kind=KEY_PAIR)
    return list(keys.order_by("-created_at", "pk"))


def open_offer(account: ServiceAccount, now: datetime) -> KeyPickup | None:
    """The offer of a key that waits for its owner, if there is one."""
    offers = KeyPickup.objects.filter(identity_id=account.pk).open_at(now)
    return offers.select_related("owner").order_by("-created_at").first()


def open_offers(accounts: Iterable[ServiceAccount], now: datetime) -> dict[UUID, KeyPickup]:
    """The newest open offer of a key to each of the accounts that have one; one statement."""
    ids = [account.pk for account in accounts]
    offers = KeyPickup.objects.filter(identity_id__in=ids).open_at(now).select_related("owner")
    return {offer.identity_id: offer for offer in offers.order_by("created_at", "pk")}


@dataclass(frozen=True)
class Removal:
    """What an account would lose if it had other scopes, and who would feel it."""

    scopes: list[str]
    """Assigned ones that the new ones do not cover."""
    used: dict[str, datetime]
    """Those, and what was used through them and could not be asked for again: the last use."""
    impact: usage.Impact


def removal(account: ServiceAccount, scopes: Collection[str], now: datetime) -> Removal | None:
    """What replacing the scopes of `account` takes away; None if nothing."""
    catalogue = in_force.for_names([*account.scopes, *scopes])

    def kept(scope: str) -> bool:
        return bool(covers(scopes, scope, imply_esv=False, catalogue=catalogue))

    lost = [scope for scope in account.scopes if not kept(scope)]
    if not lost:
        return None
    impact = usage.impact(account, now)
    used = {scope: last_at for scope, last_at in impact.scopes.items() if not kept(scope)}
    return Removal(lost, used, impact)
