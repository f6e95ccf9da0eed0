"""How often one client may call a door, counted by credential.

The id of a personal access token is its client id; accounts with keys all have one client id, and
are told apart by their keys.
"""

from __future__ import annotations

import threading
import time
from math import ceil
from typing import Final

CALLS: Final = 100
WINDOW_SECONDS: Final = 10.0
MOST_CLIENTS: Final = 10_000
"""Told apart at a time; then those whose window is over are forgotten."""


class Limit:
    """Counts the calls of each client; safe to use from many threads.

    Counted by process: it is there to keep one client from taking all, not to be exact.
    """

    def __init__(self, calls: int | None = None) -> None:
        """`calls` of one client are let through in a window; `CALLS` unless told."""
        self.calls = calls
        self._lock = threading.Lock()
        self._begun: dict[str, tuple[float, int]] = {}

    def wait(self, client: str) -> int:
        """Take one call; how many seconds to wait instead where there is none left."""
        now = time.monotonic()
        with self._lock:
            if len(self._begun) >= MOST_CLIENTS:
                self._forget(now)
            since, seen = self._begun.get(client, (now, 0))
            if now - since >= WINDOW_SECONDS:
                since, seen = now, 0
            if seen >= (CALLS if self.calls is None else self.calls):
                return max(1, ceil(since + WINDOW_SECONDS - now))
            self._begun[client] = since, seen + 1
            return 0

    def forget(self) -> None:
        with self._lock:
            self._begun = {}

    def _forget(self, now: float) -> None:
        alive = {k: v for k, v in self._begun.items() if now - v[0] < WINDOW_SECONDS}
        self._begun = alive if len(alive) < MOST_CLIENTS else {}
