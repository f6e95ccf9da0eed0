"""What is done at set times: listed and run at once, by our own API."""

from __future__ import annotations

import pytest

from accounts.models import Event, Identity, Job
from tests.doors.rest import world
from tests.doors.rest.caller import Caller

pytestmark = pytest.mark.django_db


def test_all_are_listed_the_next_first_with_how_they_went(admin: Caller) -> None:
    schedule = world.schedule()
    path = f"/jobs/schedules/{schedule.pk}"
    assert admin.get(path).json()["last_job"] is None
    run = admin.post(f"{path}/run")
    assert run.status_code == 201, run.content
    job = Job.objects.get(pk=run.json()["id"])
    assert run.headers["Location"] == f"/api/v1/jobs/{job.pk}"
    listed = admin.get("/jobs/schedules", limit="200").json()["items"]
    assert [row["next_at"] for row in listed] == sorted(row["next_at"] for row in listed)
    (mine,) = [row for row in listed if row["id"] == schedule.pk]
    assert mine["last_job"]["id"] == str(job.pk)
    assert mine["times"] == ["08:00"]
    assert Event.objects.get(action="job.run_now").credential_id is not None


def test_while_it_runs_it_is_not_run_again(admin: Caller) -> None:
    path = f"/jobs/schedules/{world.schedule().pk}/run"
    assert admin.post(path).status_code == 201
    again = admin.post(path)
    assert again.status_code == 409
    assert Job.objects.filter(kind="reminder.find").count() == 1


def test_who_only_sees_jobs_runs_none(vera: Identity, otto: Identity) -> None:
    schedule = world.schedule()
    path = f"/jobs/schedules/{schedule.pk}"
    assert Caller(vera).get(path).status_code == 200
    assert Caller(vera).post(f"{path}/run").status_code == 403
    for call in (path, "/jobs/schedules"):
        assert Caller(otto).get(call).status_code == 403
    assert not Job.objects.filter(kind="reminder.find").exists()
    admin_only = Caller(vera, ["steward:jobs:read"])
    assert admin_only.post(f"{path}/run").status_code == 403
