"""The demo: a believable tenant, made once, never where it could do harm."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import URLResolver, get_resolver
from django.utils import timezone

from accounts.models import Event, Identity, ServiceAccount
from accounts.service_accounts.states import Status
from console.management.demo.cast import CAST, PASSWORD
from console.management.demo.fleet import FLEET, STANDING
from console.management.demo.sources import IMPORTED
from tests.architecture.sources import PROJECT
from tests.factories import make_person
from tokens.models import Credential, DailyUse, KeyPickup
from tokens.service_accounts.overview import ending_keys, numbers, refused
from tokens.usage import queries as usage

README = (PROJECT / "README.md").read_text("utf-8")

pytestmark = pytest.mark.django_db


def seed() -> str:
    out = io.StringIO()
    call_command("seed_demo", stdout=out)
    return out.getvalue()


def refusal() -> str:
    """The one line that is said instead."""
    err = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("seed_demo", stderr=err)
    assert ended.value.code == 2
    (line,) = err.getvalue().splitlines()
    assert line.startswith("steward: ")
    return line


def rows() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def sign_in(user_name: str) -> Client:
    client = Client()
    answer = client.post("/sign-in/", {"login": user_name, "password": PASSWORD})
    assert answer.status_code == 302, answer.content
    return client


def test_it_says_who_can_sign_in_and_they_can() -> None:
    said = seed()
    for person in CAST:
        assert (f"  {person.user_name} " in said) is (person.left_days_ago is None)
        if person.left_days_ago is None:
            sign_in(person.user_name)
    assert PASSWORD in said


@pytest.mark.sqlite
def test_readme_and_list_and_pages_tell_the_same_numbers() -> None:
    people, accounts = len(CAST), len(STANDING) + len(IMPORTED)
    assert f"{people} people and {accounts} service accounts" in seed()
    assert f"{people} people and {accounts} service accounts" in " ".join(README.split())
    ada = sign_in("ada")
    listed = ada.get("/service-accounts/").context["page"]
    assert listed.summary == f"{accounts} in all"
    shown = ada.get("/identities/?kind=person").context["page"]
    assert shown.summary == f"{people} in all"


@pytest.mark.sqlite
def test_it_takes_few_seconds() -> None:
    start = time.monotonic()
    seed()
    assert time.monotonic() - start < 10


def test_a_second_time_changes_nothing() -> None:
    said = seed()
    before = rows()
    assert seed() == said
    assert rows() == before
    Identity.objects.filter(user_name="otto").update(email="moved@example.com")
    assert seed() == said, "also where people went on using it"
    assert rows() == before


def test_every_state_is_there() -> None:
    seed()
    now = timezone.now()
    accounts = ServiceAccount.objects.select_related("identity")
    states = [account.status_at(now) for account in accounts]
    assert len(states) == len(FLEET) + len(IMPORTED)
    assert set(states) == set(Status)
    ada = Identity.objects.get(user_name="ada")
    counted = numbers(ada, now)
    assert min(counted.active, counted.expiring, counted.unused, counted.no_owner) >= 1
    assert {key.account.name for key in ending_keys(ada, now)} == {
        "csp-report",
        "certificate-watch",
    }
    assert refused(ada, now)[0].account.name == "esv-pipeline"
    assert KeyPickup.objects.open_at(now).get().owner.user_name == "otto"
    assert Credential.objects.filter(retires_at__gt=now).count() == 1


@pytest.mark.sqlite
def test_programs_were_at_work_for_a_month_and_until_now() -> None:
    seed()
    now = timezone.now()
    audit01 = ServiceAccount.objects.get(name="audit01")
    days = usage.by_day(audit01, now)
    assert sum(1 for _day, count in days if count) >= 29
    assert usage.live_tokens(audit01, now) >= 1
    impact = usage.impact(ServiceAccount.objects.get(name="esv-pipeline"), now)
    assert len(impact.keys) == 2, "one of its programs still uses the key that was replaced"
    assert not DailyUse.objects.filter(last_at__gt=now).exists()
    assert not Event.objects.filter(at__gt=now).exists()


@pytest.mark.sqlite
def test_nothing_happened_before_those_who_did_it_were_there() -> None:
    seed()
    for account in ServiceAccount.objects.select_related("identity", "owner"):
        used = DailyUse.objects.filter(identity=account.identity, first_at__lt=account.created_at)
        assert not used.exists(), account.name
        if account.owner is not None:
            assert account.owner.created_at < account.created_at, account.name
    oldest = Event.objects.order_by("at")[0]
    assert oldest.action == "identity.created"


@pytest.mark.sqlite
def test_no_private_key_is_left_anywhere() -> None:
    said = seed()
    # with the colon: three bytes alone also stand in a digest now and then
    marks = ('"d":', "PRIVATE KEY", '"p":', '"dp":')
    with connection.cursor() as cursor:
        for model in apps.get_models():
            names = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
            cursor.execute(f'SELECT {names} FROM "{model._meta.db_table}"')  # noqa: S608
            text = str(cursor.fetchall())
            assert not any(mark in text for mark in marks), model
    assert not any(mark in said for mark in marks)


@pytest.mark.parametrize("name", ["production", "Prod", "LIVE"])
def test_it_stays_out_of_production(settings: Any, name: str) -> None:
    settings.STEWARD_ENVIRONMENT = name
    assert "stays out of production" in refusal()
    assert not Identity.objects.exists()


def test_it_does_not_mix_with_a_tenant_in_use() -> None:
    make_person("somebody")
    assert "in use already" in refusal()
    assert Identity.objects.count() == 1
    assert not ServiceAccount.objects.exists()


@pytest.mark.sqlite
def test_half_of_it_is_never_left(monkeypatch: pytest.MonkeyPatch) -> None:
    from console.management.demo import traffic

    def fail(*_args: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(traffic, "sign_in", fail)
    with pytest.raises(RuntimeError):
        seed()
    assert not Identity.objects.exists()
    monkeypatch.undo()
    seed()
    assert Identity.objects.exists()


def plain_pages(resolver: URLResolver, prefix: str = "/") -> Iterator[str]:
    """Addresses of pages that need no id."""
    for pattern in resolver.url_patterns:
        address = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from plain_pages(pattern, address)
        elif "<" not in address and not pattern.callback.__module__.startswith("tokens."):
            yield address


@pytest.mark.sqlite
def test_every_page_opens_for_everybody_or_is_refused() -> None:
    """Nothing in a tenant full of odd states makes a page fail."""
    seed()
    accounts = list(ServiceAccount.objects.existing())
    of_accounts = [
        f"/service-accounts/{account.pk}/{part}"
        for account in accounts
        for part in ("", "keys/", "scopes/", "activity/", "edit/", "delete/", "regenerate-key/")
    ]
    of_people = [f"/identities/{person.pk}/" for person in Identity.objects.people()]
    of_events = [f"/audit/{event.pk}/" for event in Event.objects.order_by("?")[:30]]
    ada = sign_in("ada")
    for page in (*of_accounts, *of_people, *of_events):
        assert ada.get(page).status_code == 200, page
    expected = {200, 302, 403, 404, 405}
    some = [*plain_pages(get_resolver()), *of_accounts[:7], of_people[0], of_events[0]]
    for user_name in ("ada", "vera", "otto", "mallory"):
        client = sign_in(user_name)
        for page in some:
            assert client.get(page).status_code in expected, f"{user_name} {page}"


@pytest.mark.sqlite
def test_yesterday_is_the_same_on_every_day() -> None:
    """The demo counts back from now, so it is as young next year."""
    seed()
    newest = Event.objects.exclude(action="setup.demo_filled").newest_first()[0]
    assert timezone.now() - newest.at < timedelta(minutes=10)


def test_programs_are_declared_and_others_only_seen() -> None:
    seed()
    account = ServiceAccount.objects.get(name="audit01")
    shown = sign_in("ada").get(f"/service-accounts/{account.pk}/integrations/").content.decode()
    assert "Log archive" in shown
    assert "Seen, but not declared" in shown
    assert "198.51.100.15" in shown
