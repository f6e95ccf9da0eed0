"""Refusals of programs in the audit log: each one, until somebody floods it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import Error as DatabaseFailure

from accounts.audit import record
from accounts.audit.actors import Actor, UnknownActor
from accounts.audit.context import RequestFacts, current, request_facts
from accounts.audit.models import Outcome
from accounts.audit.record import Detail, Subject

WINDOW = timedelta(minutes=1)
EACH_PER_WINDOW = 60
"""So many refusals of one kind from one address are written one by one; more are counted."""
MAX_SOURCES = 10_000
"""Addresses and kinds told apart at a time; beyond, all further ones count as one."""


class Part(StrEnum):
    """Which part of somebody's rights refused them."""

    LEVEL = "level"
    SCOPE = "scope"
    EXPIRY = "expiry"
    """The credential has expired, or was revoked or replaced."""
    OWNER = "owner"
    """Whoever it acts for is disabled, has ended or is gone."""
    NETWORK = "network"
    SECRET = "secret"  # noqa: S105  # a word, no password


def of_part(part: Part | None, credential_id: UUID | None = None) -> dict[str, str]:
    """Who refused, and what was used, as details of an event."""
    told = {"refused_by": str(part) if part else "", "credential": str(credential_id or "")}
    return {name: value for name, value in told.items() if value}


@dataclass(frozen=True)
class Source:
    """What makes refusals alike: what was refused, why in one word, and from where."""

    action: str
    code: str
    address: str


@dataclass
class _Tally:
    since: datetime
    seen: int = 0
    unwritten: int = 0


@dataclass(frozen=True)
class Counted:
    """Refusals that were not written one by one."""

    source: Source
    count: int
    since: datetime


class Flood:
    """Says which refusals are written, and counts the others; safe to use from many threads.

    Counted by process: the limit is there to bound the log, not to be exact.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tallies: dict[Source, _Tally] = {}

    def admits(self, source: Source, now: datetime) -> bool:
        with self._lock:
            if source not in self._tallies and len(self._tallies) >= MAX_SOURCES:
                source = Source(source.action, source.code, "")
            tally = self._tallies.get(source)
            if tally is None or (not tally.unwritten and now - tally.since >= WINDOW):
                tally = self._tallies[source] = _Tally(now)
            tally.seen += 1
            if tally.seen <= EACH_PER_WINDOW:
                return True
            tally.unwritten += 1
            return False

    def drain(self, now: datetime, *, at_end: bool = False) -> list[Counted]:
        """Take out what was counted in windows that are over, or in all `at_end`."""
        with self._lock:
            over = [s for s, t in self._tallies.items() if at_end or now - t.since >= WINDOW]
            done = [(source, self._tallies.pop(source)) for source in over]
        return [Counted(s, t.unwritten, t.since) for s, t in done if t.unwritten]

    def give_back(self, counted: Counted) -> None:
        with self._lock:
            tally = self._tallies.setdefault(counted.source, _Tally(counted.since))
            tally.seen += counted.count
            tally.unwritten += counted.count

    def forget(self) -> None:
        with self._lock:
            self._tallies = {}


flood = Flood()


def note(
    action: str,
    *,
    by: Actor,
    subject: Subject | None,
    code: str,
    reason: str,
    now: datetime,
    detail: Detail | None = None,
) -> None:
    """Record one refusal, or count it where its address is flooding the log."""
    if flood.admits(Source(action, code, current().address), now):
        record(
            action,
            by=by,
            subject=subject,
            outcome=Outcome.REFUSED,
            reason=reason,
            detail={"error": code} | dict(detail or {}),
            at=now,
        )


def write_counted(now: datetime, *, at_end: bool = False) -> None:
    """Write one event for each flood that was counted; what cannot be written is kept."""
    waiting = flood.drain(now, at_end=at_end)
    while waiting:
        counted = waiting[-1]
        source = counted.source
        try:
            with request_facts(RequestFacts(address=source.address)):
                record(
                    source.action,
                    by=UnknownActor(label="Many requests"),
                    outcome=Outcome.REFUSED,
                    reason=f"{counted.count} more refusals of this kind were counted.",
                    detail={
                        "error": source.code,
                        "count": counted.count,
                        "since": counted.since.isoformat(),
                    },
                    at=now,
                )
        except DatabaseFailure:
            for kept in waiting:
                flood.give_back(kept)
            raise
        waiting.pop()
