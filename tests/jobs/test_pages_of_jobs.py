"""The pages of jobs: what runs, how far it is, and how it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit.models import Event
from accounts.identities import inviting
from accounts.jobs.run import run_job
from accounts.jobs.states import State
from accounts.models import Identity, Job
from tests.factories.imports import make_source, rows, upload, work

ACCOUNTS = rows("SA-001,audit01,a@example.com,Audit")
ClientOf = Callable[[Identity], Client]


def make_job(by: Identity, name: str = "Service Accounts") -> Job:
    """The plan of an import, which waits for its turn."""
    run = upload(make_source(name), ACCOUNTS, by=by)
    return Job.objects.get(pk=str(run.job_id))


def run_along(job: Job, **values: Any) -> None:
    """The job as if a worker had it."""
    now = timezone.now()
    given = {
        "state": State.RUNNING,
        "attempt": 1,
        "started_at": now - timedelta(seconds=10),
        "lease_until": now + timedelta(seconds=30),
        "phase": "Reading",
        "done": 1000,
        "total": 3000,
    }
    Job.objects.filter(pk=job.pk).update(**given | values)


def test_the_list_names_kind_subject_state_and_who_asked(
    client_of: ClientOf, ada: Identity, vera: Identity
) -> None:
    make_job(ada)
    text = client_of(vera).get("/jobs/").content.decode()

    for said in ("Plan of an import", "Service Accounts", "Waiting", "ada"):
        assert said in text


def test_no_jobs_is_said(client_of: ClientOf, ada: Identity) -> None:
    assert "No jobs yet" in client_of(ada).get("/jobs/").content.decode()


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("state=queued", 1),
        ("state=failed", 0),
        ("kind=import.plan", 1),
        ("kind=import.apply", 0),
        ("state=nonsense&kind=nonsense", 1),
    ],
)
def test_filters(client_of: ClientOf, ada: Identity, query: str, count: int) -> None:
    make_job(ada)
    assert len(client_of(ada).get(f"/jobs/?{query}").context["rows"]) == count


def test_twenty_rows_cost_as_much_as_three(client_of: ClientOf, ada: Identity) -> None:
    browser, counts = client_of(ada), []
    for number in (3, 20):
        for index in range(number):
            make_job(ada, f"Source {number} {index}")
        with CaptureQueriesContext(connection) as captured:
            browser.get("/jobs/")
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_progress_is_asked_for_every_two_seconds_and_without_script_the_page_reloads(
    client_of: ClientOf, ada: Identity
) -> None:
    job = make_job(ada)
    run_along(job)
    text = client_of(ada).get(f"/jobs/{job.pk}/").content.decode()

    assert f'hx-get="/jobs/{job.pk}/progress/"' in text
    assert 'hx-trigger="every 2s"' in text
    assert '<noscript><meta http-equiv="refresh"' in text
    for said in ("Reading", "1,000 of 3,000", " a second, ", " seconds left"):
        assert said in text


def test_a_total_that_is_not_known_is_not_made_up(client_of: ClientOf, ada: Identity) -> None:
    job = make_job(ada)
    run_along(job, total=None)
    text = client_of(ada).get(f"/jobs/{job.pk}/progress/").content.decode()

    assert " of " not in text
    assert "max=" not in text
    assert "left" not in text


def test_the_end_has_the_page_load_itself_anew_and_the_result_stays(
    client_of: ClientOf, ada: Identity
) -> None:
    run = upload(make_source(), ACCOUNTS, by=ada)
    job = Job.objects.get(pk=str(run.job_id))
    browser = client_of(ada)
    assert "HX-Refresh" not in browser.get(f"/jobs/{job.pk}/progress/")

    work(run)

    assert browser.get(f"/jobs/{job.pk}/progress/")["HX-Refresh"] == "true"
    text = browser.get(f"/jobs/{job.pk}/").content.decode()
    assert "Scanned" in text
    assert f"/imports/{run.pk}/" in text
    assert "http-equiv" not in text


def test_a_waiting_job_is_cancelled_at_once(client_of: ClientOf, ada: Identity) -> None:
    job = make_job(ada)
    answer = client_of(ada).post(f"/jobs/{job.pk}/cancel/", follow=True)

    job.refresh_from_db()
    assert job.state == State.CANCELLED
    assert "The job is cancelled." in answer.content.decode()


def test_a_running_job_is_asked_to_stop(client_of: ClientOf, ada: Identity) -> None:
    job = make_job(ada)
    run_along(job)
    answer = client_of(ada).post(f"/jobs/{job.pk}/cancel/", follow=True)

    job.refresh_from_db()
    assert job.state == State.RUNNING
    assert job.cancel_asked_at is not None
    text = answer.content.decode()
    assert "The job is being stopped." in text
    assert f"/jobs/{job.pk}/cancel/" not in text


def test_a_job_that_has_ended_is_not_cancelled(client_of: ClientOf, ada: Identity) -> None:
    job = make_job(ada)
    run_along(job, state=State.SUCCEEDED, finished_at=timezone.now())
    answer = client_of(ada).post(f"/jobs/{job.pk}/cancel/", follow=True)

    job.refresh_from_db()
    assert job.state == State.SUCCEEDED
    assert "has ended already" in answer.content.decode()


def test_why_a_job_failed_is_said(client_of: ClientOf, ada: Identity) -> None:
    job = make_job(ada)
    run_along(job, state=State.FAILED, finished_at=timezone.now(), error="Its worker died.")

    assert "Its worker died." in client_of(ada).get(f"/jobs/{job.pk}/").content.decode()


def test_an_auditor_sees_and_may_not_cancel(
    client_of: ClientOf, ada: Identity, vera: Identity
) -> None:
    job, browser = make_job(ada), client_of(vera)

    assert f"/jobs/{job.pk}/cancel/" not in browser.get(f"/jobs/{job.pk}/").content.decode()
    assert browser.post(f"/jobs/{job.pk}/cancel/").status_code == 403
    assert Event.objects.filter(action="console.refused", actor_label="vera").exists()


PAGES = ["/jobs/", "/jobs/{0}/", "/jobs/{0}/progress/"]


@pytest.mark.parametrize("path", PAGES)
def test_a_basic_user_is_refused(
    client_of: ClientOf, ada: Identity, mallory: Identity, path: str
) -> None:
    assert client_of(mallory).get(path.format(make_job(ada).pk)).status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_only_read(client_of: ClientOf, ada: Identity, path: str) -> None:
    assert client_of(ada).post(path.format(make_job(ada).pk)).status_code == 405


def test_who_is_not_signed_in_is_asked_to(client: Client, db: None) -> None:
    assert client.get("/jobs/")["Location"] == "/sign-in/?next=/jobs/"


def test_a_job_that_does_not_exist_is_not_found(client_of: ClientOf, ada: Identity) -> None:
    path = "/jobs/00000000-0000-4000-8000-000000000000/"
    assert client_of(ada).get(path).status_code == 404
    assert client_of(ada).get(f"/jobs/{make_job(ada).pk}/cancel/").status_code == 405


def test_an_invitation_of_many_says_who_got_none_and_why(
    client_of: ClientOf, ada: Identity, otto: Identity
) -> None:
    job = inviting.start(by=ada, identities=[otto], at=timezone.now())
    run_job(job.pk)
    client = client_of(ada)
    assert "1 not invited." in client.get("/jobs/").content.decode()
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "otto: Has a password already. Reset it to start over." in page
    assert "Not invited" in page
