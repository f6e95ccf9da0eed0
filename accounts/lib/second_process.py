"""A part of a long calculation in a process of its own, since Python uses one core in each."""

from __future__ import annotations

import multiprocessing
from collections.abc import Generator, Mapping
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Final

import django
from django.db import connection
from django.utils.module_loading import import_string

ENDED: Final = "ended"
FAILED: Final = "failed"
TOLD: Final = "told"

Work = Generator[int, None, Any]
"""What is done there: yields how much is done so far, and returns the result."""


class Died(Exception):
    """The process ended and said nothing: it was killed, say for want of memory."""


class SecondProcess:
    """Calls the generator function `work`, given by its dotted name, in another process.

    It begins on entering and is gone on leaving, whatever happened. It speaks to the database of
    this process by a connection of its own, and ends with its next word when this process does.
    """

    def __init__(self, work: str, arguments: Mapping[str, Any]) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, self._theirs = context.Pipe(duplex=False)
        self._process = context.Process(
            target=_begin,
            args=(self._theirs, connection.settings_dict["NAME"], work, dict(arguments)),
            daemon=True,
        )
        self.done = 0
        self.has_ended = False
        self.result: Any = None

    def __enter__(self) -> SecondProcess:
        self._process.start()
        self._theirs.close()  # or the end of that process would not be noticed here
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.join()
        self._process.close()
        self._ours.close()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None, "it has not begun"
        return self._process.pid

    def listen(self, seconds: float = 0.0) -> None:
        """Hear what it has to say, waiting for that at most so long.

        Raises:
            Died.
            Exception: what `work` raised.
        """
        while not self.has_ended and self._ours.poll(seconds):
            try:
                what, value = self._ours.recv()
            except EOFError as error:
                raise Died from error
            if what == FAILED:
                raise value
            if what == ENDED:
                self.has_ended, self.result = True, value
            else:
                self.done = value
            seconds = 0.0


def _begin(pipe: Connection, database: str, work: str, arguments: dict[str, Any]) -> None:
    django.setup()
    connection.settings_dict["NAME"] = database
    try:
        pipe.send((ENDED, _tell(pipe, import_string(work)(**arguments))))
    except BrokenPipeError:
        pass  # nobody is there who would want the result
    except Exception as error:  # noqa: BLE001  it is raised where it is heard
        pipe.send((FAILED, error))
    finally:
        connection.close()


def _tell(pipe: Connection, work: Work) -> Any:
    while True:
        try:
            done = next(work)
        except StopIteration as end:
            return end.value
        pipe.send((TOLD, done))
