"""Where the rows of a file stand while they are compared: a table that only this job sees."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Final, Protocol

from django.db import connection
from django.db.backends.utils import CursorWrapper

from accounts.imports.states import Change
from accounts.sources.shape import Row

BATCH_ROWS = 25_000
"""Rows that are handed over at a time; between two of them progress is told."""

READ_ROWS = 500
"""The same of a source that is read over the network, where rows take their time."""

WHILE_COMPARING: Final = {"work_mem": "128MB", "jit": "off"}
"""Settings of PostgreSQL: a million rows are joined in memory."""

WHILE_SCANNING: Final = (
    "PRAGMA temp_store = FILE",
    "PRAGMA temp.cache_size = -16384",
    "PRAGMA main.cache_size = -16384",
)
"""Settings of SQLite: 16 MB a cache, and rows beyond go to a file."""

PLANNED: Final = "accounts_plannedchange"
SCAN: Final = "import_scan"
KEPT: Final = "import_kept"
REPEATED: Final = "import_repeated"
_COLUMNS: Final = "line, native_identity, name, name_key, attributes, digest"


class Staging(Protocol):
    """The temporary tables, and how many rows get into them quickly."""

    holds_the_plan: bool = False
    """Whether rows stand in the plan already, each of them as a new account."""

    @abstractmethod
    def make(self) -> None:
        """Make them empty, dropping what another job left in this connection."""
        ...

    @abstractmethod
    def add(self, rows: Sequence[Row]) -> None: ...

    def keep(self, identities: Sequence[str]) -> None:
        """Name accounts that rejected rows are about: they are not missing."""
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {KEPT} VALUES (%s) ON CONFLICT DO NOTHING",  # noqa: S608
                [(identity,) for identity in identities],
            )

    @abstractmethod
    def seal(self) -> None:
        """All rows are in."""
        ...

    @abstractmethod
    def index(self) -> None:
        """Accounts will be looked up here, not only passed over."""
        ...

    def drop(self) -> None:
        with connection.cursor() as cursor:
            for table in (SCAN, KEPT, REPEATED):
                cursor.execute(f"DROP TABLE IF EXISTS {table}")


class PostgresStaging(Staging):
    into = f"{SCAN} ({_COLUMNS})"

    def make(self) -> None:
        self.drop()
        with connection.cursor() as cursor:
            for setting, value in WHILE_COMPARING.items():
                cursor.execute(f"SET {setting} = '{value}'")
            self.make_scan(cursor)
            cursor.execute(
                f"CREATE TEMPORARY TABLE {KEPT} "
                '(native_identity varchar(255) COLLATE "C" PRIMARY KEY)'
            )

    def make_scan(self, cursor: CursorWrapper) -> None:
        cursor.execute(
            f"CREATE TEMPORARY TABLE {SCAN} (line bigint, "
            'native_identity varchar(255) COLLATE "C", name varchar(255), '
            'name_key varchar(255) COLLATE "C", attributes text, digest uuid)'
        )

    def add(self, rows: Sequence[Row]) -> None:
        self.copy(rows)

    def copy(self, rows: Sequence[tuple[Any, ...]]) -> None:
        with connection.cursor() as cursor:
            # the wrapper of Django passes `copy` through, and its stubs do not know
            source: Any = cursor
            with (
                connection.wrap_database_errors,
                source.copy(f"COPY {self.into} FROM STDIN") as copy,
            ):
                write_row = copy.write_row
                for row in rows:
                    write_row(row)

    def seal(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {SCAN}")

    def index(self) -> None:
        """A hash join needs none."""

    def drop(self) -> None:
        super().drop()
        with connection.cursor() as cursor:
            for setting in WHILE_COMPARING:
                cursor.execute(f"RESET {setting}")


class PostgresFirstStaging(PostgresStaging):
    """For a source that has no accounts: with nothing to compare, rows are copied straight into the
    plan, which spares a million of them a way through another table. A view stands for that."""

    holds_the_plan = True
    into = f"{PLANNED} ({_COLUMNS}, plan, kind)"

    def __init__(self, plan: int) -> None:
        self._plan = plan

    def make_scan(self, cursor: CursorWrapper) -> None:
        cursor.execute(
            f"CREATE TEMPORARY VIEW {SCAN} AS SELECT {_COLUMNS} FROM {PLANNED} "  # noqa: S608
            f"WHERE plan = {self._plan:d}"
        )

    def add(self, rows: Sequence[Row]) -> None:
        of_plan = (self._plan, Change.NEW.value)
        self.copy([row + of_plan for row in rows])

    def seal(self) -> None:
        """Nothing is joined with them."""

    def drop(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP VIEW IF EXISTS {SCAN}")
        super().drop()


class SqliteStaging(Staging):
    def make(self) -> None:
        self.drop()
        with connection.cursor() as cursor:
            if not connection.in_atomic_block:
                for pragma in WHILE_SCANNING:
                    cursor.execute(pragma)
            cursor.execute(
                f"CREATE TEMPORARY TABLE {SCAN} (line integer, native_identity text, name text, "
                "name_key text, attributes text, digest text)"
            )
            cursor.execute(f"CREATE TEMPORARY TABLE {KEPT} (native_identity text PRIMARY KEY)")

    def add(self, rows: Sequence[Row]) -> None:
        connection.ensure_connection()
        # not `atomic`, which would take the one lock for writing that all connections share
        raw = connection.connection
        is_outermost = not raw.in_transaction
        with connection.wrap_database_errors:
            if is_outermost:
                raw.execute("BEGIN DEFERRED")
            raw.executemany(f"INSERT INTO {SCAN} VALUES (?, ?, ?, ?, ?, ?)", rows)  # noqa: S608
            if is_outermost:
                raw.execute("COMMIT")

    def drop(self) -> None:
        if connection.in_atomic_block:
            super().drop()
        else:
            # the file of the temporary tables goes as a whole, and the settings with it
            connection.close()

    def seal(self) -> None:
        """Rows are read in the order in which they stand."""

    def index(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE INDEX IF NOT EXISTS temp.{SCAN}_id ON {SCAN} (native_identity, digest)"
            )


def staging(plan: int, *, is_first: bool) -> Staging:
    """That of the database in use; `is_first` says that the source has no accounts yet."""
    if connection.vendor == "sqlite":
        return SqliteStaging()
    return PostgresFirstStaging(plan) if is_first else PostgresStaging()
