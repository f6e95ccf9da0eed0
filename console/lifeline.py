"""A child that ends when its parent does, even if the parent was killed and could say nothing.

The parent keeps the writing end of a pipe open and never writes. When it is gone, the reading end
in the child comes to its end of file.
"""

from __future__ import annotations

import os
import signal
import threading

VARIABLE = "LIFELINE_FD"


def hold() -> int:
    """Open a lifeline; returns the end that children inherit. Ours is closed by our end."""
    reading, _writing = os.pipe()
    return reading


def for_child(reading: int) -> dict[str, str]:
    """What the environment of a child must say."""
    return {VARIABLE: str(reading)}


def follow() -> None:
    """End this process gracefully when its parent is gone; without a lifeline, do nothing."""
    value = os.environ.pop(VARIABLE, "")
    if value:
        threading.Thread(target=_wait, args=(int(value),), name="lifeline", daemon=True).start()


def _wait(reading: int) -> None:
    os.read(reading, 1)
    os.kill(os.getpid(), signal.SIGTERM)
