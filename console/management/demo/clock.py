"""When and from where things happened in the demo."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from accounts.audit.context import RequestFacts, request_facts

DESKS: Final = {
    "ada": "192.0.2.21",
    "ingrid": "192.0.2.22",
    "vera": "192.0.2.40",
    "otto": "192.0.2.57",
    "mira": "192.0.2.63",
    "jonas": "192.0.2.71",
    "mallory": "192.0.2.99",
}
"""Addresses from where people work (RFC 5737: they lead nowhere)."""
BROWSER: Final = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156"


@dataclass(frozen=True)
class Clock:
    """Counts days back from now, so that the demo is as old on every day."""

    now: datetime

    def ago(self, days: float, hour: int | None = None) -> datetime:
        """So many days ago, at `hour` (UTC) of that day if one is given; never later than now."""
        at = self.now - timedelta(days=days)
        if hour is not None:
            minute = int(days * 7) % 60
            at = at.astimezone(UTC).replace(hour=hour, minute=minute, second=11, microsecond=0)
        return min(at, self.now - timedelta(seconds=90))

    @contextmanager
    def at_work(self, user_name: str, days: float, hour: int | None = None) -> Iterator[datetime]:
        """Somebody sits at their desk: yields the time, and the events know the place."""
        with request_facts(_from(DESKS.get(user_name, ""), BROWSER)):
            yield self.ago(days, hour)


def _from(address: str, client: str) -> RequestFacts:
    return RequestFacts(address=address, user_agent=client, request_id=secrets.token_hex(8))


@contextmanager
def machine(address: str, client: str) -> Iterator[RequestFacts]:
    """A program calls from `address`."""
    facts = _from(address, client)
    with request_facts(facts):
        yield facts
