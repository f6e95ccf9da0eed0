"""Keeps web server and background worker running, and ends both together."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from console import lifeline

LOOK_EVERY_SECONDS = 0.2
PATIENCE_SECONDS = 25
"""How long children may take to end; a little more than gunicorn gives its requests."""
FIRST_DELAY_SECONDS, LONGEST_DELAY_SECONDS = 0.5, 30.0
HEALTHY_AFTER_SECONDS = 60.0
"""A worker that ran this long starts again without the delay that its earlier deaths had earned."""

logger = logging.getLogger(__name__)


@dataclass
class Child:
    """One process; it leads a session of its own, so that Ctrl-C in a terminal reaches only us."""

    name: str
    command: Sequence[str]
    inherited: tuple[int, ...]
    process: subprocess.Popen[bytes] | None = None
    delay_seconds: float = FIRST_DELAY_SECONDS
    started_at: float = field(default=0.0)
    start_again_at: float | None = None
    clock: Callable[[], float] = time.monotonic

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command,
            pass_fds=self.inherited,
            env=os.environ | lifeline.for_child(self.inherited[0]),
            start_new_session=True,
        )
        self.started_at, self.start_again_at = self.clock(), None

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def keep_running(self) -> None:
        """Start again what has died, later and later if it keeps dying."""
        now = self.clock()
        if self.is_running():
            return
        if self.start_again_at is None:
            if now - self.started_at > HEALTHY_AFTER_SECONDS:
                self.delay_seconds = FIRST_DELAY_SECONDS
            self.start_again_at = now + self.delay_seconds
            status = self.process.returncode if self.process else None
            logger.warning(
                "A process died and is started again",
                extra={"child": self.name, "status": status, "delay_s": self.delay_seconds},
            )
            self.delay_seconds = min(2 * self.delay_seconds, LONGEST_DELAY_SECONDS)
        elif now >= self.start_again_at:
            self.start()

    def signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.is_running():
            self.process.send_signal(number)


class Supervisor:
    """Runs until it is told to stop, or the web server ends by itself."""

    def __init__(self, web: Sequence[str], worker: Sequence[str], *, listener: int) -> None:
        line = lifeline.hold()
        self.web = Child("web", web, (line, listener))
        self.worker = Child("worker", worker, (line,))
        self._stopping = threading.Event()

    def run(self, *, when_started: Callable[[], bool]) -> int:
        """Returns the exit status. `when_started` is asked until it says that all is well."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stopping.set())
        self.web.start()
        self.worker.start()
        try:
            return self._watch(when_started)
        finally:
            self._end()

    def _watch(self, when_started: Callable[[], bool]) -> int:
        started = False
        while not self._stopping.wait(LOOK_EVERY_SECONDS):
            if not self.web.is_running():
                logger.error("The web server ended by itself")
                return 1
            self.worker.keep_running()
            started = started or when_started()
        return 0

    def _end(self) -> None:
        children = (self.web, self.worker)
        for child in children:
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while any(child.is_running() for child in children) and time.monotonic() < deadline:
            time.sleep(0.05)
        for child in children:
            if child.is_running():
                logger.warning("A process did not end in time", extra={"child": child.name})
                child.signal(signal.SIGKILL)
