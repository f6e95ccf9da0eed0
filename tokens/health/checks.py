"""What has to work for this installation to serve, looked at one by one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from accounts.jobs import workers
from accounts.sealing import SealBroken, open_sealed, seal

CONTEXT: Final = "not_kept:health"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Finding:
    """One line of the answer; it names no host, file or version."""

    ok: bool
    said: str = "ok"
    is_needed: bool = True
    """Whether requests cannot be served without it."""


NOT_LOOKED_AT: Final = Finding(ok=False, said="not looked at: the database does not answer")


def findings(now: datetime) -> dict[str, Finding]:
    """Each thing with what was found; a database that is away leaves the rest unknown."""
    found = {"database": _database()}
    looks: dict[str, Callable[[], Finding]] = {
        "migrations": _migrations,
        "worker": lambda: _worker(now),
        "sealing_keys": _sealing_keys,
    }
    for name, look in looks.items():
        found[name] = look() if found["database"].ok else NOT_LOOKED_AT
    return found


def _database() -> Finding:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except (DatabaseError, InterfaceError):
        logger.warning("The database does not answer", exc_info=True)
        return Finding(ok=False, said="does not answer")
    return Finding(ok=True)


@cache
def _on_disk() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)


def _migrations() -> Finding:
    """Whether the database has all that this release asks of it; it may have more already."""
    missing = len(_on_disk() - MigrationRecorder(connection).applied_migrations().keys())
    if missing:
        return Finding(ok=False, said=f"{missing} not applied yet")
    return Finding(ok=True)


def _worker(now: datetime) -> Finding:
    """Requests are served without one, hence nobody need be kept out for it."""
    last = workers.last_seen()
    if last is None:
        return Finding(ok=False, said="none has begun yet", is_needed=False)
    if now - last > workers.SILENT_AFTER:
        silent = int((now - last).total_seconds())
        return Finding(ok=False, said=f"silent for {silent} s", is_needed=False)
    return Finding(ok=True)


def _sealing_keys() -> Finding:
    try:
        sealed = seal(b"health", context=CONTEXT)
        open_sealed(sealed, context=CONTEXT)
    except (OSError, ValueError, ImproperlyConfigured, SealBroken):
        logger.exception("The sealing keys cannot be used")
        return Finding(ok=False, said="cannot be used")
    return Finding(ok=True)
