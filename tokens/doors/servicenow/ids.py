"""The 32 hexadecimal digits by which the vendor's clients name a record.

Of what has a UUID they are that; of the rest they are made of its own id, so that they stay and
can be turned back.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

DIGITS = frozenset("0123456789abcdef")
LENGTH = 32


def is_sys_id(text: str) -> bool:
    return len(text) == LENGTH and DIGITS.issuperset(text)


class Ids(Protocol):
    """How the records of a table are named."""

    def sys_id(self, pk: Any) -> str: ...

    def pk(self, sys_id: str) -> Any | None:
        """The id meant; None where it is none of this table."""
        ...


@dataclass(frozen=True)
class OfUuid:
    """`mask` sets two tables apart that are made of the same rows."""

    mask: int = 0

    def sys_id(self, pk: UUID) -> str:
        return f"{pk.int ^ self.mask:032x}"

    def pk(self, sys_id: str) -> UUID | None:
        return UUID(int=int(sys_id, 16) ^ self.mask) if is_sys_id(sys_id) else None


@dataclass(frozen=True)
class OfNumber:
    table: str

    def sys_id(self, pk: int) -> str:
        return f"{self._prefix}{pk:016x}"

    def pk(self, sys_id: str) -> int | None:
        if not is_sys_id(sys_id) or not sys_id.startswith(self._prefix):
            return None
        found = int(sys_id[16:], 16)
        return found if found < 2**63 else None

    @property
    def _prefix(self) -> str:
        return digest(self.table)[:16]


@dataclass(frozen=True)
class OfText:
    """Of what is worked out: its id is the one it is named by."""

    def sys_id(self, pk: str) -> str:
        return pk

    def pk(self, sys_id: str) -> str | None:
        return sys_id if is_sys_id(sys_id) else None


UUIDS = OfUuid()


def digest(text: str) -> str:
    """A stable id of what has only a name."""
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]


def masked(table: str) -> OfUuid:
    return OfUuid(int(digest(table), 16))
