"""Rows as the vendor's clients read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django.http import QueryDict

from tokens.access_tokens.claims import issuer
from tokens.doors.servicenow.calls import Call
from tokens.doors.servicenow.columns import Column, Kind, written
from tokens.doors.servicenow.errors import Refused
from tokens.doors.servicenow.table import MOST_STEPS, Table, tables

MOST_FIELDS: Final = 200


class Display(StrEnum):
    """Whether values are told, what people read in their place, or both."""

    FALSE = "false"
    TRUE = "true"
    ALL = "all"


@dataclass(frozen=True)
class Cell:
    """One field of one row."""

    value: str
    shown: str
    link: str = ""
    """Of a reference that names something: where that is."""


@dataclass(frozen=True)
class Form:
    """How documents are written."""

    display: Display = Display.FALSE
    links: bool = True
    fields: tuple[str, ...] = ()
    """Empty: all that there are."""

    @classmethod
    def of(cls, sent: QueryDict) -> Form:
        display = sent.get("sysparm_display_value", "").lower()
        named = [name.strip() for name in sent.get("sysparm_fields", "").split(",")]
        return cls(
            Display(display) if display in list(Display) else Display.FALSE,
            sent.get("sysparm_exclude_reference_link", "").lower() != "true",
            tuple(dict.fromkeys(name for name in named if name))[:MOST_FIELDS],
        )

    def written(self, cell: Cell, *, reference: bool) -> Any:
        linked = {"link": cell.link} if reference and self.links and cell.link else {}
        match self.display:
            case Display.ALL:
                return {"display_value": cell.shown, "value": cell.value} | linked
            case Display.TRUE:
                return {"display_value": cell.shown} | linked if linked else cell.shown
            case _:
                return linked | {"value": cell.value} if linked else cell.value


def documents(call: Call, table: Table, rows: Sequence[Any], form: Form) -> list[dict[str, Any]]:
    """The fields that are asked for, of each row; those that there are not are left out."""
    found: list[dict[str, Any]] = [{} for _row in rows]
    walked: Walked = {}
    for name in form.fields or table.columns:
        cells = column_of(call, table, rows, name, walked)
        if cells is None:
            continue
        for document, cell in zip(found, cells, strict=True):
            document[name] = form.written(cell, reference=bool(cell.link))
    return found


def document(call: Call, table: Table, row: Any, form: Form) -> dict[str, Any]:
    return documents(call, table, [row], form)[0]


MOST_WALKS: Final = 20
"""Kinds of other records in one answer: each is a statement, and as many rows again."""
Walked = dict[tuple[str, ...], tuple[Table, list[Any]]]
"""What the rows of one answer name, by the steps that lead there: read once for all fields."""


def column_of(
    call: Call, table: Table, rows: Sequence[Any], name: str, walked: Walked | None = None
) -> list[Cell] | None:
    """A column of the rows, or of what they name; None where there is none.

    What is named and the caller may not read is empty.

    Raises:
        Refused: the answer would name too much.
    """
    *steps, last = name.split(".")
    if len(steps) >= MOST_STEPS:
        return None
    here: list[Any] = list(rows)
    walked = {} if walked is None else walked
    for taken, step in enumerate(steps, start=1):
        prefix = tuple(steps[:taken])
        if prefix in walked:
            table, here = walked[prefix]
            continue
        column = table.columns.get(step)
        if column is None or column.kind is not Kind.REFERENCE:
            return None
        table = tables[column.table]
        if column.path:
            named = [None if row is None else column.read(row) for row in here]
            readable = table.readable(call).select_related(*table.related)
            found = readable.in_bulk({pk for pk in named if pk is not None})
            here = [found.get(pk) for pk in named]
        if len(walked) >= MOST_WALKS:
            raise Refused(f"sysparm_fields leads to more than {MOST_WALKS} kinds of records.")
        walked[prefix] = (table, here)
    column = table.columns.get(last)
    if column is None:
        return None
    return [EMPTY if row is None else cell(column, row) for row in here]


EMPTY: Final = Cell("", "")


def cell(column: Column, row: Any) -> Cell:
    found = column.read(row)
    if column.kind is Kind.TIME:
        value = written(found)
    elif column.kind is Kind.TRUTH:
        value = "true" if found else "false"
    elif column.kind in (Kind.ID, Kind.REFERENCE):
        value = "" if found is None else column.ids.sys_id(found)
    else:
        value = "" if found is None else str(found)
    shown = column.shown(row) if column.shown and value else value
    is_link = column.kind is Kind.REFERENCE and value
    return Cell(value, shown, address(column.table, value) if is_link else "")


def address(table: str, sys_id: str) -> str:
    return f"{issuer()}/api/now/table/{table}/{sys_id}"
