"""A rotation that is killed goes on where it was, and loses no value."""

from __future__ import annotations

import random

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.jobs import actions as jobs
from accounts.models import Job, StoredPassword
from accounts.sealing import actions, queries
from accounts.sealing.keyring import key_ring
from accounts.vault import secrets
from tests.factories import make_person
from tests.factories.vault import make_item
from tests.jobs.child import worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]

VALUES = 1_000


@pytest.fixture(autouse=True)
def worked_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_carriers", [])


def plant() -> list[StoredPassword]:
    now = timezone.now()
    item = make_item(make_person("otto"))
    rows = [
        secrets.sealed_password(item, f"planted-{number}", at=now, set_by="otto")
        for number in range(VALUES)
    ]
    for row in rows:
        row.replaced_at = now
    return StoredPassword.objects.bulk_create(rows)


def assert_all_there(rows: list[StoredPassword]) -> None:
    assert set(queries.counts()) == {key_ring().newest}
    found = StoredPassword.objects.in_bulk([row.pk for row in rows])
    opened = [secrets.opened_password(found[row.pk]).take() for row in rows]
    assert opened == [f"planted-{number}" for number in range(VALUES)]


def test_killed_at_any_statement_it_loses_nothing() -> None:
    rows = plant()
    actions.rotate(by=SYSTEM, at=timezone.now())
    with worker() as processes:
        effort = processes.finish()
        for seed in range(2):
            actions.rotate(by=SYSTEM, at=timezone.now())
            assert processes.kill_some(random.Random(seed), effort) > 0
            job = Job.objects.latest("created_at")
            assert (job.state, job.result["left"]) == ("succeeded", 0)
            assert job.attempt > 1
            assert_all_there(rows)


def test_two_workers_do_it_once() -> None:
    rows = plant()
    actions.rotate(by=SYSTEM, at=timezone.now())
    with worker() as processes:
        assert processes.together() == [0, 0]
    job = Job.objects.latest("created_at")
    assert job.result == {"rewrapped": VALUES + 1, "left": 0}
    assert_all_there(rows)
