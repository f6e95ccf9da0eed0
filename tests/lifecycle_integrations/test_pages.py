"""The pages of life-cycle integrations: the wizard, the plan, what stops and ends them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.groups import memberships
from accounts.lifecycle_integrations import secrets
from accounts.models import Event, Group, Identity, LifecycleIntegration, LifecycleRun
from console.ui.sentences import sentence
from tests.factories import vault
from tests.factories.lifecycle import (
    TOKEN,
    Application,
    allow_this_machine,
    connected,
    make_lifecycle,
    synchronize,
    work,
)

ClientOf = Callable[[Identity], Client]
BASE = "/tenant-settings/lifecycle-integrations/"


def settings_of(
    lifecycle: LifecycleIntegration, group: Group, **changes: object
) -> dict[str, object]:
    return {
        "groups": [str(group.pk)],
        "owner": "ada",
        "leavers": "deactivate",
        "threshold_percent": "20",
        "revision": lifecycle.revision,
    } | changes


def test_an_integration_is_set_up_step_by_step(
    client_of: ClientOf, ada: Identity, acme: Application, team: Group
) -> None:
    allow_this_machine()
    browser = client_of(ada)
    assert "No life-cycle integration yet" in browser.get(BASE).content.decode()
    named = {"name": "People in Acme", "application": "Acme", "connector": "scim"}
    answer = browser.post(f"{BASE}new/", named, follow=True)
    lifecycle = LifecycleIntegration.objects.get()
    page = f"{BASE}{lifecycle.pk}/"
    assert answer.redirect_chain[-1][0] == f"{page}connection/"
    assert "Step 2 of 4" in answer.content.decode()
    there = {"url": acme.url, "auth": "bearer", "secret": TOKEN, "revision": "1"}
    answer = browser.post(f"{page}connection/", there, follow=True)
    assert answer.redirect_chain[-1][0] == f"{page}rules/"
    assert TOKEN not in answer.content.decode()
    lifecycle.refresh_from_db()
    answer = browser.post(f"{page}rules/", settings_of(lifecycle, team), follow=True)
    assert answer.redirect_chain[-1][0] == f"{page}test/"
    assert "Test and save" in answer.content.decode()
    answer = browser.post(f"{page}test/", follow=True)
    assert "The connection works. It answers, and has 0 accounts." in answer.content.decode()
    assert "Validated" in answer.content.decode()

    answer = browser.post(f"{page}synchronize/", {}, follow=True)
    run = LifecycleRun.objects.get()
    assert run.plan_only
    work(run)
    shown = browser.get(f"{BASE}runs/{run.pk}/").content.decode()
    assert "This plan waits for confirmation" in shown
    assert "anna@example.com" in shown
    assert "Apply" in browser.get(f"{BASE}runs/{run.pk}/apply/").content.decode()
    browser.post(f"{BASE}runs/{run.pk}/apply/", {"sure": "1"})
    assert work(run).state == "done"
    assert len(acme.users()) == 6
    for part, text in (
        ("", "Up to date"),
        ("members/", "anna"),
        ("activity/", "anna was invited by People in Acme"),
        ("settings/", "Stored, never shown"),
    ):
        assert text in browser.get(page + part).content.decode()
    listed = browser.get(BASE).content.decode()
    assert "People in Acme" in listed
    assert "Up to date" in listed
    events = Event.objects.filter(subject_id=str(lifecycle.pk))
    assert TOKEN not in "".join(str(event.detail) for event in events)
    assert sentence(events.get(action="lifecycle_integration.validated")).startswith("ada tested")


def test_a_connection_that_does_not_work_says_why(
    client_of: ClientOf, ada: Identity, acme: Application, team: Group
) -> None:
    lifecycle = connected(acme.url, [team], secret="wrong", validate=False)
    answer = client_of(ada).post(f"{BASE}{lifecycle.pk}/test/")
    assert "does not let us in (status 401)" in answer.content.decode()
    assert "Validation failed" in client_of(ada).get(BASE).content.decode()
    answer = client_of(ada).post(f"{BASE}{lifecycle.pk}/synchronize/", follow=True)
    assert "Test the connection first." in answer.content.decode()


@pytest.mark.parametrize(
    ("changed", "field", "text"),
    [
        ({"url": "ftp://example.com"}, "url", "whole address"),
        ({"url": "https://u:p@example.com/"}, "url", "user name or password"),
        ({"url": "https://example.com/?x=1"}, "url", "question mark"),
        ({"secret": ""}, "secret", "Type the secret"),
        ({"secret": "a\nb"}, "secret", "cannot be sent"),
        ({"secret": "ü"}, "secret", "cannot be sent"),
        ({"auth": "none"}, "auth", "valid"),
        ({"item": "00000000-0000-4000-8000-000000000000"}, "item", "you own"),
        ({"revision": "9"}, "__all__", "Someone else changed"),
    ],
)
def test_a_connection_that_cannot_be_is_refused(
    client_of: ClientOf, ada: Identity, changed: dict[str, str], field: str, text: str
) -> None:
    lifecycle = make_lifecycle()
    form = {"url": "https://example.com/v2", "auth": "bearer", "secret": "s", "revision": "1"}
    answer = client_of(ada).post(f"{BASE}{lifecycle.pk}/connection/", form | changed)
    assert answer.status_code == 200
    assert text in str(answer.context["form"].errors[field])
    lifecycle.refresh_from_db()
    assert not lifecycle.has_secret


def test_a_stored_secret_is_never_sent_elsewhere(
    client_of: ClientOf, ada: Identity, team: Group
) -> None:
    lifecycle = connected("https://example.com/v2", [team], validate=False)
    url = f"{BASE}{lifecycle.pk}/connection/"
    kept = {"url": "https://example.com/v2", "auth": "bearer", "revision": lifecycle.revision}
    moved = kept | {"url": "https://evil.example/v2"}
    answer = client_of(ada).post(url, moved)
    assert "sent elsewhere" in str(answer.context["form"].errors["secret"])
    assert client_of(ada).post(url, kept).status_code == 302
    lifecycle.refresh_from_db()
    assert secrets.access(lifecycle).secret == TOKEN
    assert TOKEN not in client_of(ada).get(url).content.decode()


def test_the_secret_may_come_from_an_account_in_the_vault_that_one_owns(
    client_of: ClientOf, ada: Identity, otto: Identity, acme: Application, team: Group
) -> None:
    allow_this_machine()
    mine = vault.make_item(ada, password=TOKEN, label="Acme API")
    others = vault.make_item(otto, password="of-otto-9", label="Of Otto")
    lifecycle = make_lifecycle()
    url = f"{BASE}{lifecycle.pk}/connection/"
    page = client_of(ada).get(url).content.decode()
    assert "Acme API" in page
    assert "Of Otto" not in page
    form = {"url": acme.url, "auth": "bearer", "revision": "1"}
    answer = client_of(ada).post(url, form | {"item": str(others.pk)})
    assert "you own" in str(answer.context["form"].errors["item"])
    assert client_of(ada).post(url, form | {"item": str(mine.pk)}).status_code == 302
    answer = client_of(ada).post(f"{BASE}{lifecycle.pk}/test/", follow=True)
    assert "The connection works." in answer.content.decode()
    assert (
        "From the vault: Acme API"
        in client_of(ada).get(f"{BASE}{lifecycle.pk}/settings/").content.decode()
    )
    lifecycle.refresh_from_db()
    elsewhere = form | {"url": "https://evil.example/v2", "revision": lifecycle.revision}
    assert client_of(ada).post(url, elsewhere).status_code == 200


def test_settings_that_cannot_be_are_refused(
    client_of: ClientOf, ada: Identity, team: Group
) -> None:
    lifecycle = make_lifecycle()
    url = f"{BASE}{lifecycle.pk}/rules/"
    for changes, field in (
        ({"groups": []}, "groups"),
        ({"threshold_percent": "0"}, "threshold_percent"),
        ({"threshold_percent": "101"}, "threshold_percent"),
        ({"owner": "nobody-of-that-name"}, "owner"),
        ({"leavers": "explode"}, "leavers"),
    ):
        answer = client_of(ada).post(url, settings_of(lifecycle, team, **changes))
        assert field in answer.context["form"].errors
    assert not lifecycle.groups.exists()


def test_a_held_plan_wants_the_name_typed(
    client_of: ClientOf, ada: Identity, acme: Application, team: Group, people: list[Identity]
) -> None:
    lifecycle = connected(acme.url, [team])
    synchronize(lifecycle)
    for person in people[:3]:
        memberships.remove(by=SYSTEM, group=team, identity=person, at=timezone.now())
    run = synchronize(lifecycle)
    url = f"{BASE}runs/{run.pk}/"
    assert "Held: nothing is changed yet" in client_of(ada).get(url).content.decode()
    answer = client_of(ada).post(f"{url}apply/", {"name": "people"})
    assert "not its name" in answer.content.decode()
    run.refresh_from_db()
    assert run.state == "held"
    client_of(ada).post(f"{url}apply/", {"name": "People in Acme"})
    assert work(run).state == "done"
    assert [user["active"] for user in acme.users().values()].count(False) == 3
    assert "does not wait any more" in client_of(ada).get(f"{url}apply/").content.decode()


def test_confirming_asks_for_the_password_again(
    client_of: ClientOf, ada: Identity, acme: Application, team: Group
) -> None:
    run = synchronize(connected(acme.url, [team]), plan_only=True)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        browser = client_of(ada)
        clock.shift(timedelta(minutes=6))
        asked = browser.post(f"{BASE}runs/{run.pk}/apply/")
    assert "Confirm that it is you" in asked.content.decode()
    run.refresh_from_db()
    assert run.state == "planned"


def test_a_plan_is_discarded_and_an_integration_paused_resumed_and_deleted(
    client_of: ClientOf, ada: Identity, acme: Application, team: Group
) -> None:
    lifecycle = connected(acme.url, [team])
    run = synchronize(lifecycle, plan_only=True)
    browser, page = client_of(ada), f"{BASE}{lifecycle.pk}/"
    browser.post(f"{BASE}runs/{run.pk}/discard/")
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert (
        "does not wait"
        in browser.post(f"{BASE}runs/{run.pk}/discard/", follow=True).content.decode()
    )
    browser.post(f"{page}pause/")
    assert "It is paused" in browser.get(page).content.decode()
    assert "Synchronize now" not in browser.get(page).content.decode()
    browser.post(f"{page}resume/")
    assert "It is paused" not in browser.get(page).content.decode()
    wrong = browser.post(f"{page}delete/", {"name": "x"})
    assert "not its name" in wrong.content.decode()
    browser.post(f"{page}delete/", {"name": "People in Acme"})
    assert not LifecycleIntegration.objects.exists()
    assert Event.objects.filter(action="lifecycle_integration.deleted").count() == 1


def test_auditors_look_and_change_nothing(
    client_of: ClientOf, vera: Identity, mallory: Identity, acme: Application, team: Group
) -> None:
    lifecycle = connected(acme.url, [team])
    run = synchronize(lifecycle, plan_only=True)
    page = f"{BASE}{lifecycle.pk}/"
    for part in ("", "members/", "activity/", "settings/"):
        shown = client_of(vera).get(page + part)
        assert shown.status_code == 200
        assert "Make a plan" not in shown.content.decode()
        assert client_of(mallory).get(page + part).status_code == 403
    assert "Apply this plan" not in client_of(vera).get(f"{BASE}runs/{run.pk}/").content.decode()
    for part in ("connection/", "rules/", "test/", "synchronize/", "pause/", "delete/"):
        assert client_of(vera).post(page + part).status_code == 403


def test_twenty_integrations_cost_as_many_queries_as_three(
    client_of: ClientOf, ada: Identity
) -> None:
    counts, browser = [], client_of(ada)
    for start, stop in ((0, 3), (3, 20)):
        for number in range(start, stop):
            make_lifecycle(f"Number {number}")
        browser.get(BASE)
        with CaptureQueriesContext(connection) as queries:
            browser.get(BASE)
        counts.append(len(queries))
    assert counts[0] == counts[1]
