"""The same questions of rows that stand in no table: each is looked at in turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from tokens.doors.servicenow.calls import Call
from tokens.doors.servicenow.conditions import known_order
from tokens.doors.servicenow.documents import Cell, column_of
from tokens.doors.servicenow.query import NEGATIVE, Condition, Operator, Query
from tokens.doors.servicenow.table import Table

COMPARED: Final[Mapping[Operator, Callable[[str, str], bool]]] = {
    Operator.IS: lambda has, asked: has.casefold() == asked.casefold(),
    Operator.LIKE: lambda has, asked: asked.casefold() in has.casefold(),
    Operator.STARTS_WITH: lambda has, asked: has.casefold().startswith(asked.casefold()),
    Operator.ENDS_WITH: lambda has, asked: has.casefold().endswith(asked.casefold()),
    Operator.MORE: lambda has, asked: has > asked,
    Operator.LESS: lambda has, asked: has < asked,
    Operator.AT_LEAST: lambda has, asked: has >= asked,
    Operator.AT_MOST: lambda has, asked: has <= asked,
}


def narrowed(call: Call, table: Table, query: Query) -> list[Any]:
    """The rows that the caller may read and asks for, in the order asked."""
    assert table.computed is not None
    rows = table.computed(call, query)
    kept = [False] * len(rows) if query.alternatives else [True] * len(rows)
    asked_at_all = False
    for groups in query.alternatives:
        fits = [found for group in groups if (found := _any(call, table, rows, group)) is not None]
        if fits:
            asked_at_all = True
            kept = [k or all(each) for k, each in zip(kept, zip(*fits, strict=True), strict=True)]
    found = [row for row, k in zip(rows, kept, strict=True) if k or not asked_at_all]
    for name, falls in reversed(known_order(table, query)):
        cells = column_of(call, table, found, name) or []
        places = sorted(range(len(found)), key=lambda i: cells[i].value, reverse=falls)
        found = [found[i] for i in places]
    return found


def _any(
    call: Call, table: Table, rows: Sequence[Any], conditions: Sequence[Condition]
) -> list[bool] | None:
    found: list[bool] | None = None
    for condition in conditions:
        cells = column_of(call, table, rows, condition.name)
        if cells is None:
            continue
        fits = [_fits(cell, condition) for cell in cells]
        found = fits if found is None else [a or b for a, b in zip(found, fits, strict=True)]
    return found


def _fits(cell: Cell, condition: Condition) -> bool:
    operator = NEGATIVE.get(condition.operator, condition.operator)
    if operator is Operator.IS_EMPTY:
        found = not cell.value
    elif operator is Operator.IN:
        found = cell.value in condition.values
    else:
        by_words = operator in (Operator.LIKE, Operator.STARTS_WITH, Operator.ENDS_WITH)
        found = COMPARED[operator](cell.shown if by_words else cell.value, condition.value)
    return not found if condition.operator in NEGATIVE else found
