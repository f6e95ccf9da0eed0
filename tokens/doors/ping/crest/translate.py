"""A filter and an order as the ORM takes them, by a mapping from pointers to columns.

A field that the mapping does not hold matches nothing, as in the vendor's product, so a filter
cannot find out what else a table holds. Only declared columns ever reach the ORM, and values
only as parameters.
"""

import operator
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from django.db.models import F, Q
from django.db.models.expressions import OrderBy
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive
from django.utils.translation import gettext as _

from tokens.doors.ping.crest.errors import BadQuery
from tokens.doors.ping.crest.filter import And, Comparison, Filter, Literal, Not, Op, Or, Value
from tokens.doors.ping.crest.page import CookieValue, SortKey
from tokens.doors.ping.crest.pointer import Pointer

NOTHING: Final = Q(pk__in=[])
"""Matches no row; the ORM knows it and asks the database nothing."""

EVERYTHING: Final = ~NOTHING

LARGEST_INTEGER: Final = 2**63 - 1
"""No column holds more, and SQLite fails on more."""

ORDERED: Final = {
    Op.EQUAL: "exact",
    Op.LESS: "lt",
    Op.LESS_OR_EQUAL: "lte",
    Op.GREATER: "gt",
    Op.GREATER_OR_EQUAL: "gte",
}
COMPARED: Final[Mapping[Op, Callable[[str, str], bool]]] = {
    Op.EQUAL: operator.eq,
    Op.LESS: operator.lt,
    Op.LESS_OR_EQUAL: operator.le,
    Op.GREATER: operator.gt,
    Op.GREATER_OR_EQUAL: operator.ge,
}
TEXTUAL: Final = {Op.CONTAINS: "icontains", Op.STARTS_WITH: "istartswith"}
"""Without case, as the vendor compares; `eq` is exact. The lookups escape % and _ themselves."""


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    UUID = "uuid"


class Part(Protocol):
    """One field that can be filtered by."""

    def compare(self, op: Op, value: Value) -> Q: ...

    def present(self) -> Q: ...


@dataclass(frozen=True, slots=True)
class Column:
    """A field that is a column; only columns can be sorted by.

    `path` is as the ORM writes it and ends at a value, not at a relation (`identity__id`).
    """

    path: str
    kind: Kind = Kind.TEXT
    nullable: bool = False

    def compare(self, op: Op, value: Value) -> Q:
        if value is None:
            return ~self.present() if op is Op.EQUAL else NOTHING
        if op in TEXTUAL:
            return self._textual(op, value)
        if self.kind is Kind.BOOLEAN and op is not Op.EQUAL:
            return NOTHING
        wanted = _as(self.kind, value)
        return NOTHING if wanted is None else Q(**{f"{self.path}__{ORDERED[op]}": wanted})

    def _textual(self, op: Op, value: Value) -> Q:
        if self.kind not in (Kind.TEXT, Kind.UUID) or not isinstance(value, str):
            return NOTHING
        return Q(**{f"{self.path}__{TEXTUAL[op]}": value})

    def present(self) -> Q:
        """An empty text counts as absent: it is left out of the answer."""
        there = Q(**{f"{self.path}__isnull": False})
        return there & ~Q(**{self.path: ""}) if self.kind is Kind.TEXT else there


@dataclass(frozen=True, slots=True)
class Derived:
    """A field whose few values each stand for a condition ("active": not disabled)."""

    values: Mapping[str, Q]

    def compare(self, op: Op, value: Value) -> Q:
        if not isinstance(value, str):
            return NOTHING
        found = NOTHING
        for candidate, condition in self.values.items():
            if _matches(op, candidate, value):
                found = found | condition
        return found

    def present(self) -> Q:
        return EVERYTHING


Parts = Mapping[Pointer, Part]


def to_q(query: Filter, parts: Parts) -> Q:
    """The condition that a filter states; as deep as the parser lets a filter be."""
    match query:
        case Literal(value=value):
            return EVERYTHING if value else NOTHING
        case Not(part=part):
            return ~to_q(part, parts)
        case And(parts=inner):
            return Q(*[to_q(part, parts) for part in inner])
        case Or(parts=inner):
            return Q(*[to_q(part, parts) for part in inner], _connector=Q.OR)
        case Comparison(pointer=pointer, op=op, value=value):
            found = parts.get(pointer)
            return found.compare(op, value) if found else NOTHING
        case _:
            found = parts.get(query.pointer)
            return found.present() if found else NOTHING


