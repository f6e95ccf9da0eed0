"""A worker waits for a database that is away for a while, and goes on when it is back."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final, Protocol

from django.db import InterfaceError, OperationalError, connections

FIRST_PAUSE_SECONDS: Final = 1
LONGEST_PAUSE_SECONDS: Final = 30
CALM_SECONDS: Final = 60
"""A worker that ran so long had a database: the next pause is the first again."""

logger = logging.getLogger(__name__)


class Worker(Protocol):
    running: bool
    """False once it was told to stop."""

    def run(self) -> None: ...


def run(
    worker: Worker,
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Run a worker until it is told to stop, whatever the database does meanwhile.

    What it was doing is not lost: the sweep finds the job when its lease has run out.
    """
    pause = FIRST_PAUSE_SECONDS
    while worker.running:
        begun = clock()
        try:
            worker.run()
        except (OperationalError, InterfaceError):
            if clock() - begun >= CALM_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            logger.exception("The database failed the worker, which waits", extra={"pause": pause})
            connections.close_all()
            sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        else:
            return
