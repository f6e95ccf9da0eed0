"""Jobs at set times of the day: once each, whatever the clock and the workers do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.audit.actors import SYSTEM
from accounts.jobs import schedules
from accounts.jobs.clock import BadTime, next_time, parse_times
from accounts.jobs.kinds import JobKind, kinds
from accounts.jobs.run import Run, run_job
from accounts.lib.registry import UnknownPart
from accounts.models import Identity, Job, Schedule
from accounts.tenant.time_zone import UnknownTimeZone, set_time_zone

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("times", "after", "expected"),
    [
        (["08:00", "20:00"], utc(2026, 11, 22, 6), utc(2026, 11, 22, 7)),
        (["08:00", "20:00"], utc(2026, 11, 22, 7), utc(2026, 11, 22, 19)),
        (["08:00", "20:00"], utc(2026, 11, 22, 19, 30), utc(2026, 11, 23, 7)),
        # the day after the clock fell back is an hour later in UTC
        (["08:00"], utc(2026, 10, 24, 6), utc(2026, 10, 25, 7)),
        # 02:30 does not exist on 29 March 2026: it comes at 03:30
        (["02:30"], utc(2026, 3, 28, 1, 30), utc(2026, 3, 29, 1, 30)),
        (["02:30"], utc(2026, 3, 29, 1, 30), utc(2026, 3, 30, 0, 30)),
        # 02:30 is there twice on 25 October 2026: the first counts, the second does not
        (["02:30"], utc(2026, 10, 24, 12), utc(2026, 10, 25, 0, 30)),
        (["02:30"], utc(2026, 10, 25, 0, 30), utc(2026, 10, 26, 1, 30)),
    ],
)
def test_times_are_those_of_the_wall_clock(
    times: list[str], after: datetime, expected: datetime
) -> None:
    assert next_time(times, BERLIN, after) == expected


@pytest.mark.sqlite
def test_every_day_of_a_year_has_each_time_once() -> None:
    at, fired = utc(2026, 1, 1), []
    while at < utc(2027, 1, 1):
        at = next_time(["02:30"], BERLIN, at)
        fired.append(at.astimezone(BERLIN).date())
    assert len(fired) == len(set(fired)) == 366


@pytest.mark.sqlite
@pytest.mark.parametrize("times", [[], ["8:00"], ["24:00"], ["08:60"], ["noon"], ["08:00 "] * 0])
def test_what_is_no_time_is_refused(times: list[str]) -> None:
    with pytest.raises(BadTime):
        parse_times(times)


class Kind(JobKind):
    label = "Test"

    def run(self, run: Run) -> Mapping[str, Any]:
        return {}


@pytest.fixture
def kind(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(kinds._parts, "test", Kind())


def put(times: list[str], at: datetime = NOON) -> Schedule:
    return schedules.put(by=SYSTEM, name="source:1", kind="test", times=times, at=at)


@pytest.mark.usefixtures("kind")
def test_it_fires_once_when_it_is_due() -> None:
    put(["13:00"])
    assert schedules.fire_due(at=NOON) == 0
    later = NOON + timedelta(hours=1)
    assert schedules.fire_due(at=later) == 1
    assert schedules.fire_due(at=later) == 0
    assert Schedule.objects.get().next_at == later + timedelta(days=1)


@pytest.mark.usefixtures("kind")
def test_of_two_workers_one_starts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    put(["13:00"])
    later = NOON + timedelta(hours=1)
    real = next_time
    inner: list[int] = []

    def other_worker(*arguments: Any) -> datetime:
        """Both have read that it is due; the other one is faster."""
        if not inner:
            inner.append(0)
            inner[0] = schedules.fire_due(at=later)
        return real(*arguments)

    monkeypatch.setattr(schedules, "next_time", other_worker)
    assert schedules.fire_due(at=later) == 0
    assert inner == [1]
    assert Job.objects.count() == 1


@pytest.mark.usefixtures("kind")
def test_what_was_missed_is_made_up_for_once() -> None:
    put(["08:00", "20:00"])
    assert schedules.fire_due(at=NOON + timedelta(days=5)) == 1
    assert Schedule.objects.get().next_at == utc(2026, 11, 27, 20)


@pytest.mark.usefixtures("kind")
def test_it_does_not_pile_up_while_the_last_one_runs() -> None:
    put(["08:00"])
    assert schedules.fire_due(at=NOON + timedelta(days=1)) == 1
    assert schedules.fire_due(at=NOON + timedelta(days=2)) == 0
    run_job(Job.objects.get().pk, lambda: NOON + timedelta(days=2))
    assert schedules.fire_due(at=NOON + timedelta(days=3)) == 1


@pytest.mark.usefixtures("kind")
def test_it_follows_the_tenants_time_zone(ada: Identity) -> None:
    put(["20:00"])
    assert Schedule.objects.get().next_at == utc(2026, 11, 22, 20)
    set_time_zone(by=ada, name="Asia/Tokyo", at=NOON)
    assert schedules.fire_due(at=NOON) == 0
    assert Schedule.objects.get().next_at == utc(2026, 11, 23, 11)
    with pytest.raises(UnknownTimeZone):
        set_time_zone(by=ada, name="Mars/Olympus", at=NOON)


@pytest.mark.usefixtures("kind")
def test_it_can_be_changed_and_removed(ada: Identity) -> None:
    put(["13:00"])
    put(["14:00"])
    assert schedules.fire_due(at=NOON + timedelta(hours=1)) == 0
    schedules.remove(by=ada, name="source:1", at=NOON)
    schedules.remove(by=ada, name="source:1", at=NOON)
    assert schedules.fire_due(at=NOON + timedelta(hours=2)) == 0
    with pytest.raises(UnknownPart):
        schedules.put(by=ada, name="x", kind="nothing", times=["08:00"], at=NOON)
