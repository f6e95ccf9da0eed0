"""Which keys and tokens worked when a backup was made, and which of them work no longer.

A restore brings them back, and whoever ended them meanwhile must know.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from accounts.models import Identity
from console.backups.archive import Reader, Writer
from tokens.models import Credential

MEMBER: Final = "credentials.jsonl"
WORKING: Final = (
    "SELECT c.id, c.kind, i.user_name, c.name, c.key_id "
    "FROM tokens_credential c JOIN accounts_identity i ON i.id = c.identity_id "
    "WHERE c.revoked_at IS NULL AND i.disabled_at IS NULL AND i.deleted_at IS NULL ORDER BY c.id"
)
"""Over a copy of either database; those that ran out by themselves do so again after a restore."""
AT_ONCE: Final = 500


@dataclass(frozen=True)
class Working:
    """A key or token that proved something, by the names that people know it by."""

    id: str
    kind: str
    user_name: str
    name: str
    """Of a token; of a key its key ID."""


def write(writer: Writer, rows: Iterable[tuple[Any, ...]]) -> int:
    """Write the rows of `WORKING`; returns how many."""
    many = 0
    with writer.member(MEMBER) as member:
        for id_, kind, user_name, name, key_id in rows:
            working = Working(str(UUID(str(id_))), kind, user_name, name or key_id)
            member.write(json.dumps(asdict(working)).encode() + b"\n")
            many += 1
    return many


def revived(reader: Reader) -> Iterator[Working]:
    """Those that a restore of this backup would revive here: they were ended since."""
    waiting: list[Working] = []
    with reader.member(MEMBER) as member:
        for line in member:
            waiting.append(Working(**json.loads(line)))
            if len(waiting) >= AT_ONCE:
                yield from _ended(waiting)
                waiting = []
    yield from _ended(waiting)


def _ended(candidates: list[Working]) -> Iterator[Working]:
    alive = {
        str(found)
        for found in Credential.objects.filter(
            pk__in=[each.id for each in candidates],
            revoked_at=None,
            identity__in=Identity.objects.filter(disabled_at=None, deleted_at=None),
        ).values_list("pk", flat=True)
    }
    return (each for each in candidates if each.id not in alive)
