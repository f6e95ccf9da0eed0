"""A schedule that cannot begin its job holds up none of the others, and says what is wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from accounts.audit.actors import SYSTEM
from accounts.jobs import schedules
from accounts.jobs.kinds import JobKind, kinds
from accounts.jobs.run import Run
from accounts.models import Identity, Job, Schedule
from accounts.tenant.time_zone import set_time_zone

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Identity], Client]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


class Kind(JobKind):
    label = "Test"

    def run(self, run: Run) -> Mapping[str, Any]:
        return {}


@pytest.fixture(autouse=True)
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two that are due, the first is broken."""
    monkeypatch.setitem(kinds._parts, "test", Kind())
    for name in ("first", "second"):
        schedules.put(by=SYSTEM, name=name, kind="test", times=["13:00"], at=NOON)


def first() -> Schedule:
    return Schedule.objects.get(name="first")


def test_a_kind_that_nobody_knows(
    client_of: ClientOf, ada: Identity, caplog: pytest.LogCaptureFixture
) -> None:
    Schedule.objects.filter(name="first").update(kind="from_the_future")
    with caplog.at_level(logging.ERROR, "accounts.jobs.schedules"):
        assert schedules.fire_due(at=LATER) == 1
    assert Job.objects.get().kind == "test"
    said = "There is no job kind called “from_the_future”."
    assert (first().trouble, first().next_at) == (said, LATER + timedelta(hours=1))
    assert "A schedule could not begin" in caplog.text
    assert said in client_of(ada).get("/jobs/scheduled/").content.decode()


def test_times_that_are_none() -> None:
    Schedule.objects.filter(name="first").update(times=["nonsense"])
    assert schedules.fire_due(at=LATER) == 1
    assert "See the log" in first().trouble


def test_times_that_are_none_when_the_clock_is_set_to_another_zone(ada: Identity) -> None:
    Schedule.objects.filter(name="first").update(times=["nonsense"])
    set_time_zone(by=ada, name="Europe/Berlin", at=NOON)
    assert schedules.fire_due(at=NOON) == 0
    assert Schedule.objects.get(name="second").zone == "Europe/Berlin"


def test_it_begins_once_it_is_mended() -> None:
    Schedule.objects.filter(name="first").update(kind="from_the_future")
    schedules.fire_due(at=LATER)
    assert schedules.fire_due(at=LATER) == 0, "not at every sweep"
    Schedule.objects.filter(name="first").update(kind="test")
    assert schedules.fire_due(at=LATER + timedelta(hours=1)) == 1
    assert first().trouble == ""


def test_a_database_that_is_away_is_no_fault_of_the_schedule(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away(**_given: Any) -> Job:
        raise OperationalError("database is locked")

    monkeypatch.setattr("accounts.jobs.actions.start", away)
    with pytest.raises(OperationalError):
        schedules.fire_due(at=LATER)
    monkeypatch.undo()
    assert (first().trouble, first().next_at) == ("", LATER)
