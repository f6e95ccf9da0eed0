"""A SQLite database as one member: the file itself, copied while others write to it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection

from console.backups.archive import CHUNK_BYTES, Reader, Writer
from console.backups.errors import BadBackup, CannotRestore

MEMBER: Final = "database.sqlite3"


class Copy:
    """The state of one moment, in a file that goes with the folder it is in."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection = sqlite3.connect(file)

    def close(self) -> None:
        self._connection.close()

    def tables(self) -> list[str]:
        found = self.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        return [name for (name,) in found if not name.startswith("sqlite_")]

    def rows(self, statement: str) -> Iterator[tuple[Any, ...]]:
        return iter(self._connection.execute(statement))

    def write(self, writer: Writer) -> None:
        with self._file.open("rb") as opened, writer.member(MEMBER) as member:
            shutil.copyfileobj(opened, member, CHUNK_BYTES)


@contextmanager
def snapshot() -> Iterator[Copy]:
    with tempfile.TemporaryDirectory(dir=settings.STEWARD_DATA_DIR, prefix=".backup-") as folder:
        file = Path(folder, MEMBER)
        with (
            closing(sqlite3.connect(f"file:{database_file()}?mode=ro", uri=True)) as live,
            closing(sqlite3.connect(file)) as written,
        ):
            # in one step, hence of one moment; nobody who writes meanwhile waits for it
            live.backup(written)
        with closing(Copy(file)) as copy:
            yield copy


def database_file() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def check_empty() -> None:
    """Refuse a file that holds anything.

    Raises:
        CannotRestore: it does.
    """
    if database_file().exists() and connection.introspection.table_names():
        raise CannotRestore(
            f"{database_file()} holds a database. Move it away first: nothing is written over."
        )


def load(reader: Reader) -> None:
    """Make the database file of the copy; it appears whole or not at all.

    Raises:
        BadBackup: the copy is no sound database.
    """
    target = database_file()
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".restore-") as folder:
        file = Path(folder, MEMBER)
        with reader.member(MEMBER) as member, file.open("wb") as opened:
            shutil.copyfileobj(member, opened, CHUNK_BYTES)
            opened.flush()
            os.fsync(opened.fileno())
        _check_sound(file)
        connection.close()
        for left in (Path(f"{target}-wal"), Path(f"{target}-shm")):
            left.unlink(missing_ok=True)
        file.chmod(0o600)
        file.replace(target)


def _check_sound(file: Path) -> None:
    try:
        with closing(sqlite3.connect(file)) as copy:
            said = copy.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise BadBackup("The database in the backup cannot be opened.") from error
    if said != "ok":
        raise BadBackup(f"The database in the backup is not sound: {said!s:.200}")
