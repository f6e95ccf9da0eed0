"""What an event is, as bytes; the same for each reading of it, and another after any change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from accounts.audit.models import Event

MARK_BYTES: Final = 16
"""Of a SHA-256: nobody finds another event with the same 128 bits."""
COLUMNS: Final = (
    *("id", "at", "action", "outcome", "actor_kind", "actor_id", "actor_label"),
    *("subject_type", "subject_id", "subject_label", "reason", "detail", "address", "user_agent"),
    *("request_id", "credential_kind", "credential_id", "credential_label"),
)
"""All of them, in an order that never changes. A column that comes later is left out where it is
empty, or what was written before would look changed."""
AT_ONCE: Final = 2000

Range = tuple[int, int]


def of_row(row: Sequence[Any]) -> bytes:
    """`row` holds the values of `COLUMNS`."""
    text = json.dumps(row, default=_plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()[:MARK_BYTES]


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"an event holds a {type(value).__name__}")


def rows_in(ranges: Iterable[Range]) -> Iterator[tuple[Any, ...]]:
    """The events of these ids that are there, each as the values of `COLUMNS`, by id."""
    for first, last in ranges:
        rows = Event.objects.filter(pk__gte=first, pk__lte=last).order_by("pk")
        yield from rows.values_list(*COLUMNS).iterator(chunk_size=AT_ONCE)


def as_ranges(ids: Sequence[int]) -> list[Range]:
    """Ids in ascending order, as rows of neighbours."""
    if not ids:
        return []
    breaks = [(a, b) for a, b in pairwise(ids) if b != a + 1]
    firsts = [ids[0], *(b for _a, b in breaks)]
    lasts = [*(a for a, _b in breaks), ids[-1]]
    return list(zip(firsts, lasts, strict=True))


def between(ids: Sequence[int], first: int, last: int) -> list[Range]:
    """The ids from `first` to `last` that are not among `ids`, as rows of neighbours."""
    edges = [first - 1, *ids, last + 1]
    return [(a + 1, b - 1) for a, b in pairwise(edges) if b > a + 1]
