"""The first statement of a request, which finds out whether the connection is still alive."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

T = TypeVar("T")


def first_read(read: Callable[[], T]) -> T:
    """What `read` answers, once more over a new connection where the kept one turns out dead.

    Django would ask `SELECT 1` before the first statement of each request to find that out: one
    more round trip on a path that has two. Only for reads, which are safe to repeat.
    """
    was_kept = connection.connection is not None and not connection.in_atomic_block
    connection.health_check_done = True  # type: ignore[attr-defined]  # the stubs lack it
    try:
        return read()
    except (OperationalError, InterfaceError):
        if not was_kept:
            raise
        connection.close()
        return read()
