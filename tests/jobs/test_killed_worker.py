"""A worker that is killed loses nothing: another attempt goes on, with the result of one."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.jobs import actions
from accounts.jobs.kinds import kinds
from accounts.models import Job, TenantSetting
from tests.jobs.child import Counting, worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def counting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(kinds._parts, "test.counting", Counting())
    monkeypatch.setattr(actions, "_carriers", [])


@pytest.mark.parametrize("place", ["before", "inside", "after"])
def test_it_is_done_once_wherever_the_worker_was_killed(place: str, tmp_path: Path) -> None:
    TenantSetting.objects.create(
        name="counter", value=0, changed_at=timezone.now(), changed_by="test"
    )
    signal = tmp_path / "hangs"
    job = actions.start(
        by=SYSTEM,
        kind="test.counting",
        payload={"hang": place, "file": str(signal)},
        at=timezone.now(),
    )
    with worker() as processes:
        assert processes.kill(when=signal) == -9
        processes.finish()
    job.refresh_from_db()
    assert (job.state, job.result) == ("succeeded", {"counted": 1})
    # what was committed together with its end needs no second attempt
    assert job.attempt == (1 if place == "after" else 2)
    assert TenantSetting.objects.get(name="counter").value == 1
    assert Job.objects.count() == 1
