"""A large plan is made by two processes and applied by two connections, as if by one."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.jobs import actions as jobs
from accounts.lib.second_process import SecondProcess
from accounts.lib.sql import execute
from accounts.models import (
    Identity,
    IdentityAccount,
    IdentityProfile,
    Job,
    PlannedEffect,
    Processing,
)
from accounts.profiles.locking import lock, share
from accounts.profiles.processing import actions, evaluating, hands, plan, scan
from accounts.profiles.processing.writing import Writer
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import make_profile, process, work
from tests.jobs.snapshot import empty
from tests.profiles.disturbed import line, told

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

ACCOUNTS = 2000
WRONG = ["SA-99998,svc-00100,collides@example.com,x", "SA-99999,bad name!,none@example.com,x"]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_carriers", [])
    monkeypatch.setattr(scan, "STEP", 100)
    monkeypatch.setattr(plan, "CHUNK_LINES", 100)
    monkeypatch.setattr(evaluating, "LINES_AT_ONCE", 100)


@pytest.fixture
def two(small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluating, "HALVED_AFTER", 300)
    monkeypatch.setattr(evaluating, "HALVED_FROM", 100)
    monkeypatch.setattr(hands, "WORTHWHILE", 100)


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[SecondProcess]:
    """The second processes that were begun."""
    begun: list[SecondProcess] = []
    enter = SecondProcess.__enter__

    def counted(process: SecondProcess) -> SecondProcess:
        begun.append(process)
        return enter(process)

    monkeypatch.setattr(SecondProcess, "__enter__", counted)
    return begun


def ask(*, address: str = "old") -> Processing:
    source = make_source(threshold=50)
    bring(source, rows(*[line(n, address) for n in range(ACCOUNTS)], *WRONG))
    return actions.plan(by=SYSTEM, profile=make_profile(source), at=timezone.now())


def confirm(processing: Processing) -> Processing:
    actions.confirm(by=SYSTEM, processing=processing, at=timezone.now())
    work()
    processing.refresh_from_db()
    return processing


def made(processing: Processing) -> Processing:
    work()
    processing.refresh_from_db()
    return processing


def check_all_are_there(processing: Processing) -> None:
    assert processing.state == "applied"
    assert processing.done == processing.total == ACCOUNTS - 1
    assert Identity.objects.filter(origin="profile").count() == ACCOUNTS - 1
    assert IdentityAccount.objects.count() == ACCOUNTS - 1
    created = Event.objects.filter(action="service_account.created")
    assert created.count() == created.values("subject_id").distinct().count() == ACCOUNTS - 1


def test_two_leave_behind_what_one_does(small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = told(confirm(made(ask())))
    empty()
    monkeypatch.setattr(evaluating, "HALVED_AFTER", 300)
    monkeypatch.setattr(evaluating, "HALVED_FROM", 100)
    monkeypatch.setattr(hands, "WORTHWHILE", 100)
    assert told(confirm(made(ask()))) == alone


def test_each_account_is_planned_once_and_applied_once(
    two: None, processes: list[SecondProcess]
) -> None:
    processing = made(ask())
    (second,) = processes
    assert 0 < second.done < ACCOUNTS
    assert (processing.effects, processing.in_error) == ({"created": ACCOUNTS - 1}, 3)
    planned = PlannedEffect.objects.filter(plan=processing.plan or 0)
    assert planned.values("native_identity").distinct().count() == ACCOUNTS - 1
    check_all_are_there(confirm(processing))


def test_of_a_few_changes_one_process_makes_the_plan(
    two: None, processes: list[SecondProcess]
) -> None:
    processing = confirm(made(ask()))
    processes.clear()
    profile = processing.profile
    bring(profile.source, rows(*[line(n, "new" if n < 50 else "old") for n in range(ACCOUNTS)]))
    assert process(profile).effects["changed"] == 50
    assert processes == []


def test_a_second_process_that_is_killed_fails_the_plan_and_changes_nothing(
    two: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    enter = SecondProcess.__enter__

    def killed(process: SecondProcess) -> SecondProcess:
        entered = enter(process)
        os.kill(process.pid, signal.SIGKILL)
        return entered

    monkeypatch.setattr(SecondProcess, "__enter__", killed)
    processing = ask()
    work()
    processing.refresh_from_db()
    assert processing.state == "failed"
    assert not Identity.objects.filter(origin="profile").exists()
    assert "Died" in caplog.text
    monkeypatch.undo()
    assert process(processing.profile).effects == {"created": ACCOUNTS - 1}


def test_the_fault_of_a_second_hand_is_that_of_the_job_and_the_next_attempt_goes_on(
    two: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    processing = made(ask())
    write = Writer.write
    faults: list[int] = []

    def faulty(writer: Writer) -> None:
        if threading.current_thread().name == "second-hand" and not faults:
            faults.append(writer.chunk.pk)
            raise OperationalError
        write(writer)

    monkeypatch.setattr(Writer, "write", faulty)
    check_all_are_there(confirm(processing))
    assert faults
    assert Job.objects.get(kind=plan.APPLY).attempt == 2


def test_a_plan_that_takes_identities_away_is_applied_by_one(two: None) -> None:
    processing = Processing(total=hands.WORTHWHILE)
    for effects, pays in (
        ({"created": 1, "changed": 2, "seen": 3}, True),
        ({"created": 1, "disabled": 2}, False),
        ({"created": 1, "disabled_by_state": 1}, False),
        ({"created": 1, "disabled": 0}, True),
    ):
        processing.effects = dict[str, Any](effects)
        assert hands.pay_for(processing) is pays
    processing.total -= 1
    assert not hands.pay_for(processing)


def test_two_can_rely_on_a_profile_while_whoever_edits_it_waits() -> None:
    profile = make_profile(make_source())

    def beside(take: Callable[[IdentityProfile], object]) -> bool:
        """Whether another connection is let in."""
        answers: list[bool] = []

        def other() -> None:
            try:
                with transaction.atomic():
                    execute("SET LOCAL lock_timeout = '200ms'")
                    take(profile)
                answers.append(True)
            except OperationalError:
                answers.append(False)
            finally:
                connection.close()

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        return answers == [True]

    with transaction.atomic():
        share(profile)
        assert (beside(share), beside(lock)) == (True, False)
    with transaction.atomic():
        lock(profile)
        assert (beside(share), beside(lock)) == (False, False)
    assert beside(lock)
