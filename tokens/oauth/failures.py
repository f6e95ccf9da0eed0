"""Clients that fail to prove themselves are slowed down; whoever has the right secret never is."""

from __future__ import annotations

import threading
import time
from math import ceil
from typing import Final

from tokens.edge.refusals import Part
from tokens.oauth.client_auth import ClientSecret
from tokens.oauth.errors import OAuthError, TooManyFailures

WINDOW_SECONDS: Final = 60.0
OF_CLIENT_AT_ADDRESS: Final = 10
"""Failures within a window; so many mistakes a program that is set up wrongly may make."""
OF_ADDRESS: Final = 50
"""Whatever the client: somebody who tries one id after another."""
MOST_KEPT: Final = 10_000
"""Counted at a time; then those whose window is over are forgotten, or all."""
LONGEST_CLIENT: Final = 64

Key = tuple[str, str]
"""Address and client; of all clients of an address, the client is empty."""


class Failures:
    """Counts failures by client and address; safe to use from many threads.

    Counted by process: secrets of 256 bits cannot be guessed, however fast. What is bounded is
    what failing costs us, and what a leak of many ids is good for.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begun: dict[Key, tuple[float, int]] = {}

    def count(self, client: str, address: str) -> int:
        """Take one failure; how many seconds to wait where it is one too many, else nought."""
        now = time.monotonic()
        client = client[:LONGEST_CLIENT] or "-"
        with self._lock:
            if len(self._begun) >= MOST_KEPT:
                self._forget_old(now)
            waits = [
                self._wait((address, client), OF_CLIENT_AT_ADDRESS, now),
                self._wait((address, ""), OF_ADDRESS, now),
            ]
        return max(waits)

    def forgive(self, client: str, address: str) -> None:
        """It proved itself: what went wrong before was a mistake."""
        with self._lock:
            self._begun.pop((address, client[:LONGEST_CLIENT] or "-"), None)

    def forget(self) -> None:
        with self._lock:
            self._begun = {}

    def _wait(self, key: Key, most: int, now: float) -> int:
        since, seen = self._begun.get(key, (now, 0))
        if now - since >= WINDOW_SECONDS:
            since, seen = now, 0
        self._begun[key] = since, seen + 1
        return max(1, ceil(since + WINDOW_SECONDS - now)) if seen >= most else 0

    def _forget_old(self, now: float) -> None:
        alive = {k: v for k, v in self._begun.items() if now - v[0] < WINDOW_SECONDS}
        self._begun = alive if len(alive) < MOST_KEPT else {}


failures = Failures()


def after(error: OAuthError, client: ClientSecret | None, address: str) -> OAuthError:
    """What to answer in place of a refusal, where it is one of too many."""
    if client is None or error.part is not Part.SECRET:
        return error
    seconds = failures.count(client.client_id, address)
    if not seconds:
        return error
    return TooManyFailures(
        seconds,
        reason=f"{error.reason} Too many failures: slowed down for {seconds} seconds.",
        account_id=error.account_id,
        claimed=error.claimed,
        part=Part.NETWORK,
        credential_id=error.credential_id,
    )


def passed(client: ClientSecret | None, address: str) -> None:
    if client is not None:
        failures.forgive(client.client_id, address)
