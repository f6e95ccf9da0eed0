"""The worker's regular chores."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import override_settings
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from console import upkeep
from console.jobs import upkeep as jobs

DONE: list[str] = []


def fails() -> None:
    raise RuntimeError("on purpose")


def works() -> None:
    DONE.append("works")


@override_settings(UPKEEP=[f"{__name__}.fails", f"{__name__}.works"])
@pytest.mark.django_db
def test_one_that_fails_does_not_keep_the_others(caplog: pytest.LogCaptureFixture) -> None:
    DONE.clear()
    upkeep.run_once()
    assert DONE == ["works"]
    assert [record.getMessage() for record in caplog.records] == ["Upkeep failed"]


@override_settings(UPKEEP=["console.jobs.upkeep.no_such_thing"])
def test_a_slip_in_the_list_stops_the_start() -> None:
    with pytest.raises(SystemCheckError, match=r"console\.jobs\.upkeep\.no_such_thing"):
        call_command("check")


@pytest.fixture
def task(db: None) -> Callable[..., DBTaskResult[Any, Any]]:
    def make(**fields: object) -> DBTaskResult[Any, Any]:
        return DBTaskResult.objects.create(
            task_path="console.jobs.upkeep.forget_old_tasks",
            args_kwargs={"args": [], "kwargs": {}},
            backend_name="default",
            exception_class_path="",
            traceback="",
            **fields,
        )

    return make


def test_a_task_that_lost_its_worker_runs_again(
    task: Callable[..., DBTaskResult[Any, Any]],
) -> None:
    now = timezone.now()
    lost = task(status=TaskResultStatus.RUNNING, started_at=now - timedelta(minutes=61))
    busy = task(status=TaskResultStatus.RUNNING, started_at=now - timedelta(minutes=59))
    jobs.reclaim_lost_tasks()
    lost.refresh_from_db()
    busy.refresh_from_db()
    assert (lost.status, busy.status) == (TaskResultStatus.READY, TaskResultStatus.RUNNING)


def test_results_are_forgotten_after_a_week(task: Callable[..., DBTaskResult[Any, Any]]) -> None:
    now = timezone.now()
    task(status=TaskResultStatus.SUCCESSFUL, finished_at=now - timedelta(days=8))
    kept = task(status=TaskResultStatus.SUCCESSFUL, finished_at=now - timedelta(days=6))
    waiting = task(status=TaskResultStatus.READY)
    jobs.forget_old_tasks()
    assert set(DBTaskResult.objects.all()) == {kept, waiting}
