from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from accounts.audit.actors import Actor
from accounts.audit.record import record
from console.backups import archive, credentials, key_files, keys, of_postgres, of_sqlite
from console.backups.archive import Manifest, Reader
from console.backups.errors import BadBackup, CannotRestore

ENGINES: dict[str, ModuleType] = {"sqlite": of_sqlite, "postgresql": of_postgres}


@dataclass(frozen=True)
class Restored:
    manifest: Manifest
    working: int
    """How many keys and tokens work again."""
    by_hand: list[str]
    """What the operator has to do, a sentence each."""


def back_up(*, by: Actor, file: Path, passphrase: str, at: datetime) -> Manifest:
    """Write the state of this moment to `file`, while everything goes on.

    Without a passphrase the keys stay out of it: then they are kept apart by other means.

    Raises:
        FileExistsError: there is such a file already.
        OSError: it cannot be written; then there is none.
    """
    with archive.writing(file) as writer, _snapshot() as taken:
        taken.write(writer)
        rows = {name: _count(taken, name) for name in taken.tables()}
        credentials.write(writer, taken.rows(credentials.WORKING))
        manifest = Manifest(
            engine=connection.vendor,
            made_at=at.astimezone(UTC).isoformat(timespec="seconds"),
            public_url=settings.STEWARD_PUBLIC_URL,
            migrations=sorted(
                [a, n] for a, n in MigrationRecorder(connection).applied_migrations()
            ),
            rows=rows,
            members=dict(writer.digests),
        )
        kept = key_files.read() if passphrase else {}
        writer.finish(
            manifest, keys.seal(kept, passphrase, bound_to=manifest.digest) if kept else ""
        )
    with archive.reading(file) as written:
        # a backup that cannot be read is found now, not when it is needed
        written.check()
    record("backup.made", by=by, detail={"with_keys": bool(passphrase)}, at=at)
    return manifest


def restore(*, by: Actor, file: Path, passphrase: str, at: datetime) -> Restored:
    """Make this installation the one that the backup was made of.

    Raises:
        BadBackup: the file is damaged, was changed, or opens with another passphrase.
        CannotRestore: the database is not empty, is of another kind, or of an earlier release.
    """
    with archive.reading(file) as reader:
        manifest = reader.manifest
        reader.check()
        opened = _keys(reader, passphrase)
        engine = _engine(manifest.engine)
        engine.check_empty()
        if opened:
            key_files.check_writable()
        engine.load(reader)
        _check_counts(manifest)
    by_hand = key_files.write(opened, at=at) if opened else []
    call_command("migrate", interactive=False, verbosity=0)
    working = _working()
    record("backup.restored", by=by, detail={"made_at": manifest.made_at}, at=at)
    return Restored(manifest, working, by_hand)


def _snapshot() -> AbstractContextManager[Any]:
    taken: AbstractContextManager[Any] = ENGINES[connection.vendor].snapshot()
    return taken


def _count(taken: Any, table: str) -> int:
    name = connection.ops.quote_name(table)
    return int(next(taken.rows(f"SELECT count(*) FROM {name}"))[0])  # noqa: S608  a quoted name


def _keys(reader: Reader, passphrase: str) -> dict[str, str]:
    if not reader.keys:
        return {}
    if not passphrase:
        raise BadBackup("The keys in this backup need its passphrase.")
    return keys.open_sealed(reader.keys, passphrase, bound_to=reader.manifest.digest)


def _engine(name: str) -> ModuleType:
    if name != connection.vendor:
        raise CannotRestore(
            f"The backup is of {name}, and DATABASE_URL names {connection.vendor}. They are not "
            "made of each other."
        )
    return ENGINES[name]


def _check_counts(manifest: Manifest) -> None:
    """Refuse what is not whole.

    Raises:
        BadBackup: a table has more or fewer rows than when the backup was made.
    """
    present = set(connection.introspection.table_names())
    for table, expected in manifest.rows.items():
        if table not in present:
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
            found = cursor.fetchone()[0]
        if found != expected:
            raise BadBackup(f"{table} has {found} rows after the restore, not {expected}.")


@transaction.atomic
def _working() -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({credentials.WORKING}) found")  # noqa: S608
        return int(cursor.fetchone()[0])
