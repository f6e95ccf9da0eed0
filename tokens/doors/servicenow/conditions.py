"""From a query to what the database is asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import and_, or_
from typing import Any, Final

from django.db.models import (
    BooleanField,
    Exists,
    Expression,
    ExpressionWrapper,
    F,
    OrderBy,
    OuterRef,
    Q,
    QuerySet,
)

from accounts.lib.names import skeleton
from tokens.doors.servicenow.calls import Call
from tokens.doors.servicenow.columns import NEVER, TIME_FORMAT, Asked, Column, Kind
from tokens.doors.servicenow.query import NEGATIVE, Condition, Operator, Query
from tokens.doors.servicenow.table import MOST_STEPS, Table, tables

TRUE: Final = frozenset({"true", "1"})
FALSE: Final = frozenset({"false", "0", ""})
LOOKUPS: Final[Mapping[Operator, str]] = {
    Operator.IS: "exact",
    Operator.LIKE: "icontains",
    Operator.STARTS_WITH: "istartswith",
    Operator.ENDS_WITH: "iendswith",
    Operator.MORE: "gt",
    Operator.LESS: "lt",
    Operator.AT_LEAST: "gte",
    Operator.AT_MOST: "lte",
}
SECOND: Final = timedelta(seconds=1)


def narrowed(call: Call, table: Table, query: Query) -> QuerySet[Any]:
    """The rows that the caller may read and asks for, in the order asked."""
    asking = _Asking(call)
    found = asking.question(table, query)
    order = [asking.order(table.columns[name], falls) for name, falls in known_order(table, query)]
    rows = table.readable(call).alias(**asking.aliases)
    narrowed: QuerySet[Any] = rows.filter(found).order_by(*order, "pk")
    return narrowed


def known_order(table: Table, query: Query) -> list[tuple[str, bool]]:
    """What to order by: columns of the table itself; others may not be for the caller."""
    known = table.columns
    return [(n, falls) for n, falls in query.order if n in known and not known[n].same]


class _Asking:
    """Collects the names under which what is compared goes into one statement."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.aliases: dict[str, Any] = {}

    def question(self, table: Table, query: Query) -> Q:
        """What cannot be read is left out; where nothing is left, everything is meant."""
        alternatives = []
        for groups in query.alternatives:
            found = [group for each in groups if (group := self._any(table, each)) is not None]
            if found:
                alternatives.append(reduce(and_, found))
        return reduce(or_, alternatives) if alternatives else Q()

    def _any(self, table: Table, conditions: tuple[Condition, ...]) -> Q | None:
        found = [q for each in conditions if (q := self._condition(table, each)) is not None]
        return reduce(or_, found) if found else None

    def _condition(self, table: Table, condition: Condition) -> Q | None:
        """None where there is no such column."""
        start, allowed = "", Q()
        *steps, last = condition.path
        if len(steps) >= MOST_STEPS:
            return None
        for name in steps:
            column = table.columns.get(name)
            if column is None or column.kind is not Kind.REFERENCE:
                return None
            table = tables[column.table]
            if column.path:
                # what a row says that the caller may not read is not found out by asking for it
                start += f"{column.path}__"
                visible = table.readable(self.call).filter(pk=OuterRef(f"{start}pk"))
                allowed &= Q(Exists(visible))
        found = table.columns.get(last)
        if found is None:
            return None
        return allowed & self._compared(found, start, condition)

    def _compared(self, column: Column, start: str, condition: Condition) -> Q:
        operator = NEGATIVE.get(condition.operator, condition.operator)
        if operator is Operator.IS and not condition.value:
            operator = Operator.IS_EMPTY
        values = condition.values if operator is Operator.IN else [condition.value]
        match column.kind:
            case Kind.TRUTH:
                assert column.when is not None
                found = _truth(column.when(start), operator, values)
            case Kind.TIME:
                found = self._time(column, start, operator, values)
            case Kind.ID | Kind.REFERENCE:
                found = self._id(column, start, operator, values)
            case _:
                found = self._text(column, start, operator, values)
        return ~found if condition.operator in NEGATIVE else found

    def _text(self, column: Column, start: str, operator: Operator, values: list[str]) -> Q:
        asked = self._named(column, start)
        if operator is Operator.IS_EMPTY:
            return Q(**{asked: ""}) | Q(**{f"{asked}__isnull": True})
        known = Q(**{f"{asked}__isnull": False})
        if operator is Operator.IN:
            return known & Q(**{f"{asked}__in": values})
        found = known & Q(**{f"{asked}__{LOOKUPS[operator]}": values[0]})
        if operator is not Operator.IS or not column.folded:
            return found
        # by the index first; then in whatever capitals
        return Q(**{f"{start}{column.folded}": skeleton(values[0])}) & Q(
            **{f"{asked}__iexact": values[0]}
        )

    def _id(self, column: Column, start: str, operator: Operator, values: list[str]) -> Q:
        asked = self._named(column, start)
        if operator is Operator.IS_EMPTY:
            return Q(**{f"{asked}__isnull": True})
        known = Q(**{f"{asked}__isnull": False})
        if operator in (Operator.IS, Operator.IN):
            meant = [pk for each in values if (pk := column.ids.pk(each)) is not None]
            return known & Q(**{f"{asked}__in": meant})
        if not column.shown_path or operator not in LOOKUPS:
            return NEVER
        shown = F(f"{start}{column.path}__{column.shown_path}")
        return known & Q(**{f"{self._alias(shown)}__{LOOKUPS[operator]}": values[0]})

    def _time(self, column: Column, start: str, operator: Operator, values: list[str]) -> Q:
        asked = self._named(column, start)
        if operator is Operator.IS_EMPTY:
            return Q(**{f"{asked}__isnull": True})
        known = Q(**{f"{asked}__isnull": False})
        found = [_within(asked, operator, at) for text in values if (at := moment(text))]
        return known & reduce(or_, found, NEVER)

    def _named(self, column: Column, start: str) -> str:
        assert column.ask is not None
        return self._alias(column.ask(start))

    def _alias(self, asked: Asked) -> str:
        name = f"asked_{len(self.aliases)}"
        self.aliases[name] = asked
        return name

    def order(self, column: Column, falls: bool) -> OrderBy:
        asked: Expression | F
        if column.when is not None:
            asked = ExpressionWrapper(column.when(""), output_field=BooleanField())
        else:
            assert column.ask is not None
            asked = column.ask("")
        return OrderBy(F(self._alias(asked)), descending=falls)


