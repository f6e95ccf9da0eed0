"""The worker and its sweep: what was asked for is done, and nothing that waits is forgotten."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.audit.actors import SYSTEM
from accounts.jobs import actions, heartbeat, run
from accounts.jobs.kinds import kinds
from accounts.jobs.run import Run, run_job
from accounts.models import Job
from console.jobs import sweep
from console.jobs.tasks import carry
from tests.factories.imports import make_source, rows, upload
from tests.jobs.child import PROJECT, environment
from tests.jobs.test_running import Kind, start

DATABASE_QUEUE = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


@pytest.mark.django_db
def test_a_chore_that_fails_does_not_keep_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []

    def fails(*, at: Any) -> int:
        raise RuntimeError

    def works(*, at: Any) -> int:
        done.append("works")
        return 1

    monkeypatch.setattr(sweep, "close_old_connections", lambda: None)
    monkeypatch.setattr(sweep, "CHORES", (fails, works))
    sweep.sweep_once(timezone.now())
    assert done == ["works"]
    assert caplog.messages == ["Sweeping jobs failed"]


@pytest.mark.django_db(transaction=True)
def test_the_queue_brings_the_id_of_a_job_and_no_more(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TASKS = DATABASE_QUEUE
    monkeypatch.setattr(actions, "_carriers", [carry])
    monkeypatch.setitem(kinds._parts, "test", Kind())
    job = start(payload={"secret": "x"})
    (task,) = DBTaskResult.objects.all()
    assert task.args_kwargs == {"args": [str(job.pk)], "kwargs": {}}


@pytest.mark.django_db(transaction=True)
def test_the_real_worker_does_what_is_on_the_queue_and_what_the_queue_lost(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TASKS = DATABASE_QUEUE
    monkeypatch.setattr(actions, "_carriers", [carry])
    on_queue = upload(make_source(), rows("SA-1,a,,"))
    lost = upload(make_source("Other"), rows("SA-1,a,,", "SA-2,b,,"))
    Job.objects.filter(payload__import=str(lost.pk)).update(
        handed_over_at=timezone.now() - timedelta(hours=1)
    )
    DBTaskResult.objects.filter(args_kwargs__args__0=str(lost.job_id)).delete()
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "worker"], cwd=PROJECT, env=environment()
    )
    try:
        deadline = time.monotonic() + 60
        while Job.objects.unfinished().exists():
            assert time.monotonic() < deadline
            assert worker.poll() is None
            time.sleep(0.1)
    finally:
        worker.terminate()
        assert worker.wait(30) == 0
    for found, new in ((on_queue, 1), (lost, 2)):
        found.refresh_from_db()
        assert (found.state, found.new) == ("planned", new)


@pytest.mark.django_db(transaction=True)
def test_a_long_statement_keeps_its_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "_carriers", [])
    monkeypatch.setattr(heartbeat, "EVERY_SECONDS", 0.02)
    monkeypatch.setattr(run, "LEASE", timedelta(seconds=0.5))
    kind = Kind()
    monkeypatch.setitem(kinds._parts, "test", kind)
    beats: set[Any] = set()

    def does(_run: Run) -> dict[str, Any]:
        deadline = time.monotonic() + 20
        while len(beats) < 3 and time.monotonic() < deadline:
            # stands for one long statement: nothing here tells of progress
            beats.add(Job.objects.values_list("lease_until", flat=True).get())
            time.sleep(0.01)
        return {}

    kind.does = does
    job = actions.start(by=SYSTEM, kind="test", at=timezone.now())
    run_job(job.pk)
    assert len(beats) == 3
    assert connection.is_usable()
