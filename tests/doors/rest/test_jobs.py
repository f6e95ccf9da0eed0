"""Background jobs by our own API."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.jobs.run import run_job
from accounts.jobs.states import State
from accounts.models import Event, Identity, Job
from tests.doors.rest.caller import Caller, fields
from tests.factories import make_person
from tests.factories.imports import make_source, rows, upload

pytestmark = pytest.mark.django_db

ACCOUNTS = rows("SA-001,audit01,a@example.com,Audit")


def make_job(by: Identity, name: str = "Service Accounts", owner: Identity | None = None) -> Job:
    """The plan of an import, which waits for its turn."""
    source = make_source(name)
    source.owner = owner
    source.save(update_fields=["owner"])
    run = upload(source, ACCOUNTS, by=by)
    return Job.objects.get(pk=str(run.job_id))


def test_a_job_is_listed_and_read_with_what_came_of_it(admin: Caller, ada: Identity) -> None:
    job = make_job(ada)
    waiting = admin.get(f"/jobs/{job.pk}").json()
    assert (waiting["state"], waiting["kind"]) == ("queued", "import.plan")
    assert (waiting["asked_by"], waiting["subject"]) == (ada.label, "Service Accounts")
    run_job(job.pk)
    ended = admin.get(f"/jobs/{job.pk}").json()
    assert (ended["state"], ended["attempts"], ended["error"]) == ("succeeded", 1, "")
    assert ended["result"]
    assert ended["finished_at"]
    assert admin.get("/jobs").json() == {"items": [ended], "next": None}
    assert admin.get(f"/jobs/{job.pk}", fields="state").json() == {"state": "succeeded"}


def test_the_list_is_narrowed(admin: Caller, ada: Identity) -> None:
    one, two = make_job(ada, "One"), make_job(ada, "Two")
    run_job(one.pk)

    def ids(**query: str) -> list[str]:
        listed = admin.get("/jobs", **query)
        assert listed.status_code == 200, listed.content
        return [job["id"] for job in listed.json()["items"]]

    assert ids() == [str(two.pk), str(one.pk)]
    assert ids(sort="created_at") == [str(one.pk), str(two.pk)]
    assert ids(state="at_work") == [str(two.pk)]
    assert ids(state="succeeded") == [str(one.pk)]
    assert ids(kind="import.apply") == []
    assert ids(subject_id=two.subject_id) == [str(two.pk)]
    assert ids(subject_id="nothing") == []


@pytest.mark.parametrize(
    "query",
    [
        {"state": "done"},
        {"kind": "no.such"},
        {"kind": "x" * 41},
        {"subject_id": "x" * 65},
        {"sort": "kind"},
        {"limit": "1000"},
    ],
)
def test_a_filter_that_means_nothing_is_named(admin: Caller, query: dict[str, str]) -> None:
    answer = admin.get("/jobs", **query)
    assert answer.status_code == 422, answer.content
    assert fields(answer) == set(query)


def test_everybody_sees_their_own_and_those_of_what_they_own(
    ada: Identity, otto: Identity, vera: Identity, mallory: Identity
) -> None:
    own = make_person("bea", levels=["source_subadmin"])
    job = make_job(ada, owner=own)
    path = f"/jobs/{job.pk}"
    assert Caller(own).get(path).status_code == 200
    assert Caller(vera).get(path).status_code == 200
    for person in (otto, mallory):
        caller = Caller(person)
        assert caller.get(path).status_code == 403
        assert caller.get("/jobs").status_code == 403
        assert caller.post(f"{path}/cancel").status_code == 403
    stranger = Caller(make_person("cleo", levels=["source_subadmin"]))
    assert stranger.get("/jobs").json()["items"] == []
    assert stranger.get(path).status_code == 404
    assert stranger.post(f"{path}/cancel").status_code == 404
    assert Job.objects.get().state == State.QUEUED


def test_who_sees_a_job_and_could_not_ask_for_it_does_not_cancel_it(
    ada: Identity, vera: Identity
) -> None:
    job = make_job(ada)
    assert Caller(vera).post(f"/jobs/{job.pk}/cancel").status_code == 403
    assert Event.objects.filter(action="api.refused", actor_id=str(vera.pk)).exists()
    assert Job.objects.get().state == State.QUEUED


def test_a_job_is_cancelled_once_and_then_answered_as_it_is(admin: Caller, ada: Identity) -> None:
    path = f"/jobs/{make_job(ada).pk}"
    first, again = (admin.post(f"{path}/cancel") for _ in range(2))
    assert (first.status_code, first.json()["state"]) == (200, "cancelled")
    assert again.json() == first.json()
    assert Event.objects.filter(action__startswith="job.").count() == 1


def test_a_scope_to_read_cancels_nothing(ada: Identity) -> None:
    job = make_job(ada)
    reader = Caller(ada, ["steward:jobs:read"])
    assert reader.get(f"/jobs/{job.pk}").status_code == 200
    assert reader.post(f"/jobs/{job.pk}/cancel").status_code == 403
    assert Caller(ada, ["steward:groups:manage"]).get("/jobs").status_code == 403
    assert Job.objects.get().state == State.QUEUED


def test_no_jobs_and_no_such_job(admin: Caller) -> None:
    assert admin.get("/jobs").json() == {"items": [], "next": None}
    for path in (f"/jobs/{uuid4()}", f"/jobs/{uuid4()}/cancel"):
        method = "POST" if path.endswith("cancel") else "GET"
        assert admin.send(method, path).status_code == 404


def test_many_jobs_cost_as_many_statements_as_few(admin: Caller, ada: Identity) -> None:
    admin.get("/jobs")
    counts = []
    for until in (2, 8):
        for number in range(Job.objects.count(), until):
            make_job(ada, f"Source {number}")
        with CaptureQueriesContext(connection) as captured:
            assert len(admin.get("/jobs").json()["items"]) == until
        counts.append(len(captured))
    assert counts[0] == counts[1]
