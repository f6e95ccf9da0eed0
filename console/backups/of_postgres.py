"""A PostgreSQL database as one member a table, by COPY: no program of the server is needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from accounts.audit.triggers import TABLE as EVENTS
from console.backups.archive import CHUNK_BYTES, Manifest, Reader, Writer
from console.backups.errors import BadBackup, CannotRestore

FOLDER: Final = "tables/"
READ_ROWS: Final = 2000


class Snapshot:
    """The state of one moment, as the transaction sees it in which this is used."""

    def tables(self) -> list[str]:
        return tables()

    def rows(self, statement: str) -> Iterator[tuple[Any, ...]]:
        with connection.chunked_cursor() as cursor:
            cursor.execute(statement)
            while rows := cursor.fetchmany(READ_ROWS):
                yield from rows

    def write(self, writer: Writer) -> None:
        """Each table with the names of its columns in the first line."""
        for table in tables():
            columns = _columns(table)
            with _cursor() as cursor, writer.member(f"{FOLDER}{table}") as member:
                member.write(",".join(columns).encode() + b"\n")
                with cursor.copy(f"COPY {_name(table)} ({_list(columns)}) TO STDOUT") as rows:
                    for chunk in rows:
                        member.write(bytes(chunk))


@contextmanager
def snapshot() -> Iterator[Snapshot]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield Snapshot()


def tables() -> list[str]:
    return sorted(connection.introspection.table_names())


def check_empty() -> None:
    """Refuse a database that holds anything.

    Raises:
        CannotRestore: it does.
    """
    if tables():
        raise CannotRestore(
            "The database of DATABASE_URL holds tables. Name an empty one: nothing is written over."
        )


def load(reader: Reader) -> None:
    """Make the tables as they were, fill them, and let sequences go on behind their last value.

    Raises:
        CannotRestore: the backup is of a later release.
        BadBackup: a table does not take what the backup holds of it.
    """
    manifest = reader.manifest
    _migrate_to(manifest)
    present = set(tables())
    wanted = {name.removeprefix(FOLDER) for name in manifest.members if name.startswith(FOLDER)}
    if missing := wanted - present - _made_elsewhere(wanted):
        raise BadBackup(f"The backup holds tables that this release does not make: {missing}.")
    with transaction.atomic():
        with _cursor() as cursor:
            # what migrations put in is in the backup as well; the log refuses to lose anything,
            # and was not written to
            emptied = sorted((present & wanted) - {EVENTS})
            cursor.execute(f"TRUNCATE {_list(emptied)} CASCADE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for table in sorted(present & wanted):
            _fill(reader, table)
    _set_sequences()


def _made_elsewhere(wanted: set[str]) -> set[str]:
    """Tables of a cache: `serve` makes them, and what they hold is worth nothing."""
    caches = {str(each.get("LOCATION", "")) for each in settings.CACHES.values()}
    return wanted & caches


def _migrate_to(manifest: Manifest) -> None:
    executor = MigrationExecutor(connection)
    applied = {(app, name) for app, name in manifest.migrations}
    known = set(executor.loader.graph.nodes)
    if unknown := sorted(applied - known):
        raise CannotRestore(
            f"The backup is of a later release: it has the migration {'.'.join(unknown[0])}, which "
            "this one has not. Install that release, restore, and go on from there."
        )
    executor.migrate(_leaves(executor, applied))


def _leaves(executor: MigrationExecutor, applied: set[tuple[str, str]]) -> list[Any]:
    """The last of what was applied in each app; no other of its migrations stands on it."""
    graph = executor.loader.graph
    return sorted(
        node
        for node in applied
        if not any(
            child.key in applied and child.key[0] == node[0]
            for child in graph.node_map[node].children
        )
    )


def _fill(reader: Reader, table: str) -> None:
    with reader.member(f"{FOLDER}{table}") as member, _cursor() as cursor:
        columns = member.readline().decode().rstrip("\n").split(",")
        if unknown := set(columns) - set(_columns(table)):
            raise BadBackup(f"The table {table} has no columns {', '.join(sorted(unknown))}.")
        with cursor.copy(f"COPY {_name(table)} ({_list(columns)}) FROM STDIN") as rows:
            while chunk := member.read(CHUNK_BYTES):
                rows.write(chunk)


def _set_sequences() -> None:
    with connection.cursor() as cursor:
        for table in tables():
            for found in connection.introspection.get_sequences(cursor, table):
                name, column = _name(table), _name(str(found["column"]))
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence(%s, %s), "  # noqa: S608  quoted names
                    f"coalesce(max({column}), 1), max({column}) IS NOT NULL) FROM {name}",
                    [name, found["column"]],
                )


def _columns(table: str) -> list[str]:
    """In their order; generated ones make themselves."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND table_name = %s "
            "AND is_generated = 'NEVER' ORDER BY ordinal_position",
            [table],
        )
        return [row[0] for row in cursor.fetchall()]


def _cursor() -> Any:
    """The driver's own cursor: Django's knows no COPY."""
    connection.ensure_connection()
    assert connection.connection is not None
    return connection.connection.cursor()


def _name(word: str) -> str:
    return connection.ops.quote_name(word)


def _list(words: Sequence[str]) -> str:
    return ", ".join(map(_name, words))
