"""Plan and application survive workers that are killed, stopped, or two at once."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.imports import actions
from accounts.jobs import actions as jobs
from accounts.models import Job, SourceAccount
from tests.imports.disturbed import ACCOUNTS, begin, confirm, disturbed
from tests.jobs.child import Worker, worker
from tests.jobs.killed import ROUNDS, SHARES

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    monkeypatch.setattr(jobs, "_carriers", [])
    with worker() as running:
        yield running


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_killed_at_random_the_end_is_row_by_row_that_of_an_undisturbed_run(
    seed: int, processes: Worker
) -> None:
    disturbed.survives_kills(processes, seed)


def test_two_workers_at_once_do_it_once(processes: Worker) -> None:
    disturbed.is_done_once(processes)


@pytest.mark.parametrize("share", SHARES)
def test_a_worker_that_was_stopped_past_its_lease_writes_nothing_more(
    share: float, processes: Worker
) -> None:
    disturbed.survives_a_stop(processes, share)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_cancelled_in_the_middle_all_is_applied_or_nothing(seed: int, processes: Worker) -> None:
    disturbed.undisturbed(processes)
    source, run = begin()
    processes.finish()
    before = set(SourceAccount.objects.values_list("native_identity", "digest"))
    run.refresh_from_db()
    confirm(run)
    processes.kill(after=random.Random(seed).uniform(0, disturbed.effort_of["apply"].seconds))
    run.refresh_from_db()
    if not run.is_finished:
        actions.cancel(by=SYSTEM, import_run=run, at=timezone.now())
        processes.finish()
        run.refresh_from_db()
    source.refresh_from_db()
    after = set(SourceAccount.objects.values_list("native_identity", "digest"))
    if run.state == "applied":
        assert len(after) == source.account_count == ACCOUNTS + 1301
    else:
        assert (run.state, after) == ("cancelled", before)
        assert source.account_count == ACCOUNTS
        assert not Job.objects.unfinished().exists()


@pytest.mark.sqlite
def test_where_the_disk_is_full_it_goes_on_when_there_is_room_again(processes: Worker) -> None:
    wanted = disturbed.undisturbed(processes)

    def step(name: str) -> None:
        assert processes.with_a_full_disk(seconds=1) == -signal.SIGKILL
        processes.finish()

    assert disturbed.run_through(step) == wanted