def _truth(when: Q, operator: Operator, values: list[str]) -> Q:
    if operator not in (Operator.IS, Operator.IN):
        return NEVER  # it is never empty, and nothing stands within it
    found = NEVER
    for value in values:
        if value.lower() in TRUE:
            found |= when
        elif value.lower() in FALSE:
            found |= ~when
    return found


def _within(asked: str, operator: Operator, at: datetime) -> Q:
    """Times are told to the second, and so they are compared."""
    match operator:
        case Operator.IS | Operator.IN:
            return Q(**{f"{asked}__gte": at, f"{asked}__lt": at + SECOND})
        case Operator.MORE:
            return Q(**{f"{asked}__gte": at + SECOND})
        case Operator.AT_LEAST:
            return Q(**{f"{asked}__gte": at})
        case Operator.LESS:
            return Q(**{f"{asked}__lt": at})
        case Operator.AT_MOST:
            return Q(**{f"{asked}__lt": at + SECOND})
        case _:
            return NEVER


def moment(text: str) -> datetime | None:
    """A time as the vendor writes it, or a day; None where it is neither."""
    for form in (TIME_FORMAT, "%Y-%m-%d"):
        try:
            found = datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        # what a database cannot add a second to is no time that anything happened at
        return found if 1 < found.year < 9999 else None
    return None
