"""A second pair of hands for the chunks of a large plan, since one statement uses one core."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import copy_context
from types import TracebackType
from typing import Final

from django.db import connection

from accounts.lib.sql import is_postgres
from accounts.profiles.processing.models import Processing
from accounts.profiles.processing.states import Effect

WORTHWHILE: Final = 150_000
"""Planned effects from which a second connection pays."""

_APART: Final = {effect.name.lower() for effect in (Effect.CREATED, Effect.CHANGED, Effect.SEEN)}
"""Effects that touch nothing but the identity at hand, so that two chunks never wait for each
other."""


def pay_for(processing: Processing) -> bool:
    """Whether the chunks of a plan may, and should, be applied two at a time."""
    return (
        is_postgres()
        and processing.total >= WORTHWHILE
        and {name for name, count in processing.effects.items() if count} <= _APART
    )


class SecondHand(threading.Thread):
    """Repeats `work` by a connection of its own, beside the thread that entered it, until that
    leaves or `work` answers that nothing is left; what it raised is raised on leaving. What the
    audit log knows of whoever asked, it knows here too."""

    def __init__(self, work: Callable[[], bool]) -> None:
        super().__init__(name="second-hand", daemon=True)
        self._work = work
        self._context = copy_context()
        self._stopped = threading.Event()
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            while not self._stopped.is_set() and self._context.run(self._work):
                pass
        except BaseException as error:  # noqa: BLE001  it is raised in the first thread
            self._error = error
        finally:
            connection.close()

    def __enter__(self) -> None:
        self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopped.set()
        self.join()
        if error is None and self._error is not None:
            raise self._error
