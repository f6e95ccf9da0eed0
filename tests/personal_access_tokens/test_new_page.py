"""The form for a new token, and the one answer that shows its secret."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.identities import actions as identities
from accounts.models import Event, Identity, ServiceAccount, Session
from accounts.tenant import actions as tenant
from tests.factories.people import PASSWORD
from tests.factories.tokens import make_token
from tests.personal_access_tokens.conftest import ClientOf
from tokens.credentials.types import personal_access_token as kind
from tokens.models import Credential
from tokens.personal_access_tokens import lifetimes, queries

pytestmark = pytest.mark.django_db
NEW = "/personal-access-tokens/new/"
SECRET = re.compile(r"steward_pat_[0-9A-Za-z]{49}")


def form(**changed: Any) -> dict[str, Any]:
    return {
        "name": "Nightly export",
        "scopes": ["sp:scopes:all"],
        "expiry": "30",
        "expires_on": "",
        "access_token_seconds": "750",
        "submission": str(uuid.uuid4()),
    } | changed


def new_for(account: ServiceAccount) -> str:
    return f"/service-accounts/{account.pk}/personal-access-tokens/new/"


def test_one_makes_a_token_for_oneself_and_sees_its_secret_once(
    owner: Client, otto: Identity
) -> None:
    sent = form()
    answer = owner.post(NEW, sent)
    seen = answer.content.decode()
    token = queries.held_by(otto).get()
    (secret,) = set(SECRET.findall(seen))
    assert token.secret_hash is not None
    assert bytes(token.secret_hash) == kind.digest(secret)
    assert token.client_id in seen
    assert "no-store" in answer.headers["Cache-Control"]
    again = owner.post(NEW, sent)
    assert (again.status_code, queries.held_by(otto).count()) == (409, 1)
    assert "cannot be shown again" in again.content.decode()
    for address in (f"/personal-access-tokens/{token.pk}/", "/personal-access-tokens/"):
        assert secret not in owner.get(address).content.decode()
    assert not Event.objects.filter(detail__icontains=secret).exists()
    assert secret not in str([session.session_data for session in Session.objects.all()])


def test_owner_and_administrator_make_one_for_an_account(
    owner: Client, admin: Client, account: ServiceAccount
) -> None:
    """Neither needs to sign in as it."""
    assert owner.post(new_for(account), form(scopes=["fr:am:*"])).status_code == 200
    assert admin.post(new_for(account), form(name="x", scopes=["fr:am:*"])).status_code == 200
    made = Event.objects.filter(action="personal_access_token.created").order_by("pk")
    assert [(e.actor_label, e.subject_id) for e in made] == [
        ("otto", str(account.pk)),
        ("ada", str(account.pk)),
    ]


def test_a_registered_account_signs_in_and_makes_its_own(
    client_of: ClientOf, account: ServiceAccount
) -> None:
    """As the guide does it; the log says that it was the account itself, and no person."""
    itself = account.identity
    itself.set_password(PASSWORD)
    itself.save(update_fields=["password"])
    browser = client_of(itself)
    answer = browser.post(NEW, form(scopes=["fr:am:*"]))
    assert SECRET.search(answer.content.decode())
    assert queries.held_by(itself).get().scopes == ["fr:am:*"]
    event = Event.objects.get(action="personal_access_token.created")
    assert (event.actor_kind, event.actor_id) == ("service", str(account.pk))
    assert (event.subject_type, event.subject_id) == ("service_account", str(account.pk))
    listed = browser.get("/personal-access-tokens/?whose=mine").content.decode()
    assert "Nightly export" in listed


def test_who_may_not_is_refused_and_who_sees_nothing_finds_nothing(
    client_of: ClientOf, vera: Identity, mallory: Identity, account: ServiceAccount
) -> None:
    assert client_of(vera).post(new_for(account), form()).status_code == 403
    assert client_of(mallory).post(new_for(account), form()).status_code == 404
    assert client_of(mallory).put(NEW).status_code == 405
    answer = Client().get(NEW)
    assert (answer.status_code, answer.headers["Location"][:9]) == (302, "/sign-in/")
    assert not queries.tokens().exists()


def offered(browser: Client, address: str) -> set[str]:
    return set(re.findall(r'name="scopes" value="([^"]+)"', browser.get(address).content.decode()))


def test_only_what_the_holder_may_have_is_offered(
    owner: Client, admin: Client, account: ServiceAccount
) -> None:
    own, administrators, accounts = (
        offered(owner, NEW),
        offered(admin, NEW),
        offered(admin, new_for(account)),
    )
    assert "sp:scopes:all" in own
    assert "idn:sources:manage" not in own
    assert "idn:sources:manage" in administrators
    assert not {name for name in own | administrators if name.startswith("fr:")}
    assert {name for name in accounts if name.startswith("fr:")} == {"fr:am:*", "fr:idm:*"}
    refused = owner.post(NEW, form(scopes=["idn:sources:manage"]))
    assert "not a scope that this token can be given" in refused.content.decode()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": ""}, "Say what the token is for."),
        ({"scopes": []}, "Choose at least one scope."),
        ({"expiry": "date"}, "Choose when the token expires"),
        ({"expiry": "date", "expires_on": "2020-01-01"}, "yet to come"),
        ({"expiry": "date", "expires_on": "soon"}, "Type a date"),
        ({"expiry": "date", "expires_on": "9999-12-31"}, "ten years"),
        ({"expiry": "never"}, "Select a valid choice"),
        ({"expiry": "8"}, "Select a valid choice"),
        ({"access_token_seconds": "14"}, "between 15 and 43200 seconds"),
        ({"access_token_seconds": "many"}, "whole number"),
        ({"submission": "x"}, "Open the page again"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    owner: Client, otto: Identity, changed: dict[str, Any], said: str
) -> None:
    seen = owner.post(NEW, form(name="Typed before") | changed).content.decode()
    assert said in seen
    assert "name" in changed or 'value="Typed before"' in seen
    assert not queries.held_by(otto).exists()


@pytest.mark.parametrize("days", [7, 30, 60, 90, 365])
def test_each_lifetime_that_is_offered_ends_after_as_many_days(
    owner: Client, otto: Identity, days: int
) -> None:
    seen = owner.get(NEW).content.decode()
    assert f'<option value="{days}"' in seen
    assert f"in {days} days" in seen
    before = timezone.now()
    owner.post(NEW, form(expiry=str(days)))
    token = queries.held_by(otto).get()
    assert token.expires_at is not None
    lasting = timedelta(days=days)
    assert before + lasting <= token.expires_at <= timezone.now() + lasting


def test_a_date_is_the_end_of_its_day(owner: Client, otto: Identity) -> None:
    day = timezone.now().date().replace(month=12, day=31)
    day = day.replace(year=day.year + 1)
    owner.post(NEW, form(expiry="date", expires_on=day.isoformat()))
    token = queries.held_by(otto).get()
    assert token.expires_at is not None
    assert token.expires_at.isoformat() == f"{day}T23:59:59+00:00"


def test_never_needs_the_tenants_leave_and_a_tick(
    owner: Client, otto: Identity, ada: Identity
) -> None:
    assert "never_expires" not in owner.get(NEW).content.decode()
    states = {lifetimes.MAY_NEVER_EXPIRE.name: True}
    tenant.set_switches(by=ada, states=states, at=timezone.now())
    assert "tick that it never does" in owner.post(NEW, form(expiry="never")).content.decode()
    owner.post(NEW, form(expiry="never", never_expires="on"))
    assert queries.held_by(otto).get().expires_at is None


def test_a_name_that_is_taken_and_the_eleventh_token(owner: Client, otto: Identity) -> None:
    make_token(otto, "Nightly export")
    assert "There is a token of this name" in owner.post(NEW, form()).content.decode()
    for number in range(9):
        make_token(otto, f"Token {number}")
    assert "as many as may be" in owner.post(NEW, form(name="x")).content.decode()
    assert "as many as may be" in owner.get("/personal-access-tokens/").content.decode()
    assert queries.held_by(otto).count() == 10


def test_a_disabled_holder_takes_none(
    admin: Client, ada: Identity, account: ServiceAccount
) -> None:
    identities.set_disabled(by=ada, identity=account.identity, at=timezone.now())
    assert "Enable it first" in admin.get(new_for(account)).content.decode()
    assert "Enable it first" in admin.post(new_for(account), form()).content.decode()
    assert not Credential.objects.filter(kind=kind.PERSONAL_ACCESS_TOKEN).exists()


def test_done_wants_the_tick(owner: Client, otto: Identity, admin: Client) -> None:
    token = make_token(otto).token
    done = f"/personal-access-tokens/{token.pk}/stored/"
    assert "Is the secret stored?" in owner.post(done).content.decode()
    answer = owner.post(done, {"stored": "on", "next": "//evil.example/"})
    assert answer.headers["Location"] == f"/personal-access-tokens/{token.pk}/"
    token.refresh_from_db()
    assert token.stored_at is not None
    assert admin.post(done, {"stored": "on"}).status_code == 403
    assert owner.get(done).status_code == 405
