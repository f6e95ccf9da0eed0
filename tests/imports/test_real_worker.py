"""The worker of an installation is killed; the next one goes on by itself, with queue and sweep."""

from __future__ import annotations

import random
import time
from functools import partial

import pytest
from django.conf import LazySettings
from django.db import connection

from accounts.jobs import actions as jobs
from console.jobs.tasks import carry
from tests.imports.disturbed import disturbed
from tests.jobs.child import is_done, is_running, real_worker, wait_until, worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def queue(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs reach the workers by the queue in the database, as in an installation."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    monkeypatch.setattr(jobs, "_carriers", [carry])


def is_begun(attempt: int) -> bool:
    return is_running(attempt) or is_done()


def test_a_killed_worker_is_followed_by_another_without_anybodys_help() -> None:
    with worker() as processes:
        wanted = disturbed.undisturbed(processes)
    dice = random.Random(1)

    def step(name: str) -> None:
        for attempt in (1, 2):
            with real_worker():
                wait_until(partial(is_begun, attempt))
                time.sleep(dice.uniform(0, disturbed.effort_of[name].seconds / 2))
        with real_worker():
            wait_until(is_done)

    assert disturbed.run_through(step) == wanted


@pytest.mark.postgres
def test_connections_that_are_cut_cost_an_attempt_and_nothing_else() -> None:
    with worker() as processes:
        wanted = disturbed.undisturbed(processes)
    dice = random.Random(2)

    def step(name: str) -> None:
        with real_worker() as process:
            for attempt in (1, 2):
                wait_until(partial(is_begun, attempt))
                time.sleep(dice.uniform(0, disturbed.effort_of[name].seconds / 2))
                cut_connections()
            wait_until(is_done)
            assert process.poll() is None

    assert disturbed.run_through(step) == wanted


def cut_connections() -> None:
    """As a restart of the database does; but ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
