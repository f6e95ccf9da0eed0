"""The frame of every page says how many jobs run, and tells once that one's own has ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.jobs import actions
from accounts.models import Identity, Job
from tests.factories.imports import apply, make_source, plan, rows, upload, work

ClientOf = Callable[[Identity], Client]
FOUR = rows(*(f"SA-{n},audit0{n},a@example.com,Audit" for n in range(4)))

pytestmark = pytest.mark.django_db


def indicator(browser: Client, here: str = "/") -> str:
    answer = browser.get("/jobs/indicator/", headers={"HX-Current-URL": f"http://x{here}"})
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_counts_what_runs_and_asks_again_only_then(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)
    quiet = browser.get("/audit/").content.decode()
    assert 'id="jobs-indicator" href="/jobs/"' in quiet
    assert "/jobs/indicator/" not in quiet
    run = upload(make_source(), FOUR, by=ada)
    busy = browser.get("/audit/").content.decode()
    assert "1 job at work" in busy
    assert 'href="/jobs/?state=at_work"' in busy
    assert 'hx-get="/jobs/indicator/" hx-trigger="every 5s"' in busy
    assert len(browser.get("/jobs/?state=at_work").context["rows"]) == 1
    work(run)
    assert "hx-trigger" not in indicator(browser)
    assert browser.get("/jobs/?state=at_work").context["rows"] == []


def test_the_end_of_ones_own_job_is_told_once_on_the_next_page(
    client_of: ClientOf, ada: Identity, vera: Identity
) -> None:
    run = apply(plan(make_source(), FOUR, by=ada), by=ada)
    said = "Import of Service Accounts finished: 4 accounts imported."
    assert said not in client_of(vera).get("/audit/").content.decode()
    browser = client_of(ada)
    page = browser.get("/audit/").content.decode()
    assert said in page
    assert f'href="/sources/{run.source_id}/imports/{run.pk}/"' in page
    assert "finished" not in client_of(ada).get("/audit/").content.decode()


def test_the_poll_tells_it_into_the_messages_of_the_page(
    client_of: ClientOf, ada: Identity
) -> None:
    work(upload(make_source(), FOUR, by=ada))
    browser = client_of(ada)
    text = indicator(browser)
    assert 'hx-swap-oob="beforeend:#messages"' in text
    assert "The plan of the import of Service Accounts is made: 4 new." in text
    assert "hx-swap-oob" not in indicator(browser)


def test_a_page_that_shows_the_end_itself_does_not_announce_it(
    client_of: ClientOf, ada: Identity
) -> None:
    run = work(upload(make_source(), FOUR, by=ada))
    browser = client_of(ada)
    assert "is made: 4 new" not in indicator(browser, f"/sources/{run.source_id}/imports/{run.pk}/")
    assert "is made: 4 new" not in browser.get("/audit/").content.decode()


def test_an_import_that_is_held_is_no_success(client_of: ClientOf, ada: Identity) -> None:
    source = make_source()
    apply(plan(source, rows(*(f"SA-{n},audit{n:02},a@example.com,x" for n in range(40)))))
    plan(source, FOUR, by=ada)
    answer = client_of(ada).get("/audit/")
    (told,) = answer.context["jobs"].told
    assert told.tone == "notice"
    assert told.text.startswith("The import of Service Accounts is held: ")
    assert "36 missing" in told.text


def test_what_failed_is_told_with_its_reason(client_of: ClientOf, ada: Identity) -> None:
    run = upload(make_source(), FOUR, by=ada)
    now = timezone.now()
    Job.objects.filter(pk=str(run.job_id)).update(
        state="failed", finished_at=now, error="Its worker died 5 times."
    )
    page = client_of(ada).get("/audit/").content.decode()
    assert "Plan of an import “Service Accounts” failed: Its worker died 5 times." in page
    assert f'href="/jobs/{Job.objects.get().pk}/"' in page


def test_what_ended_days_ago_is_not_told_any_more(client_of: ClientOf, ada: Identity) -> None:
    work(upload(make_source(), FOUR, by=ada))
    Job.objects.update(finished_at=timezone.now() - timedelta(days=2))
    assert "is made" not in client_of(ada).get("/audit/").content.decode()


def test_up_to_three_are_told_each_in_its_own_words(client_of: ClientOf, ada: Identity) -> None:
    for number in range(3):
        work(upload(make_source(f"Source {number}"), FOUR, by=ada))
    browser = client_of(ada)
    counts = [browser.get("/audit/").content.decode().count("is made: 4 new") for _ in range(2)]
    assert counts == [3, 0]


def test_many_are_told_as_one_number_once(client_of: ClientOf, ada: Identity) -> None:
    for number in range(5):
        work(upload(make_source(f"Source {number}"), FOUR, by=ada))
    browser = client_of(ada)
    text = browser.get("/audit/").content.decode()
    assert "5 jobs that you asked for have ended." in text
    assert 'href="/jobs/">See them' in text
    assert "is made: 4 new" not in text
    assert "have ended" not in browser.get("/audit/").content.decode()


def test_the_list_of_jobs_tells_no_number_of_what_it_lists(
    client_of: ClientOf, ada: Identity
) -> None:
    for number in range(5):
        work(upload(make_source(f"Source {number}"), FOUR, by=ada))
    browser = client_of(ada)
    for path in ("/jobs/", "/audit/"):
        assert "have ended" not in browser.get(path).content.decode()


def test_a_failure_among_many_is_not_hidden_by_the_number(
    client_of: ClientOf, ada: Identity
) -> None:
    for number in range(5):
        work(upload(make_source(f"Source {number}"), FOUR, by=ada))
    first = Job.objects.earliest("finished_at")
    Job.objects.filter(pk=first.pk).update(state="failed", error="The disk is full.")
    answer = client_of(ada).get("/audit/")
    (told,) = answer.context["jobs"].told
    assert (told.tone, told.text) == (
        "danger",
        "5 jobs that you asked for have ended. Failed: 1.",
    )


def test_of_two_pages_at_once_one_tells_it(ada: Identity) -> None:
    work(upload(make_source(), FOUR, by=ada))
    seen = [Job.objects.get(), Job.objects.get()]
    now = timezone.now()
    assert [len(actions.tell([job], at=now)) for job in seen] == [1, 0]


def test_it_costs_one_statement_and_none_for_who_may_not_see_jobs(
    client_of: ClientOf, ada: Identity, mallory: Identity
) -> None:
    for number in range(5):
        upload(make_source(f"Source {number}"), FOUR, by=ada)
    for person, most in ((ada, 1), (mallory, 0)):
        browser = client_of(person)
        browser.get("/profile/")
        with CaptureQueriesContext(connection) as captured:
            page = browser.get("/profile/").content.decode()
        asked = [q["sql"] for q in captured if "accounts_job" in q["sql"]]
        assert len(asked) == most
        assert ("jobs-indicator" in page) is bool(most)


def test_others_are_refused(
    client: Client, client_of: ClientOf, ada: Identity, mallory: Identity
) -> None:
    assert client_of(mallory).get("/jobs/indicator/").status_code == 403
    assert client.get("/jobs/indicator/")["Location"].startswith("/sign-in/")
    assert client_of(ada).post("/jobs/indicator/").status_code == 405
