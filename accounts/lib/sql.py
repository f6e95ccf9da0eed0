"""The few words of SQL in which PostgreSQL and SQLite differ, for writing many rows at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

Parameter = str | int | bool | UUID | datetime | None

ROWS_AT_ONCE: Final = 10_000


def is_postgres() -> bool:
    return connection.vendor == "postgresql"


def id_parameter(value: UUID) -> Parameter:
    """An id as a parameter of plain SQL."""
    return value if is_postgres() else value.hex


def time_parameter(at: datetime) -> Parameter:
    """A time as a parameter of plain SQL."""
    adapted: Parameter = connection.ops.adapt_datetimefield_value(at)
    return adapted


def as_json(column: str) -> str:
    """A column that holds JSON as text, as a value of a JSON column."""
    return f"{column}::jsonb" if is_postgres() else column


def as_text(column: str) -> str:
    """A JSON column as text."""
    return f"{column}::text" if is_postgres() else column


def id_as_text(column: str) -> str:
    """An id as people and the audit log write it."""
    if is_postgres():
        return f"{column}::text"
    parts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
    return " || '-' || ".join(f"substr({column}, {start}, {count})" for start, count in parts)


def execute(statement: str, parameters: Sequence[Parameter] = ()) -> int:
    """Run a statement that writes; answers how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, list(parameters))
        return int(cursor.rowcount)


def rows(statement: str, parameters: Sequence[Parameter] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(parameters))
        return list(cursor.fetchall())


def number(statement: str, parameters: Sequence[Parameter] = ()) -> int:
    """The one number that a query answers."""
    return int(rows(statement, parameters)[0][0] or 0)


def insert_many(table: str, columns: Sequence[str], lines: Iterable[Sequence[Any]]) -> None:
    """Write many rows by the quickest way that the database has; the values are plain texts,
    numbers and None, and are not checked."""
    named = ", ".join(connection.ops.quote_name(column) for column in columns)
    with connection.cursor() as cursor:
        if is_postgres():
            # the wrapper of Django passes `copy` through, and its stubs do not know
            source: Any = cursor
            with (
                connection.wrap_database_errors,
                source.copy(f"COPY {table} ({named}) FROM STDIN") as copy,
            ):
                write_row = copy.write_row
                for line in lines:
                    write_row(line)
            return
        marks = ", ".join(["%s"] * len(columns))
        cursor.executemany(
            f"INSERT INTO {table} ({named}) VALUES ({marks})",  # noqa: S608
            list(lines),
        )
