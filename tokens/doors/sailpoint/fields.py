"""What a collection can be filtered and sorted by, and the question to the database it becomes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from django.db.models import Case, Exists, Q, Value, When
from django.db.models.expressions import Combinable, NegatedExpression
from django.utils.dateparse import parse_date, parse_datetime

from tokens.doors.sailpoint.calls import as_id
from tokens.doors.sailpoint.filters import ALONE, BadFilter, Comparison, Joined, Node, Not

LOOKUPS: Final = {"gt": "gt", "ge": "gte", "lt": "lt", "le": "lte"}
TEXT_LOOKUPS: Final = LOOKUPS | {"co": "icontains", "sw": "istartswith"}
LARGEST: Final = 2**63 - 1


class Kind(StrEnum):
    TEXT = "text"
    ID = "id"
    TIME = "time"
    NUMBER = "number"


@dataclass(frozen=True)
class Column:
    """A column that a field is, and the operators that may be used on it."""

    path: str
    operators: str
    kind: Kind = Kind.TEXT

    def question(self, comparison: Comparison) -> Q:
        operator = comparison.operator
        if operator == "isnull":
            return Q(**{f"{self.path}__isnull": True})
        if operator == "pr":
            return Q(**{f"{self.path}__isnull": False})
        values = [self._value(comparison.field, text) for text in comparison.values]
        known = [value for value in values if value is not None]
        if operator in ("in", "eq", "ne"):
            among = Q(**{f"{self.path}__in": known})
            return ~among if operator == "ne" else among
        if not known:
            return NOTHING
        return Q(**{f"{self.path}__{TEXT_LOOKUPS[operator]}": known[0]})

    def _value(self, field: str, text: str) -> Any:
        """The value to compare with; None where nothing can be equal to it."""
        match self.kind:
            case Kind.ID:
                return as_id(text)
            case Kind.TIME:
                return _time(field, text)
            case Kind.NUMBER:
                return _number(field, text)
        return text if "\0" not in text else None


@dataclass(frozen=True)
class Derived:
    """A field that is no column: the question that each of its values amounts to."""

    values: Mapping[str, Q] | Callable[[], Mapping[str, Q]]
    operators: str = "eq in"

    def question(self, comparison: Comparison) -> Q:
        known = self.values() if callable(self.values) else self.values
        operator, found = comparison.operator, NOTHING
        if operator in ALONE:
            # one of the values always holds
            return ~NOTHING if operator == "pr" else NOTHING
        for name, asked in known.items():
            if any(_fits(operator, name, value) for value in comparison.values):
                found |= asked
        return ~found if operator == "ne" else found


@dataclass(frozen=True)
class Absent:
    """A field of the vendor's that nothing here has."""

    operators: str

    def question(self, comparison: Comparison) -> Q:
        return ~NOTHING if comparison.operator in ("isnull", "ne") else NOTHING


@dataclass(frozen=True)
class Asked:
    """A field that is worked out from the values that it is compared with."""

    ask: Callable[[Sequence[str]], Q]
    operators: str

    def question(self, comparison: Comparison) -> Q:
        return self.ask(comparison.values)


Field = Column | Derived | Asked | Absent
Fields = Mapping[str, Field]

NOTHING: Final = Q(pk__in=[])


def worded(values: Mapping[str, Q]) -> Case:
    """What a derived field says, to sort by."""
    return Case(*(When(asked, then=Value(word)) for word, asked in values.items()))


def either(true: Q | Exists | NegatedExpression[Combinable], operators: str = "eq") -> Derived:
    """A field that is true or false."""
    asked = Q(true)
    return Derived({"true": asked, "false": ~asked}, operators)


def _fits(operator: str, name: str, value: str) -> bool:
    match operator:
        case "co":
            return value.lower() in name.lower()
        case "sw":
            return name.lower().startswith(value.lower())
    return name == value


def question(node: Node, fields: Fields) -> Q:
    """What the database is asked.

    Raises:
        BadFilter: a field or operator is not supported, or a value does not fit.
    """
    match node:
        case Not(part):
            return ~question(part, fields)
        case Joined(joint, parts):
            asked = question(parts[0], fields)
            for part in parts[1:]:
                other = question(part, fields)
                asked = asked & other if joint == "and" else asked | other
            return asked
        case Comparison(name, operator):
            field = fields.get(name)
            if field is None:
                raise BadFilter(f"“{name[:60]}” cannot be filtered by. {_choices(fields)}")
            if operator not in field.operators.split():
                said = f"“{name}” takes {', '.join(field.operators.split())}, not “{operator}”."
                raise BadFilter(said)
            return field.question(node)


def _choices(names: Iterable[str]) -> str:
    return f"Fields are: {', '.join(names)}." if names else "There are no such fields here."


def _time(field: str, text: str) -> datetime:
    try:
        found = parse_datetime(text)
        day = parse_date(text) if found is None else None
    except ValueError:
        found = day = None
    if day is not None:
        found = datetime(day.year, day.month, day.day, tzinfo=UTC)
    if found is None:
        raise BadFilter(f"“{field}” takes a time such as 2026-01-31T12:00:00Z.")
    try:
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except OverflowError:
        raise BadFilter(f"“{field}” takes a time between the years 1 and 9999 in UTC.") from None


def _number(field: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text[:19]) > LARGEST or len(text) > 19:
        raise BadFilter(f"“{field}” takes a whole number.")
    return int(text)
