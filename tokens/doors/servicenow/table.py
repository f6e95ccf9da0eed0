"""A table of the vendor, as the parts of this door know it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import QuerySet

from tokens.doors.servicenow.columns import Column
from tokens.doors.servicenow.ids import UUIDS, Ids

if TYPE_CHECKING:
    from tokens.doors.servicenow.calls import Call
    from tokens.doors.servicenow.query import Query

MOST_STEPS: Final = 4
"""From a row to another to a column of it: `user.manager.user_name` has three."""

Sent = Mapping[str, str]
"""The fields of a body, as text."""


@dataclass(frozen=True)
class Table:
    """One of the vendor's tables, over rows of ours.

    `rows` are those that the caller may read; what is written goes by the actions of the domain,
    which ask for themselves.
    """

    name: str
    columns: Mapping[str, Column]
    rows: Callable[[Call], QuerySet[Any]] | None = None
    computed: Callable[[Call, Query], Sequence[Any]] | None = None
    """In place of `rows`, where they stand in no table: all that a query may ask for."""
    near: Callable[[Call, Any], Query | None] | None = None
    """Of what is computed: a query that the record of an id meets, and few others; None where there
    is no such record."""
    related: Sequence[str] = ()
    """What is read along with each row."""
    ids: Ids = UUIDS
    insert: Callable[[Call, Sent], Any] | None = None
    update: Callable[[Call, Any, Sent], Any] | None = None
    delete: Callable[[Call, Any], None] | None = None
    instead: str = ""
    """What to tell those who would write where nothing is written."""

    def readable(self, call: Call) -> QuerySet[Any]:
        assert self.rows is not None
        return self.rows(call)


tables: dict[str, Table] = {}
"""By name; entered by `tokens.doors.servicenow.tables`."""
