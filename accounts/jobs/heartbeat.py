"""A sign of life beside the work: one statement may take longer than a lease."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.db import DatabaseError, connection

EVERY_SECONDS = 2.0
"""Far below the lease, so that a busy database may lose some beats."""
LOCK_MILLISECONDS = 500
"""While the work itself holds SQLite's only lock for writing, nobody else can take the job."""

logger = logging.getLogger(__name__)


class Heartbeat(threading.Thread):
    """Calls `beat` by a connection of its own until it is stopped."""

    def __init__(self, beat: Callable[[], object]) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._beat = beat
        self._stopped = threading.Event()

    def run(self) -> None:
        try:
            while not self._stopped.wait(EVERY_SECONDS):
                self._beat_once()
        finally:
            connection.close()

    def _beat_once(self) -> None:
        try:
            if connection.vendor == "sqlite":
                with connection.cursor() as cursor:
                    cursor.execute(f"PRAGMA busy_timeout = {LOCK_MILLISECONDS}")
            self._beat()
        except DatabaseError:
            logger.debug("A heartbeat was lost", exc_info=True)
            connection.close()

    def stop(self) -> None:
        self._stopped.set()
        self.join()
