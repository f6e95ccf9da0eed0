from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from accounts.jobs.models import Job
from accounts.sealing import ring_file
from accounts.sealing.keyring import KeyRing, key_ring
from accounts.sealing.models import SealingKey
from accounts.sealing.places import places
from accounts.sealing.states import KIND, QUIET


@dataclass(frozen=True)
class Key:
    """A key with what it does. Not on the ring, it is missed by as many values as it has."""

    key_id: str
    seals: bool
    on_ring: bool
    values: int
    seen_at: datetime | None
    may_go: bool
    """Whether it may be taken out: nothing uses it, and has not for long enough."""


def counts() -> dict[str, int]:
    """How many values each key wraps, wherever they stand."""
    total: Counter[str] = Counter()
    for place in places.values():
        total.update(place.counts())
    return dict(total)


def counts_of_places() -> list[tuple[str, int, int]]:
    """For each place: what it holds, how many values, and how many of them under older keys."""
    newest, rows = key_ring().newest, []
    for place in places.values():
        found = place.counts()
        total = sum(found.values())
        rows.append((str(place.label), total, total - found.get(newest, 0)))
    return rows


def missing() -> dict[str, int]:
    """Keys that values need and the ring lacks, with the number of those values.

    Asked before migrations run too, so tables that are not there yet hold nothing.
    """
    ring, tables = key_ring(), set(connection.introspection.table_names())
    total: Counter[str] = Counter()
    for place in places.values():
        if place.table in tables:
            total.update(place.counts())
    return {key_id: number for key_id, number in total.items() if key_id not in ring.keys}


def all_keys(at: datetime) -> list[Key]:
    """The keys of the ring in its order, then those that it lacks though values need them."""
    ring, used = key_ring(), counts()
    seen = dict(SealingKey.objects.values_list("key_id", "seen_at"))
    missed = sorted(set(used) - set(ring.keys))
    return [
        Key(
            key_id=key_id,
            seals=key_id == ring.newest,
            on_ring=key_id in ring.keys,
            values=used.get(key_id, 0),
            seen_at=seen.get(key_id),
            may_go=key_id in ring.keys and not used.get(key_id) and is_quiet(ring, key_id, at),
        )
        for key_id in (*ring.keys, *missed)
    ]


def is_quiet(ring: KeyRing, key_id: str, at: datetime) -> bool:
    """Whether another key has sealed for so long that nobody can still be writing with this one."""
    if key_id == ring.newest:
        return False
    newest = SealingKey.objects.filter(pk=ring.newest).first()
    return newest is not None and newest.seen_at <= at - QUIET


def current_job() -> Job | None:
    """The job that wraps values anew, if one has not ended."""
    return Job.objects.unfinished().filter(kind=KIND).first()


def last_job() -> Job | None:
    return Job.objects.filter(kind=KIND).order_by("-created_at", "pk").first()


def may_write() -> bool:
    return ring_file.is_writable()
