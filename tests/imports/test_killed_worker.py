"""Plan and application survive a worker that is killed at any moment, any number of times."""

from __future__ import annotations

import os
import random

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.imports import actions
from accounts.jobs import actions as jobs
from accounts.models import ImportRun, PlannedChange, RemovedAccount, SourceAccount
from tests.factories.imports import accounts_of, bring, make_source, rows, upload
from tests.jobs.child import Worker, worker

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = int(os.environ.get("KILL_ROUNDS", "3"))
ACCOUNTS = 4000


def line(number: int, purpose: str = "as before") -> str:
    return f"SA-{number:05d},svc-{number:05d},o@x.y,{purpose}"


BEFORE = rows(*[line(n) for n in range(ACCOUNTS)])
AFTER = rows(
    *[line(n, "changed" if n % 3 == 0 else "as before") for n in range(200, ACCOUNTS)],
    *[line(n) for n in range(ACCOUNTS, ACCOUNTS + 1500)],
)
WANTED = {
    text.split(",")[0]: dict(
        sorted(zip(("id", "name", "e-mail", "purpose"), text.split(","), strict=True))
    )
    for text in AFTER.splitlines()[1:]
}


def kill_some(processes: Worker, seconds: float, dice: random.Random) -> None:
    """Two attempts die at random moments, the third may live."""
    for _ in range(2):
        processes.kill(after=dice.uniform(0, seconds))
    processes.finish()


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_the_end_is_exactly_what_was_planned(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_carriers", [])
    dice = random.Random(seed)
    source = make_source()
    bring(source, BEFORE)
    run = upload(source, AFTER)
    with worker() as processes:
        kill_some(processes, 0.5, dice)
        run.refresh_from_db()
        assert (run.state, run.new, run.changed, run.missing) == ("planned", 1500, 1267, 200)
        assert PlannedChange.objects.filter(plan=run.plan or 0).count() == 2967
        assert accounts_of(source)["SA-00000"]["purpose"] == "as before"
        actions.confirm(by=SYSTEM, import_run=run, at=timezone.now())
        kill_some(processes, 0.5, dice)
    run.refresh_from_db()
    source.refresh_from_db()
    assert (run.state, run.removed, run.planned_again) == ("applied", 200, False)
    assert accounts_of(source) == WANTED
    assert source.account_count == len(WANTED) == SourceAccount.objects.count()
    assert RemovedAccount.objects.count() == 200
    assert ImportRun.objects.filter(state="applied").count() == 2
