"""What is scheduled is listed, with the times of the tenant, and administrators run it at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.authorization.policies import NotAllowed
from accounts.jobs import actions, schedules
from accounts.jobs.run import run_job
from accounts.models import Identity, Job, Schedule
from accounts.profiles.processing import scheduled
from accounts.tenant.time_zone import set_time_zone
from console.ui.sentences import sentence
from tokens.reminders import jobs

ClientOf = Callable[[Identity], Client]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def put_up() -> None:
    now = timezone.now()
    jobs.ensure(at=now)
    scheduled.ensure(at=now)


@pytest.mark.usefixtures("put_up")
def test_it_says_what_when_and_how_it_went(client_of: ClientOf, ada: Identity) -> None:
    schedule = Schedule.objects.get(name="Reminders")
    schedules.run_now(by=ada, schedule=schedule, at=timezone.now())
    run_job(Job.objects.get().pk)
    page = client_of(ada).get("/jobs/scheduled/").content.decode()
    for said in ("Reminders", "08:00", "Identity refresh", "08:00, 20:00", "Never run yet"):
        assert said in page
    assert f"/jobs/{Job.objects.get().pk}/" in page
    assert "90 days" in page


def test_the_next_time_is_told_by_the_tenants_clock(client_of: ClientOf, ada: Identity) -> None:
    set_time_zone(by=ada, name="Europe/Berlin", at=NOON)
    jobs.ensure(at=NOON)
    with time_machine.travel(NOON, tick=False):
        page = client_of(ada).get("/jobs/scheduled/").content.decode()
    assert "23 Nov 2026, 08:00 CET" in page


def test_without_a_schedule_it_says_when_there_will_be(client_of: ClientOf, ada: Identity) -> None:
    assert "Nothing is scheduled yet" in client_of(ada).get("/jobs/scheduled/").content.decode()


@pytest.mark.usefixtures("put_up")
def test_an_administrator_runs_it_now_and_its_times_stay(
    client_of: ClientOf, ada: Identity
) -> None:
    schedule = Schedule.objects.get(name="Reminders")
    browser = client_of(ada)
    answer = browser.post(f"/jobs/scheduled/{schedule.pk}/run/")
    job = Job.objects.get()
    assert answer["Location"] == f"/jobs/{job.pk}/"
    assert (job.kind, job.asked_by) == ("reminder.find", "ada")
    assert Schedule.objects.get(pk=schedule.pk).next_at == schedule.next_at
    assert sentence(Event.objects.get(action="job.run_now")) == "ada had Reminders run at once"
    page = browser.get("/jobs/scheduled/").content.decode()
    assert f"/jobs/scheduled/{schedule.pk}/run/" not in page, "it runs already"
    again = browser.post(f"/jobs/scheduled/{schedule.pk}/run/", follow=True)
    assert "being done already" in again.content.decode()
    assert Job.objects.count() == 1
    run_job(job.pk)
    assert Job.objects.get().state == "succeeded"


@pytest.mark.usefixtures("put_up")
def test_an_auditor_sees_and_does_not_run(client_of: ClientOf, vera: Identity) -> None:
    schedule = Schedule.objects.get(name="Reminders")
    browser = client_of(vera)
    assert "Run now" not in browser.get("/jobs/scheduled/").content.decode()
    assert browser.post(f"/jobs/scheduled/{schedule.pk}/run/").status_code == 403
    with pytest.raises(NotAllowed):
        schedules.run_now(by=vera, schedule=schedule, at=timezone.now())
    assert not Job.objects.exists()


@pytest.mark.usefixtures("put_up")
def test_others_and_other_methods_are_refused(
    client: Client, client_of: ClientOf, ada: Identity, mallory: Identity
) -> None:
    run = f"/jobs/scheduled/{Schedule.objects.all()[0].pk}/run/"
    assert client.get("/jobs/scheduled/")["Location"].startswith("/sign-in/")
    assert client_of(mallory).get("/jobs/scheduled/").status_code == 403
    assert client_of(mallory).post(run).status_code == 403
    assert client_of(ada).get(run).status_code == 405
    assert client_of(ada).post("/jobs/scheduled/").status_code == 405
    assert client_of(ada).post("/jobs/scheduled/999999/run/").status_code == 404


def test_twenty_schedules_cost_as_much_as_three(client_of: ClientOf, ada: Identity) -> None:
    browser, counts = client_of(ada), []
    for number in (3, 20):
        for index in range(number):
            put = schedules.put(
                by=SYSTEM, name=f"{number} {index}", kind=jobs.KIND, times=["08:00"], at=NOON
            )
            schedules.run_now(by=ada, schedule=put, at=timezone.now())
        with CaptureQueriesContext(connection) as captured:
            browser.get("/jobs/scheduled/")
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_old_jobs_are_forgotten_and_unfinished_ones_are_not(ada: Identity) -> None:
    old, new = NOON - timedelta(days=91), NOON - timedelta(days=89)
    for at, ended in ((old, True), (old, False), (new, True)):
        job = actions.start(by=SYSTEM, kind=jobs.KIND, at=at)
        if ended:
            actions.ask_to_cancel(by=ada, job=job, at=at)
    actions.forget_old(at=NOON)
    assert sorted(Job.objects.values_list("created_at", "state")) == [
        (old, "queued"),
        (new, "cancelled"),
    ]
