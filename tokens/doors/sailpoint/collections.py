"""Collections: a part of all rows as a JSON array, filtered and sorted as the caller asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from django.db.models import Case, Model, OrderBy, QuerySet
from django.http import HttpResponse, QueryDict

from tokens.doors.sailpoint.calls import Call
from tokens.doors.sailpoint.errors import Refused, answer
from tokens.doors.sailpoint.fields import Fields, question
from tokens.doors.sailpoint.filters import parse

MOST: Final = 250
"""Rows of one answer, and how many there are where nobody says."""
FARTHEST: Final = 2**31
STANDARD: Final = frozenset({"limit", "offset", "count", "filters", "sorters"})
MOST_SORTERS: Final = 5

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Collection:
    """How one collection is asked for."""

    order: Sequence[str]
    """By columns, where the caller names none; the last one tells all rows apart."""
    fields: Fields = field(default_factory=dict)
    sorters: Mapping[str, str | Case] = field(default_factory=dict)
    """Columns, or what is worked out, by the vendor's names."""
    parameters: frozenset[str] = frozenset()
    """What else may stand in the address; the view reads it."""
    page: int = MOST


@dataclass(frozen=True)
class Wanted:
    limit: int
    offset: int
    count: bool


def listed(
    call: Call,
    rows: QuerySet[M],
    collection: Collection,
    documents: Callable[[Sequence[M]], list[Any]],
) -> HttpResponse:
    """The rows that are asked for, as documents.

    Raises:
        Refused: a parameter is not supported, or cannot be read.
    """
    sent = call.request.GET
    wanted = _wanted(sent, collection)
    if text := sent.get("filters", "").strip():
        rows = rows.filter(question(parse(text), collection.fields))
    ordered = rows.order_by(*_order(sent.get("sorters", ""), collection))
    page = list(ordered[wanted.offset : wanted.offset + wanted.limit]) if wanted.limit else []
    response = answer(documents(page) if page else [])
    if wanted.count:
        response["X-Total-Count"] = str(rows.count())
    return response


def check_parameters(sent: QueryDict, known: frozenset[str]) -> None:
    """What is not understood is refused: it could be meant to narrow what is answered.

    Raises:
        Refused: there is such a parameter, one stands twice, or is no text.
    """
    for name, values in sent.lists():
        if name not in known:
            raise Refused(f"There is no parameter “{name[:60]}” here.")
        if len(values) > 1:
            raise Refused(f"The parameter “{name}” stands twice.")
        if "\0" in values[0]:
            raise Refused(f"{name} holds a NUL.")


def truth(sent: QueryDict, name: str) -> bool:
    """A parameter that is true or false; false where it is absent.

    Raises:
        Refused: it is neither.
    """
    text = sent.get(name, "").lower()
    if text not in ("", "true", "false"):
        raise Refused(f"{name} must be true or false.")
    return text == "true"


def _wanted(sent: QueryDict, collection: Collection) -> Wanted:
    check_parameters(sent, STANDARD | collection.parameters)
    return Wanted(
        limit=_number(sent, "limit", collection.page, most=MOST),
        offset=_number(sent, "offset", 0, most=FARTHEST),
        count=truth(sent, "count"),
    )


def _number(sent: QueryDict, name: str, default: int, *, most: int) -> int:
    text = sent.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()) or len(text) > 10 or int(text) > most:
        raise Refused(f"{name} must be a whole number from 0 to {most}.")
    return int(text)


def _order(text: str, collection: Collection) -> list[str | OrderBy]:
    """The columns to order by; what tells rows apart comes last."""
    names = [name.strip() for name in text.split(",")] if text.strip() else []
    if len(names) > MOST_SORTERS:
        raise Refused(f"sorters: Name at most {MOST_SORTERS}.")
    order: list[str | OrderBy] = []
    for name in names:
        plain = name.removeprefix("-").removeprefix("+")
        if plain not in collection.sorters:
            known = ", ".join(collection.sorters) or "none"
            raise Refused(f"sorters: “{plain[:60]}” cannot be sorted by. Fields are: {known}.")
        column, falls = collection.sorters[plain], name.startswith("-")
        if isinstance(column, str):
            order.append(f"-{column}" if falls else column)
        else:
            order.append(OrderBy(column, descending=falls))
    if not order:
        return list(collection.order)
    return [*order, collection.order[-1]]
