"""Facts of the request at hand, set once at the edge and read by `record`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Means:
    """The credential by which a program acts for somebody, as it is called at the time."""

    id: UUID
    kind: str
    label: str


@dataclass(frozen=True)
class RequestFacts:
    """Where a request came from; empty strings outside of one."""

    address: str = ""
    user_agent: str = ""
    request_id: str = ""
    means: Means | None = None
    """None where somebody acts by themselves, signed in."""


NOWHERE = RequestFacts()
_current: ContextVar[RequestFacts] = ContextVar("steward_request_facts", default=NOWHERE)


def current() -> RequestFacts:
    return _current.get()


@contextmanager
def request_facts(facts: RequestFacts) -> Iterator[None]:
    """Make `facts` those of every event recorded inside the block."""
    token = _current.set(facts)
    try:
        yield
    finally:
        _current.reset(token)
