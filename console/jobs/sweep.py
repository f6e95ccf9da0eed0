"""A thread of the worker that finds jobs which no queue would bring again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.db import close_old_connections
from django.utils import timezone

from accounts.jobs import actions, schedules, workers

EVERY_SECONDS: Final = 5
"""With the lease of a job, this says how soon another worker goes on with what a dead one left."""

CHORES: Final[tuple[Callable[..., int], ...]] = (
    workers.seen,
    actions.recover_lost,
    schedules.fire_due,
    actions.hand_over_waiting,
)

logger = logging.getLogger(__name__)


class Sweep(threading.Thread):
    """Sweeps at once, and then every few seconds until it is stopped."""

    def __init__(self) -> None:
        super().__init__(name="sweep", daemon=True)
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.is_set():
            sweep_once(timezone.now())
            self._stopped.wait(EVERY_SECONDS)

    def stop(self, *, patience_seconds: float) -> None:
        """Start nothing more, and wait for what runs."""
        self._stopped.set()
        self.join(patience_seconds)


def sweep_once(now: datetime) -> None:
    """Do each chore; one that fails does not keep the others from being done."""
    close_old_connections()
    for chore in CHORES:
        try:
            chore(at=now)
        except Exception:
            logger.exception("Sweeping jobs failed", extra={"chore": chore.__name__})
    close_old_connections()
