"""What cannot wait between a source and those who sign in, for whoever may see it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.identities import invitations
from accounts.imports import actions as imports
from accounts.jobs import schedules
from accounts.models import Identity, Job, Schedule, Source
from accounts.sources.actions import note_health
from tests.factories import make_person
from tests.factories.imports import apply, bring, make_source, plan, rows
from tests.factories.profiles import make_profile, process
from tokens.models import Letter
from tokens.reminders import jobs as reminders

SignedIn = Callable[[Identity], Client]

pytestmark = pytest.mark.django_db


def lines(count: int) -> str:
    return rows(*(f"SA-{n},audit{n:02},a{n}@example.com,Audit" for n in range(count)))


def told(client: Client) -> dict[str, str]:
    """Name to text; each leads to a page that opens."""
    answer = client.get("/")
    assert answer.status_code == 200
    for matter in answer.context["matters"]:
        assert client.get(matter.url).status_code == 200, matter
        assert client.get(matter.page).status_code == 200, matter
    return {matter.name: matter.text for matter in answer.context["matters"]}


def test_a_quiet_tenant_has_nothing_to_tell(client_of: SignedIn, ada: Identity) -> None:
    bring(make_source(), lines(2))
    assert told(client_of(ada)) == {}


def test_sources_in_error_and_without_accounts(
    client_of: SignedIn, ada: Identity, vera: Identity
) -> None:
    now = timezone.now()
    note_health(make_source("Failing"), failure="The file ends in a quote.", at=now)
    make_source("New")
    make_source("Empty")
    Source.objects.filter(name="Empty").update(created_at=now - timedelta(days=2))
    assert told(client_of(ada)) == {
        "Failing": "It could not be read: The file ends in a quote.",
        "Empty": "It has no accounts yet.",
    }
    assert set(told(client_of(vera))) == {"Failing", "Empty"}
    assert decided(client_of(ada)) == {"See its imports", "Import Accounts"}
    assert decided(client_of(vera)) == {"See its imports"}


def decided(client: Client) -> set[str]:
    return {matter.action for matter in client.get("/").context["matters"]}


def test_imports_that_wait_or_failed(client_of: SignedIn, ada: Identity, vera: Identity) -> None:
    for name in ("Held", "Planned"):
        bring(make_source(name), lines(40))
    plan(Source.objects.get(name="Held"), lines(4), by=ada)
    waits = plan(Source.objects.get(name="Planned"), lines(41), by=ada)
    assert told(client_of(ada)) == {
        "Held": "An import is held: it would remove 36 accounts.",
        "Planned": "The plan of an import waits for confirmation.",
    }
    auditor = client_of(vera)
    assert told(auditor) == told(client_of(ada)), "and each of its links opens"
    assert decided(client_of(ada)) == {"Decide"}
    assert decided(auditor) == {"See it"}
    apply(waits)
    assert set(told(client_of(ada))) == {"Held"}


def test_an_import_that_failed_is_told_until_another_follows(
    client_of: SignedIn, ada: Identity
) -> None:
    source = make_source()
    bring(source, lines(2))
    run = plan(source, "nothing,like,the,schema\n1,2,3,4\n", by=ada)
    assert run.state == "failed"
    (text,) = told(client_of(ada)).values()
    assert run.failure in text
    bring(source, lines(2))
    assert told(client_of(ada)) == {}


def test_profiles_with_changes_or_exceptions(client_of: SignedIn, ada: Identity) -> None:
    source = make_source("Robots")
    bring(source, rows("SA-1,audit01,a@example.com,x", "SA-2,audit01,b@example.com,x"))
    profile = make_profile(source)
    assert told(client_of(ada)) == {
        "Robots": "Recent changes need to be applied through identity processing."
    }
    process(profile)
    (text,) = told(client_of(ada)).values()
    assert "exception" in text


def test_mails_that_were_not_sent(client_of: SignedIn, ada: Identity, otto: Identity) -> None:
    now = timezone.now()
    invitation = invitations.invite(by=ada, identity=otto, at=now)
    invitations.note_not_sent(invitation, reason="Connection refused", at=now)
    Letter.objects.create(address="x@example.com", created_at=now, failure="No route")
    Letter.objects.create(address="y@example.com", created_at=now, failure="?", next_try_at=now)
    found = told(client_of(ada))
    assert found["otto"] == "The invitation was not sent: Connection refused"
    assert found["Reminders"].endswith("No route")
    assert len(found) == 2


def test_a_scheduled_job_that_failed_until_it_goes_well(client_of: SignedIn, ada: Identity) -> None:
    now = timezone.now()
    reminders.ensure(at=now)
    schedules.run_now(by=ada, schedule=Schedule.objects.get(), at=now)
    Job.objects.update(state="failed", finished_at=now, error="The disk is full.")
    assert told(client_of(ada)) == {
        "Reminders of what ends soon": "It failed at its set time: The disk is full."
    }
    schedules.run_now(by=ada, schedule=Schedule.objects.get(), at=now + timedelta(seconds=1))
    assert told(client_of(ada)) == {}


def everything(number: int) -> None:
    """So many of each."""
    now = timezone.now()
    for n in range(number):
        name = f"{number}-{n}"
        note_health(make_source(f"Failing {name}"), failure="x", at=now)
        make_source(f"Empty {name}")
        source = make_source(f"Source {name}")
        bring(source, rows(f"{name},{name},a@example.com,x", f"{name}b,{name},b@example.com,x"))
        process(make_profile(source))
        plan(source, rows(f"{name},{name},c@example.com,x", f"{name}b,{name},b@example.com,x"))
        person = make_person(f"p{name}")
        invitation = invitations.invite(by=SYSTEM, identity=person, at=now)
        invitations.note_not_sent(invitation, reason="Connection refused", at=now)
    Source.objects.filter(name__startswith="Empty").update(created_at=now - timedelta(days=2))


def test_ten_of_each_cost_as_much_as_four_and_are_cut(client_of: SignedIn, ada: Identity) -> None:
    client = client_of(ada)

    def cost() -> int:
        client.get("/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/")
        return len(captured)

    everything(4)
    few = cost()
    everything(6)
    assert cost() == few
    page = client.get("/").content.decode()
    for said in (
        "More sources are in error",
        "More sources have no accounts",
        "More imports wait",
        "More profiles have exceptions",
        "More invitations were not sent",
    ):
        assert said in page
    assert len(client.get("/").context["matters"]) < 30


def test_what_one_may_not_see_is_not_told(
    client_of: SignedIn, ada: Identity, mallory: Identity
) -> None:
    everything(2)
    assert told(client_of(mallory)) == {}
    sub = make_person("sam", levels=["source_subadmin"])
    assert told(client_of(sub)) == {}
    Source.objects.filter(name="Failing 2-0").update(owner=sub)
    assert set(told(client_of(sub))) == {"Failing 2-0"}


def test_what_was_decided_is_told_no_more(client_of: SignedIn, ada: Identity) -> None:
    source = make_source()
    bring(source, lines(40))
    held = plan(source, lines(4), by=ada)
    imports.cancel(by=ada, import_run=held, at=timezone.now())
    assert told(client_of(ada)) == {}
