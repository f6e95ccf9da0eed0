"""Lists as CSV files, for every door alike: who may take one, what stands in it, what the log says.

Read while it is sent, so that memory does not grow with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from django.db.models import Model, QuerySet

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.lib.csv_safety import stream_csv

M = TypeVar("M", bound=Model)

CONTENT_TYPE: Final = "text/csv"
BATCH: Final = 1_000
"""Rows read at a time."""
LONGEST_FILTER: Final = 200
"""Characters of a filter that the audit log keeps."""


@dataclass(frozen=True)
class CsvList(Generic[M]):
    """One list that can be taken as a file."""

    name: str
    """Of the file, without day and ending."""
    action: str
    """What the audit log calls it."""
    needs: Permission
    header: tuple[str, ...]
    """Names for programs: they are not translated."""
    lines: Callable[[QuerySet[M], datetime], Iterable[Sequence[object]]]
    """The cells of each row, in the order of the file."""

    def take(
        self, *, by: Actor, rows: QuerySet[M], filters: Mapping[str, object], at: datetime
    ) -> Iterator[bytes]:
        """`rows` are those that they see; `filters` say what narrows these, for the log.

        Raises:
            NotAllowed
        """
        check_may(by, self.needs)
        record(self.action, by=by, detail={"filters": _told(filters)}, at=at)
        return stream_csv(self.header, self.lines(rows, at))

    def file_name(self, at: datetime) -> str:
        return f"{self.name}-{at:%Y-%m-%d}.csv"


def in_batches(rows: QuerySet[M], *order: str) -> Iterator[M]:
    """The rows in that order, without all of them in memory."""
    return rows.order_by(*order).iterator(chunk_size=BATCH)


def _told(filters: Mapping[str, object]) -> dict[str, Any]:
    """Not as "q": the log masks that name, which is a member of private RSA keys."""
    return {
        "search" if name == "q" else name: str(value)[:LONGEST_FILTER]
        for name, value in filters.items()
        if value not in (None, "")
    }
