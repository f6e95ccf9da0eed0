"""Places in a list that is read page by page: by the value it is ordered by, never by offset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core import signing
from django.db.models import F, Model, Q


@dataclass(frozen=True)
class Order:
    """A column that a list may be ordered by: one field, with the primary key as tie-breaker."""

    name: str
    field: str
    nullable: bool = False


def ordering(order: Order, *, ascending: bool) -> list[Any]:
    expression = F(order.field)
    if ascending:
        return [expression.asc(nulls_last=True) if order.nullable else expression.asc(), "pk"]
    return [expression.desc(nulls_first=True) if order.nullable else expression.desc(), "-pk"]


def beyond(order: Order, position: tuple[Any, str], *, ascending: bool) -> Q:
    """Rows past a position; where the field may be null, nulls come last (first if reversed)."""
    value, key = position
    side = "gt" if ascending else "lt"
    tie = Q(**{f"{order.field}": value, f"pk__{side}": key})
    if value is None:
        same = Q(**{f"{order.field}__isnull": True, f"pk__{side}": key})
        return same if ascending else same | Q(**{f"{order.field}__isnull": False})
    past = Q(**{f"{order.field}__{side}": value}) | tie
    if order.nullable and ascending:
        return past | Q(**{f"{order.field}__isnull": True})
    # says nothing new, but lets the database enter its index at the position
    return past & Q(**{f"{order.field}__{side}e": value})


def write(row: Model, order: Order, descending: bool, *, salt: str) -> str:
    """The place of a row, signed, so that nobody makes up one that was not handed out."""
    value: Any = row
    for part in order.field.split("__"):
        value = getattr(value, part, None)
    kind = "t" if isinstance(value, datetime) else "v"
    plain = value.isoformat() if isinstance(value, datetime) else value
    parts = [order.name, descending, kind, plain, str(row.pk)]
    return signing.dumps(parts, salt=salt, compress=True)


def read(text: str, order: Order, descending: bool, *, salt: str) -> tuple[Any, str] | None:
    """The value and key of a place; None where it is forged, or of another order."""
    if not text:
        return None
    try:
        name, was_descending, kind, value, key = signing.loads(text, salt=salt)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if name != order.name or was_descending != descending:
        return None
    return (datetime.fromisoformat(value) if kind == "t" else value), key