@dataclass(frozen=True, slots=True)
class Order:
    """A total order: the columns asked for, then the primary key."""

    columns: tuple[tuple[Column, bool], ...]
    """Each with whether it runs downwards."""

    def expressions(self) -> list[OrderBy]:
        """For `order_by`. Nothing sorts before everything on every database."""
        return [
            F(column.path).desc(nulls_last=_last(column))
            if down
            else F(column.path).asc(nulls_first=_last(column))
            for column, down in self.columns
        ]

    def paths(self) -> list[str]:
        """For `values_list`, to read the sort values of a page's last row."""
        return [column.path for column, _down in self.columns]

    def after(self, last: Sequence[CookieValue]) -> Q:
        """The rows behind the one with these sort values.

        Raises:
            BadQuery: they do not fit this order.
        """
        if len(last) != len(self.columns):
            raise _stale_cookie()
        found, same = NOTHING, EVERYTHING
        for (column, down), raw in zip(self.columns, last, strict=True):
            value = None if raw is None else _as(column.kind, raw)
            if value is None and (raw is not None or not column.nullable):
                raise _stale_cookie()
            found = found | (same & _behind(column, down, value))
            same = same & (
                Q(**{f"{column.path}__isnull": True})
                if value is None
                else Q(**{column.path: value})
            )
        return found


def to_order(sort_keys: Sequence[SortKey], parts: Parts, *, key: Column | None = None) -> Order:
    """The order asked for; `key`, the primary key, ends it.

    Raises:
        BadQuery: a field cannot be sorted by.
    """
    columns: dict[str, tuple[Column, bool]] = {}
    for sort_key in sort_keys:
        column = parts.get(sort_key.pointer)
        if not isinstance(column, Column):
            message = _("The list cannot be sorted by this field: %(name)s")
            name = "/".join(sort_key.pointer)
            raise BadQuery(message % {"name": name}, field="_sortKeys")
        columns.setdefault(column.path, (column, sort_key.descending))
    key = key or Column("pk", Kind.UUID)
    columns.setdefault(key.path, (key, False))
    return Order(tuple(columns.values()))


def cookie_values(row: Sequence[object]) -> list[CookieValue]:
    """Sort values as a cookie holds them."""
    return [_plain(value) for value in row]


def _plain(value: object) -> CookieValue:
    if value is None or isinstance(value, str | int | float):
        return value
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _stale_cookie() -> BadQuery:
    message = _("The _pagedResultsCookie is not one of this query; start again without it")
    return BadQuery(message, field="_pagedResultsCookie")


def _last(column: Column) -> bool | None:
    return True if column.nullable else None


def _behind(column: Column, down: bool, value: object) -> Q:
    """The rows whose value sorts behind this one; nothing (None) sorts lowest."""
    if value is None:
        return NOTHING if down else Q(**{f"{column.path}__isnull": False})
    if not down:
        return Q(**{f"{column.path}__gt": value})
    lower = Q(**{f"{column.path}__lt": value})
    return lower | Q(**{f"{column.path}__isnull": True}) if column.nullable else lower


def _as(kind: Kind, value: CookieValue) -> object:
    """The value as the column holds it, or None where it is of another kind."""
    if kind is Kind.BOOLEAN or isinstance(value, bool):
        return value if kind is Kind.BOOLEAN and isinstance(value, bool) else None
    if kind is Kind.NUMBER:
        fits = isinstance(value, int | float) and abs(value) <= LARGEST_INTEGER
        return value if fits else None
    if not isinstance(value, str):
        return None
    read = READERS.get(kind)
    return read(value) if read else value


def _time(text: str) -> datetime | None:
    try:
        time = parse_datetime(text)
    except ValueError:
        return None
    return None if time is None or is_naive(time) else time


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


READERS: Final[Mapping[Kind, Callable[[str], object]]] = {Kind.TIME: _time, Kind.UUID: _uuid}


def _matches(op: Op, candidate: str, value: str) -> bool:
    if op is Op.CONTAINS:
        return value.casefold() in candidate.casefold()
    if op is Op.STARTS_WITH:
        return candidate.casefold().startswith(value.casefold())
    return bool(COMPARED[op](candidate, value))
