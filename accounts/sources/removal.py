"""Removing accounts: they are kept aside for a while, and can be brought back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection

from accounts.audit.actors import Actor
from accounts.sources.models import RemovedAccount, Source

Parameter = str | int | UUID | datetime

KEEP: Final = timedelta(days=30)
"""How long a removed account can be brought back."""

ACCOUNTS: Final = "accounts_sourceaccount"
ASIDE: Final = "accounts_removedaccount"
COLUMNS: Final = (
    "source_id, native_identity, name, name_key, attributes, digest, created_at, changed_at"
)


def database_id(source_id: UUID) -> Parameter:
    """An id as a parameter of plain SQL."""
    return source_id.hex if connection.vendor == "sqlite" else source_id


def database_time(at: datetime) -> Parameter:
    """A time as a parameter of plain SQL."""
    return connection.ops.adapt_datetimefield_value(at) or ""


def remove_where(
    condition: str, parameters: Sequence[Parameter], *, by: Actor, at: datetime
) -> int:
    """Move the accounts of which the SQL `condition` is true aside; answers how many.

    One statement each, because there may be millions. The caller holds the lock on the source
    and adjusts its `account_count` and `generation`.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {ASIDE} ({COLUMNS}, removed_at, removed_by) "  # noqa: S608
            f"SELECT {COLUMNS}, %s, %s FROM {ACCOUNTS} WHERE {condition}",
            [database_time(at), by.label[:200], *parameters],
        )
        cursor.execute(f"DELETE FROM {ACCOUNTS} WHERE {condition}", list(parameters))  # noqa: S608
        return int(cursor.rowcount)


def remove_all(source: Source, *, by: Actor, at: datetime) -> int:
    return remove_where("source_id = %s", [database_id(source.pk)], by=by, at=at)


def forget_old(*, at: datetime) -> int:
    """Drop what was removed long ago; answers how much."""
    dropped, _by_model = RemovedAccount.objects.filter(removed_at__lt=at - KEEP).delete()
    return dropped
