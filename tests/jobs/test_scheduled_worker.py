"""A real worker keeps to the tenant's clock, also on the days on which that changes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.jobs import actions
from accounts.models import Identity, Job, Schedule
from accounts.profiles.processing import scheduled
from accounts.tenant.time_zone import set_time_zone
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import make_profile
from tests.jobs.child import PROJECT, environment
from tokens.reminders import jobs as reminders

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

PATIENCE_SECONDS = 90


@contextmanager
def worker_at(moment: datetime) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.jobs.worker_at", moment.isoformat()],
        cwd=PROJECT,
        env=environment(),
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.kill()
        process.communicate()


def wait_until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, f"{what}: {list(Job.objects.values())}"
        time.sleep(0.2)


@pytest.fixture(autouse=True)
def uncarried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs of the test itself are none of the worker's."""
    monkeypatch.setattr(actions, "_carriers", [])


@pytest.fixture
def profile(db: None) -> None:
    """Robots that wait to be made identities by the next refresh."""
    source = make_source("Robots")
    bring(source, rows("R-1,robot01,r1@example.com,x", "R-2,robot02,r2@example.com,x"))
    make_profile(source)


def done(kind: str) -> bool:
    return Job.objects.filter(kind=kind, state="succeeded").exists()


def first_job(kind: str) -> datetime:
    return Job.objects.filter(kind=kind).order_by("created_at")[0].created_at


@pytest.mark.usefixtures("profile")
def test_on_the_day_the_clock_falls_back() -> None:
    set_time_zone(by=SYSTEM, name="Europe/Berlin", at=timezone.now())
    due = datetime(2026, 10, 25, 7, tzinfo=UTC)  # 08:00 CET, the day before it was 06:00 UTC
    with worker_at(due - timedelta(seconds=6)):
        wait_until(lambda: done("identity_processing.apply"), "the refresh")
        wait_until(lambda: done(reminders.KIND), "the reminders")
    for kind in (scheduled.KIND, reminders.KIND):
        assert due <= first_job(kind) < due + timedelta(minutes=2)
    assert Identity.objects.filter(user_name__startswith="robot").count() == 2
    assert Schedule.objects.get(name=scheduled.NAME).next_at == datetime(
        2026, 10, 25, 19, tzinfo=UTC
    )


@pytest.mark.usefixtures("profile")
def test_on_the_day_the_clock_springs_forward_with_a_zone_chosen_meanwhile() -> None:
    due = datetime(2027, 3, 28, 6, tzinfo=UTC)  # 08:00 CEST; by UTC it would be two hours later
    with worker_at(due - timedelta(seconds=15)):
        wait_until(lambda: Schedule.objects.count() == 2, "the schedules")
        set_time_zone(by=SYSTEM, name="Europe/Berlin", at=timezone.now())
        wait_until(lambda: done("identity_processing.apply"), "the refresh")
    assert due <= first_job(scheduled.KIND) < due + timedelta(minutes=2)
    assert Identity.objects.filter(user_name__startswith="robot").count() == 2
