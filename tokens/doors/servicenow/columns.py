"""Columns of the vendor's tables: how each is read of a row, and asked of the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from operator import attrgetter
from typing import Any, Final

from django.db.models import Case, CharField, Expression, F, Q, TextField, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from tokens.doors.servicenow.ids import UUIDS, Ids

TIME_FORMAT: Final = "%Y-%m-%d %H:%M:%S"
NEVER: Final = Q(pk__in=[])

Asked = Expression | F


class Kind(Enum):
    TEXT = auto()
    TRUTH = auto()
    TIME = auto()
    ID = auto()
    """What the row itself is named by."""
    REFERENCE = auto()


@dataclass(frozen=True)
class Column:
    """`ask` and `when` take how the way to the row begins, such as "user__"."""

    kind: Kind
    read: Callable[[Any], Any]
    """Text, bool, time or the id of another row; None and "" are the same."""
    ask: Callable[[str], Asked] | None = None
    when: Callable[[str], Q] | None = None
    """Of what is true or false: when it is true."""
    same: bool = False
    """Whether it has one value for all rows: then there is nothing to order by."""
    folded: str = ""
    """The indexed column that has the text as `skeleton` folds it, where there is one."""
    table: str = ""
    """Of a reference: the table of what it names."""
    path: str = ""
    """Of a reference: the relation; empty where it is the same row in another table."""
    ids: Ids = UUIDS
    shown: Callable[[Any], str] | None = None
    """What people read in place of the value."""
    shown_path: str = ""
    """The column of the row named from which that comes."""


def text(path: str, *, folded: str = "") -> Column:
    return Column(Kind.TEXT, attrgetter(path), lambda start: F(f"{start}{path}"), folded=folded)


def fixed(value: str = "") -> Column:
    """What is the same everywhere, since the vendor's clients set only what they are told of."""
    known = Value(value, output_field=TextField())
    return Column(Kind.TEXT, lambda _row: value, lambda _start: known, same=True)


def never() -> Column:
    return Column(Kind.TRUTH, lambda _row: False, when=lambda _start: NEVER, same=True)


def always() -> Column:
    return Column(Kind.TRUTH, lambda _row: True, when=lambda _start: ~NEVER, same=True)


def truth(read: Callable[[Any], bool], when: Callable[[str], Q]) -> Column:
    return Column(Kind.TRUTH, read, when=when)


def time(path: str) -> Column:
    asked = path.replace(".", "__")
    return Column(Kind.TIME, attrgetter(path), lambda start: F(f"{start}{asked}"))


def sys_id(ids: Ids = UUIDS) -> Column:
    return Column(Kind.ID, attrgetter("pk"), lambda start: F(f"{start}pk"), ids=ids)


def reference(
    path: str, table: str, *, ids: Ids = UUIDS, shown: str = "", nullable: bool = False
) -> Column:
    """`shown` is a column of the row named."""
    named = attrgetter(f"{path}.{shown}") if shown else str

    def display(row: Any) -> str:
        return "" if nullable and getattr(row, path) is None else str(named(row))

    return Column(
        Kind.REFERENCE,
        attrgetter(f"{path}_id"),
        lambda start: F(f"{start}{path}_id"),
        table=table,
        path=path,
        ids=ids,
        shown=display,
        shown_path=shown,
    )


def chosen(path: str, values: Mapping[str, str], default: str = "") -> Column:
    """Text that stands for a value of ours."""

    def ask(start: str) -> Expression:
        cases = [When(Q(**{f"{start}{path}": own}), then=Value(v)) for own, v in values.items()]
        return Case(*cases, default=Value(default), output_field=CharField())

    read = attrgetter(path)
    return Column(Kind.TEXT, lambda row: values.get(read(row), default), ask)


def attribute(name: str) -> Column:
    """One of the attributes that an identity profile writes."""

    def read(row: Any) -> str:
        value = row.attributes.get(name)
        return "" if value is None else str(value)

    def ask(start: str) -> Expression:
        none = Value("", output_field=TextField())
        return Coalesce(KeyTextTransform(name, f"{start}attributes"), none)

    return Column(Kind.TEXT, read, ask)


def written(at: datetime | None) -> str:
    """A time as the vendor writes it: UTC, to the second."""
    return "" if at is None else at.astimezone(UTC).strftime(TIME_FORMAT)
