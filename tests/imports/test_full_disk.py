"""A disk that is full, or a database that goes away, while a file is taken or staged."""

from __future__ import annotations

import resource
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.imports import actions, staging
from accounts.imports.files import uploads
from accounts.imports.files.uploads import NoRoom
from accounts.jobs import actions as jobs
from accounts.jobs.run import PAUSE, run_job
from accounts.models import ImportRun, Job, PlannedChange
from tests.factories.imports import accounts_of, bring, make_source, rows, upload, work

FILE = rows(*[f"SA-{n:05d},svc-{n:05d},o@x.y,{'x' * 100}" for n in range(3000)])


@pytest.mark.sqlite
@pytest.mark.django_db
def test_an_upload_for_which_the_disk_has_no_room_is_refused_and_not_kept() -> None:
    source = make_source()
    for path in uploads.folder().iterdir():
        path.unlink()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(NoRoom) as refused:
            upload(source, FILE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "disk is full" in refused.value.message
    assert not list(uploads.folder().iterdir())
    assert not ImportRun.objects.exists()


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_a_disk_that_fills_up_while_staging_fails_the_plan_by_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "_carriers", [])
    source = make_source()
    bring(source, rows("SA-777,kept,,"))
    run = upload(source, FILE)
    small = (*staging.WHILE_SCANNING, "PRAGMA temp.max_page_count = 40")
    with monkeypatch.context() as full:
        full.setattr(staging, "WHILE_SCANNING", small)
        work(run)
    assert (run.state, run.plan) == ("failed", None)
    assert run.failure == "The disk of the database is full. Make room, then try again."
    assert set(accounts_of(source)) == {"SA-777"}
    actions.plan_again(by=SYSTEM, import_run=run, at=timezone.now())
    assert (work(run).state, run.new) == ("planned", 3000)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_cut_while_rows_are_copied_costs_an_attempt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "_carriers", [])
    monkeypatch.setattr(staging, "BATCH_ROWS", 100)
    run = upload(make_source(), FILE)
    copy = staging.PostgresStaging.copy

    def cutting(tables: staging.PostgresStaging, found: Sequence[tuple[Any, ...]]) -> None:
        copy(tables, found)
        cut_own_connection()

    with monkeypatch.context() as failing:
        failing.setattr(staging.PostgresStaging, "copy", cutting)
        assert run.job_id is not None
        run_job(run.job_id)
    job = Job.objects.get(pk=run.job_id)
    assert (job.state, job.attempt) == ("queued", 1)
    run_job(job.pk, lambda: timezone.now() + PAUSE)
    run.refresh_from_db()
    assert (run.state, run.new) == ("planned", 3000)
    assert PlannedChange.objects.filter(plan=run.plan or 0).count() == 3000


def cut_own_connection() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (process,) = cursor.fetchone()
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
    other.close()
