"""The one thread of a process that writes what its requests only counted."""

from __future__ import annotations

import atexit
import logging
import threading
from collections.abc import Callable

from django.db import Error as DatabaseFailure
from django.db import connection, connections
from django.utils import timezone

from tokens.edge import refusals
from tokens.usage.buffer import buffer

FLUSH_SECONDS = 2
"""What a killed process loses at most: counts of uses and of floods, never tokens or events."""
STOP_SECONDS = 10

logger = logging.getLogger(__name__)


class Flusher:
    """Writes regularly from a thread, and once more when the process ends."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start once, after a fork: a thread does not survive one."""
        if self._thread is not None:
            return
        self._thread = threading.Thread(target=self._run, name="flusher", daemon=True)
        self._thread.start()
        atexit.register(self.stop)

    def stop(self) -> None:
        if self._thread is None or self._stop.is_set():
            return
        self._stop.set()
        self._thread.join(timeout=STOP_SECONDS)
        flush(at_end=True)
        connections.close_all()

    def _run(self) -> None:
        while not self._stop.wait(FLUSH_SECONDS):
            flush()
        connections.close_all()


def flush(*, at_end: bool = False) -> None:
    """Write all that is counted; what cannot be written is kept and tried again."""
    parts: tuple[Callable[[], None], ...] = (
        buffer.flush,
        lambda: refusals.write_counted(timezone.now(), at_end=at_end),
    )
    for part in parts:
        try:
            part()
        except DatabaseFailure:
            logger.exception("What was counted could not be written; it is tried again")
            connection.close()


flusher = Flusher()
