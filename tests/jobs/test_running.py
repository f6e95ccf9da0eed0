"""Jobs: asked for, run once, told of, cancelled, fenced, and judged again when they start."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, transaction

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed
from accounts.identities import actions as identities
from accounts.jobs import actions, run
from accounts.jobs.actions import AlreadyRunning
from accounts.jobs.kinds import JobKind, kinds
from accounts.jobs.run import LEASE, LostJob, Run, run_job
from accounts.lib.errors import DomainError
from accounts.models import Identity, Job
from tests.factories import make_person

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


class Kind(JobKind):
    label = "Test"

    def __init__(self) -> None:
        self.does: Callable[[Run], Mapping[str, Any]] = lambda run: {"answer": 42}
        self.ends: list[str] = []
        self.runs = 0

    def run(self, run: Run) -> Mapping[str, Any]:
        self.runs += 1
        return self.does(run)

    def ended(self, job: Job, *, error: str, at: datetime) -> None:
        self.ends.append(error)


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> Kind:
    made = Kind()
    monkeypatch.setitem(kinds._parts, "test", made)
    return made


@pytest.fixture
def carried(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    monkeypatch.setattr(actions, "_carriers", [found.append])
    return found


def start(by: Any = SYSTEM, **options: Any) -> Job:
    return actions.start(by=by, kind="test", at=NOW, **options)


def clock(seconds: float = 1) -> Callable[[], datetime]:
    return lambda: NOW + timedelta(seconds=seconds)


def test_a_job_is_done_and_says_so(kind: Kind) -> None:
    job = start()
    run_job(job.pk, clock())
    job.refresh_from_db()
    assert (job.state, job.result, job.attempt) == ("succeeded", {"answer": 42}, 1)
    assert job.finished_at == NOW + timedelta(seconds=1)
    assert Event.objects.get(action="job.succeeded").detail == {"kind": "test", "answer": 42}


def test_redelivery_does_it_once(kind: Kind) -> None:
    job = start()
    for _ in range(5):
        run_job(job.pk, clock())
    assert kind.runs == 1
    assert Event.objects.filter(action="job.succeeded").count() == 1


def test_delivery_while_it_runs_does_nothing(kind: Kind) -> None:
    job = start()

    def does(_run: Run) -> dict[str, Any]:
        run_job(job.pk, clock())
        return {}

    kind.does = does
    run_job(job.pk, clock())
    assert kind.runs == 1


def test_it_is_handed_over_after_the_commit_only(
    kind: Kind, carried: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = start()
        assert carried == []
    assert carried == [job.pk]
    with django_capture_on_commit_callbacks(execute=True):
        start(not_before=NOW + timedelta(hours=1))
    assert carried == [job.pk]


def test_a_queue_that_is_down_loses_nothing(
    kind: Kind,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Any,
) -> None:
    def down(_job: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(actions, "_carriers", [down])
    with django_capture_on_commit_callbacks(execute=True), caplog.at_level(logging.CRITICAL):
        job = start()
    found: list[Any] = []
    monkeypatch.setattr(actions, "_carriers", [found.append])
    assert actions.hand_over_waiting(at=NOW + timedelta(seconds=30)) == 0
    assert actions.hand_over_waiting(at=NOW + timedelta(seconds=61)) == 1
    assert actions.hand_over_waiting(at=NOW + timedelta(seconds=62)) == 0
    assert found == [job.pk]


def test_a_job_for_later_is_handed_over_when_it_is_due(kind: Kind, carried: list[Any]) -> None:
    job = start(not_before=NOW + timedelta(hours=1))
    run_job(job.pk, clock())
    assert kind.runs == 0
    assert actions.hand_over_waiting(at=NOW + timedelta(minutes=59)) == 0
    assert actions.hand_over_waiting(at=NOW + timedelta(hours=1)) == 1
    run_job(job.pk, clock(3600))
    assert kind.runs == 1


def test_of_one_key_there_is_one_unfinished_job(kind: Kind) -> None:
    first = start(exclusive_key="import:1")
    with pytest.raises(AlreadyRunning) as refused:
        start(exclusive_key="import:1")
    assert refused.value.running == first
    start(exclusive_key="import:2")
    run_job(first.pk, clock())
    start(exclusive_key="import:1")


def test_progress_is_told_with_rate_and_time_left(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "PROGRESS_SECONDS", 0)
    seen: list[tuple[Any, ...]] = []

    def does(attempt: Run) -> dict[str, Any]:
        attempt.clock = clock(10)
        attempt.phase("Reading", total=400)
        attempt.progress(100)
        attempt.beat()
        job = Job.objects.get()
        left = job.time_left_at(NOW + timedelta(seconds=11))
        seen.append((job.phase, job.done, job.total, left, job.lease_until))
        return {}

    kind.does = does
    run_job(start().pk, clock(1))
    assert seen == [
        ("Reading", 100, 400, timedelta(seconds=30), NOW + timedelta(seconds=10) + LEASE)
    ]


def test_a_waiting_job_is_cancelled_at_once_and_never_runs(kind: Kind, ada: Identity) -> None:
    job = start()
    actions.ask_to_cancel(by=ada, job=job, at=NOW)
    assert job.state == "cancelled"
    assert kind.ends == [""]
    run_job(job.pk, clock())
    assert kind.runs == 0


def test_a_running_job_stops_at_its_next_sign_of_progress(
    kind: Kind, ada: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "PROGRESS_SECONDS", 0)
    job = start()

    def does(attempt: Run) -> dict[str, Any]:
        for _ in range(2):
            actions.ask_to_cancel(by=ada, job=job, at=NOW)
        attempt.progress(1)
        raise AssertionError("It went on.")

    kind.does = does
    run_job(job.pk, clock())
    job.refresh_from_db()
    assert (job.state, kind.ends) == ("cancelled", [""])
    asked = Event.objects.get(action="job.cancel_asked")
    assert asked.actor_label == ada.label


def test_an_attempt_that_lost_its_lease_can_write_nothing_more(
    kind: Kind, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(run, "PROGRESS_SECONDS", 0)
    job = start()
    refused: list[str] = []

    def does(attempt: Run) -> dict[str, Any]:
        if attempt.job.attempt == 2:
            return {"by": 2}
        # it was silent too long: another worker takes over and finishes
        late = NOW + LEASE + timedelta(seconds=2)
        assert actions.recover_lost(at=late) == 1
        run_job(job.pk, lambda: late)
        calls: dict[str, Callable[[], None]] = {
            "progress": lambda: attempt.progress(1),
            "hold": attempt.hold,
            "finish": lambda: attempt.finish({"by": 1}),
        }
        for name, call in calls.items():
            with pytest.raises(LostJob), transaction.atomic():
                call()
            refused.append(name)
        assert attempt.beat() is False
        return {"by": 1}

    kind.does = does
    run_job(job.pk, clock())
    job.refresh_from_db()
    assert (job.result, job.attempt, refused) == ({"by": 2}, 2, ["progress", "hold", "finish"])


def test_a_job_whose_workers_die_is_given_up(kind: Kind) -> None:
    kind.max_attempts = 2
    job = start()
    at = NOW
    for _attempt in (1, 2):
        assert run._take(job.pk, at) is not None
        assert actions.recover_lost(at=at + LEASE - timedelta(seconds=1)) == 0
        at += LEASE + timedelta(seconds=1)
        assert actions.recover_lost(at=at) == 1
    job.refresh_from_db()
    assert (job.state, job.attempt) == ("failed", 2)
    assert "2" in job.error
    assert kind.ends == [job.error]


def test_a_job_to_be_cancelled_whose_worker_died_is_cancelled(kind: Kind, ada: Identity) -> None:
    job = start()
    assert run._take(job.pk, NOW)
    actions.ask_to_cancel(by=ada, job=job, at=NOW)
    actions.recover_lost(at=NOW + LEASE + timedelta(seconds=1))
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_a_kind_that_this_version_does_not_know_fails_and_blocks_nobody(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown, other = start(), start()
    assert run._take(other.pk, NOW)
    Job.objects.update(kind="gone")
    run_job(unknown.pk, clock())
    assert actions.recover_lost(at=NOW + timedelta(hours=1)) == 1
    assert set(Job.objects.values_list("state", flat=True)) == {"failed"}


def test_whoever_lost_the_permission_since_is_refused_when_it_runs(
    kind: Kind, ada: Identity
) -> None:
    """AB-08: between the request and the run."""
    kind.permission = Permission.SOURCE_MANAGE
    boss = make_person("boss", levels=["admin"])
    job = start(by=boss)
    identities.set_levels(by=SYSTEM, identity=boss, levels=["auditor"], at=NOW)
    run_job(job.pk, clock())
    job.refresh_from_db()
    assert (job.state, kind.runs) == ("failed", 0)
    assert job.error.startswith("Not permitted")


def test_whoever_is_disabled_since_is_refused_when_it_runs(kind: Kind, ada: Identity) -> None:
    kind.permission = Permission.SOURCE_MANAGE
    boss = make_person("boss", levels=["admin"])
    job = start(by=boss)
    identities.set_disabled(by=SYSTEM, identity=boss, at=NOW)
    run_job(job.pk, clock())
    job.refresh_from_db()
    assert (job.state, kind.runs) == ("failed", 0)


def test_who_may_not_may_not_even_ask(kind: Kind, mallory: Identity) -> None:
    kind.permission = Permission.SOURCE_MANAGE
    with pytest.raises(NotAllowed):
        start(by=mallory)
    assert not Job.objects.exists()


def test_a_refusal_is_told_in_its_own_words(kind: Kind) -> None:
    def does(_run: Run) -> dict[str, Any]:
        raise DomainError("The file is empty.")

    kind.does = does
    job = start()
    run_job(job.pk, clock())
    job.refresh_from_db()
    assert (job.state, job.error, kind.ends) == (
        "failed",
        "The file is empty.",
        ["The file is empty."],
    )


def test_a_fault_is_logged_and_not_told(kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    def does(_run: Run) -> dict[str, Any]:
        raise ZeroDivisionError("secret detail")

    kind.does = does
    job = start()
    run_job(job.pk, clock())
    job.refresh_from_db()
    assert job.state == "failed"
    assert "secret" not in job.error
    assert "Job failed" in caplog.messages


def test_a_database_that_fails_gets_another_attempt(
    kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    def does(attempt: Run) -> dict[str, Any]:
        if attempt.job.attempt < 3:
            raise OperationalError("server closed the connection unexpectedly")
        return {"attempt": attempt.job.attempt}

    kind.does = does
    job = start()
    for seconds in (1, 2, 10, 20):
        run_job(job.pk, clock(seconds))
    job.refresh_from_db()
    assert (job.state, job.result) == ("succeeded", {"attempt": 3})


class DiskFull(Exception):
    """As PostgreSQL says it."""

    sqlstate = "53100"


def test_a_full_disk_is_called_so_and_not_tried_again(kind: Kind) -> None:
    def does(attempt: Run) -> dict[str, Any]:
        raise OperationalError("could not extend file") from DiskFull()

    kind.does = does
    job = start()
    run_job(job.pk, clock(1))
    job.refresh_from_db()
    assert (job.state, job.attempt) == ("failed", 1)
    assert job.error == "The disk of the database is full. Make room, then try again."
