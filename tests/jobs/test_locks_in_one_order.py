"""Whoever ends a job and whoever does it lock what they need in one order: nobody waits for ever.

Each test holds a job at the very moment at which it makes sure that it is still its own, has
somebody else end it then, and lets it go on once the other waits or is done.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.imports import actions as imports
from accounts.jobs import actions
from accounts.jobs.endings import close
from accounts.jobs.run import Run, run_job
from accounts.jobs.states import State
from accounts.models import ImportRun, Job, Processing, Source
from accounts.profiles.processing import actions as processing_actions
from tests.factories.imports import bring, make_source, plan, rows
from tests.factories.profiles import make_profile
from tests.factories.profiles import plan as plan_processing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

Act = Callable[[], Any]


def is_somebody_waiting() -> bool:
    with connection.cursor() as cursor:
        # within a transaction it would tell what it told before
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


@pytest.fixture(autouse=True)
def no_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs wait until the test does them."""
    monkeypatch.setattr(actions, "_carriers", [])


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Act], Future[Any]]]:
    """Do an act while a job is about to hold its row for the first time."""
    with ThreadPoolExecutor(1) as pool:
        acts: list[Act] = []
        answer: Future[Any] = Future()
        hold = Run.hold

        def in_a_thread(act: Act) -> None:
            try:
                answer.set_result(act())
            except Exception as error:  # noqa: BLE001  the test looks at it
                answer.set_exception(error)
            finally:
                connection.close()

        def held(run: Run) -> None:
            if acts:
                pool.submit(in_a_thread, acts.pop())
                until = time.monotonic() + 20
                while not (answer.done() or is_somebody_waiting()) and time.monotonic() < until:
                    time.sleep(0.02)
            hold(run)

        def arrange(act: Act) -> Future[Any]:
            acts.append(act)
            return answer

        monkeypatch.setattr(Run, "hold", held)
        yield arrange


@pytest.fixture
def applying() -> Job:
    """An import that is confirmed and about to be applied."""
    planned = plan(make_source(), rows("1,one,a@x.example,"))
    imports.confirm(by=SYSTEM, import_run=planned, at=timezone.now())
    return Job.objects.get(kind="import.apply")


def test_a_failure_waits_for_the_import_that_is_being_applied(
    applying: Job, meanwhile: Callable[[Act], Future[Any]]
) -> None:
    def fail() -> bool:
        return close(applying, state=State.FAILED, by=SYSTEM, at=timezone.now(), error="No")

    answer = meanwhile(fail)
    run_job(applying.pk)
    assert answer.result(30) is False
    applying.refresh_from_db()
    assert applying.state == State.SUCCEEDED
    assert ImportRun.objects.get().state == "applied"
    assert Source.objects.get().failure == ""


def test_the_sweep_leaves_a_slow_import_to_its_worker(
    applying: Job, meanwhile: Callable[[Act], Future[Any]]
) -> None:
    Job.objects.filter(pk=applying.pk).update(attempt=4)  # the next is the last
    late = timezone.now() + timedelta(hours=1)
    answer = meanwhile(lambda: actions.recover_lost(at=late))
    run_job(applying.pk)
    assert answer.result(30) == 0
    applying.refresh_from_db()
    assert applying.state == State.SUCCEEDED


def test_an_import_is_cancelled_or_applied(
    applying: Job, meanwhile: Callable[[Act], Future[Any]]
) -> None:
    found = ImportRun.objects.get()
    answer = meanwhile(lambda: imports.cancel(by=SYSTEM, import_run=found, at=timezone.now()))
    run_job(applying.pk)
    answer.result(30)
    assert ImportRun.objects.get().state in ("applied", "cancelled")


@pytest.mark.parametrize("how", ["fail", "cancel"])
def test_processing_and_whoever_ends_it(meanwhile: Callable[[Act], Future[Any]], how: str) -> None:
    source = make_source()
    bring(source, rows("1,one,a@x.example,"))
    processing = plan_processing(make_profile(source))
    processing_actions.confirm(by=SYSTEM, processing=processing, at=timezone.now())
    job = Job.objects.get(kind="identity_processing.apply")

    def end() -> Any:
        now = timezone.now()
        if how == "fail":
            return close(job, state=State.FAILED, by=SYSTEM, at=now, error="No")
        return processing_actions.cancel(by=SYSTEM, processing=processing, at=now)

    answer = meanwhile(end)
    run_job(job.pk)
    answer.result(30)
    ended = Processing.objects.get()
    assert ended.is_finished
    job.refresh_from_db()
    assert job.is_finished
