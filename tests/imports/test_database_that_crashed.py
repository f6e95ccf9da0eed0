"""PostgreSQL crashes in the middle: its tables that are not logged are empty then."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.db import OperationalError, connection

from accounts.jobs import actions as jobs
from accounts.models import Job, PlannedChange, SourceAccount
from console.jobs.tasks import carry
from tests.imports.disturbed import (
    ACCOUNTS,
    PLANNED,
    begin,
    confirm,
    disturbed,
    told,
)
from tests.jobs.child import is_done, is_running, real_worker, wait_until, worker
from tests.postgres import server

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def own_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server that may crash without harm to other tests."""
    monkeypatch.setattr(jobs, "_carriers", [])
    settings = dict(connection.settings_dict)
    with server(synchronous_commit="on") as url:
        place = urlsplit(url)
        connection.close()
        connection.settings_dict |= {
            "NAME": place.path[1:],
            "HOST": place.hostname,
            "PORT": place.port,
            "USER": place.username,
        }
        try:
            call_command("migrate", verbosity=0, interactive=False)
            yield
        finally:
            connection.close()
            connection.settings_dict |= settings


def crash() -> None:
    """Kill a process of the server, whereupon it ends all others and recovers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'")
        (process,) = cursor.fetchone()
    os.kill(process, signal.SIGKILL)
    wait_until(lambda: not answers())
    connection.close()
    wait_until(answers)


def answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError:
        return False
    return True


def digests() -> set[tuple[str, object]]:
    return set(SourceAccount.objects.values_list("native_identity", "digest"))


def test_a_plan_that_a_crash_emptied_is_made_again_and_never_applied_in_part(
    own_server: None,
) -> None:
    with worker() as processes:
        wanted = disturbed.undisturbed(processes)
        _source, run = begin()
        processes.finish()
        before = digests()
        run.refresh_from_db()
        assert PlannedChange.objects.filter(plan=run.plan or 0).count() == sum(PLANNED[:2]) + 199
        confirm(run)
        crash()
        assert not PlannedChange.objects.exists()
        processes.finish()
        run.refresh_from_db()
        assert (run.state, run.planned_again, digests()) == ("planned", True, before)
        confirm(run)
        processes.finish()
        run.refresh_from_db()
        assert run.state == "applied"
        assert told(run)["SourceAccount"] == wanted["SourceAccount"]
        assert SourceAccount.objects.count() == ACCOUNTS + 1301


def test_a_crash_while_a_plan_is_made_costs_an_attempt(
    own_server: None, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with worker() as processes:
        wanted = disturbed.undisturbed(processes)
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    monkeypatch.setattr(jobs, "_carriers", [carry])

    def step(name: str) -> None:
        with real_worker() as process:
            if name == "plan":
                wait_until(lambda: is_running(1))
                crash()
            wait_until(is_done)
            assert process.poll() is None

    assert disturbed.run_through(step) == wanted
    assert Job.objects.get(kind="import.plan", result__new=PLANNED[0]).attempt > 1
