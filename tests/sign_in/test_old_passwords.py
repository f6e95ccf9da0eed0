"""Where passwords expire, who signs in with an older one changes it, and does nothing before."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.authorization.policies import NotAllowed
from accounts.identities import gui_access, links, passwords
from accounts.identities.invitations import register
from accounts.identities.passwords import BadPassword
from accounts.models import Event, Identity, Invitation, ServiceAccount
from accounts.sign_in import exemptions, password_age, rules
from accounts.sign_in.exemptions import NoExemption
from accounts.sign_in.rules import BadRules, Needed
from tests.factories import make_account
from tests.factories.people import PASSWORD
from tests.second_factors.security_key import HERE, SecurityKey
from tests.second_factors.test_passkeys import add, alone

ClientOf = Callable[[Identity], Client]
CHANGE = "/profile/password/"
NEW = "seven grey herons over the weir"
FORM = {"current_password": PASSWORD, "password": NEW, "password_again": NEW}
DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db


def expire_after(days: int) -> None:
    wanted = replace(rules.current(), password_days=days)
    rules.set_rules(by=SYSTEM, rules=wanted, at=timezone.now())


def set_ago(identity: Identity, days: int) -> None:
    at = timezone.now() - days * DAY
    Identity.objects.get_queryset().filter(pk=identity.pk).update(password_set_at=at)
    identity.refresh_from_db()


@pytest.fixture
def bot(otto: Identity) -> Identity:
    """A service account that signs in, with a password of years ago."""
    account = make_account("audit01", owner=otto).account
    account.identity.set_password(PASSWORD)
    account.identity.save(update_fields=["password"])
    set_ago(account.identity, 900)
    return account.identity


def test_every_session_is_led_to_the_change_and_goes_on_after_it(
    client_of: ClientOf, ada: Identity
) -> None:
    elsewhere, browser = client_of(ada), client_of(ada)
    set_ago(ada, 91)
    assert browser.get("/identities/").status_code == 200
    expire_after(90)

    for path in ("/", "/profile/", "/identities/", "/profile/second-factors/", "/search/?q=x"):
        assert browser.get(path)["Location"] == CHANGE, path
        assert elsewhere.get(path)["Location"] == CHANGE, path
    assert browser.post("/service-accounts/new/", {"name": "x"})["Location"] == CHANGE
    assert not ServiceAccount.objects.exists()
    partial = browser.get("/identities/", headers={"HX-Request": "true"})
    assert partial["HX-Redirect"] == CHANGE
    page = browser.get(CHANGE).content.decode()
    assert "Choose a new password to go on" in page
    assert "after 90 days" in page
    assert browser.post(CHANGE, FORM)["Location"] == "/"
    assert browser.get("/identities/").status_code == 200
    ada.refresh_from_db()
    assert not password_age.must_change(ada, rules.current(), timezone.now())


def test_who_signs_in_later_is_led_there_too_and_can_sign_out(
    client_of: ClientOf, otto: Identity
) -> None:
    expire_after(30)
    set_ago(otto, 30)
    browser = client_of(otto)
    assert browser.get("/")["Location"] == CHANGE
    assert browser.get("/sign-in/problems/").status_code == 200
    assert browser.post("/sign-out/")["Location"] == "/sign-in/"


def test_the_password_of_before_is_no_new_one(client_of: ClientOf, otto: Identity) -> None:
    expire_after(30)
    set_ago(otto, 31)
    browser = client_of(otto)
    same = FORM | {"password": PASSWORD, "password_again": PASSWORD}
    page = browser.post(CHANGE, same).content.decode()
    assert "This is the password of before" in page
    assert browser.get("/")["Location"] == CHANGE


def test_a_young_one_a_longer_age_and_no_age_ask_for_nothing(
    client_of: ClientOf, otto: Identity
) -> None:
    browser = client_of(otto)
    set_ago(otto, 89)
    for days in (90, 365, 0):
        expire_after(days)
        assert browser.get("/").status_code == 200, days
    expire_after(30)
    assert browser.get("/")["Location"] == CHANGE


def test_who_lacks_a_second_factor_too_sets_it_up_first(
    client_of: ClientOf, otto: Identity
) -> None:
    browser = client_of(otto)
    expire_after(30)
    set_ago(otto, 31)
    held = replace(rules.current(), second_factor=Needed.EVERYBODY)
    rules.set_rules(by=SYSTEM, rules=held, at=timezone.now())
    factors = "/profile/second-factors/"
    assert browser.get("/")["Location"] == factors
    assert browser.get(CHANGE)["Location"] == factors
    assert browser.get(factors).status_code == 200


def test_a_passkey_asks_for_no_password_so_none_is_too_old(
    client_of: ClientOf, otto: Identity, settings: Any
) -> None:
    settings.STEWARD_PUBLIC_URL = HERE
    key = SecurityKey()
    add(client_of(otto), key)
    expire_after(30)
    set_ago(otto, 31)
    browser = Client()
    alone(browser, key)
    assert browser.get("/").status_code == 200
    half = Client()
    half.post("/sign-in/", {"login": "otto", "password": PASSWORD})
    proof = key.get(question_of(half))
    half.post("/sign-in/second-step/", {"credential": json.dumps(proof)})
    assert half.get("/")["Location"] == CHANGE


def question_of(browser: Client) -> dict[str, Any]:
    from tests.second_factors.test_passkeys import question

    return question(browser.get("/sign-in/second-step/"))


def test_a_link_to_set_a_password_works_whatever_the_age_of_the_old_one(ada: Identity) -> None:
    expire_after(30)
    set_ago(ada, 400)
    invitation = Invitation.objects.create(
        purpose="set_password",
        identity=ada,
        created_at=timezone.now(),
        expires_at=timezone.now() + DAY,
    )
    token = links.arm(invitation=invitation).take()
    with pytest.raises(BadPassword):
        register(token=token, password=PASSWORD, at=timezone.now())
    register(token=token, password=NEW, at=timezone.now())
    browser = Client()
    browser.post("/sign-in/", {"login": "ada", "password": NEW})
    assert browser.get("/").status_code == 200


def test_programs_are_exempt_until_the_day_that_an_administrator_sets(
    client_of: ClientOf, bot: Identity, ada: Identity
) -> None:
    expire_after(90)
    browser, page = client_of(bot), f"/service-accounts/{bot.pk}/"
    assert browser.get("/profile/").status_code == 200
    shown = client_of(ada).get(page).content.decode()
    assert "Exempt from password age: service account" in shown
    form, admin = f"{page}password-age/", client_of(ada)
    today = timezone.now().date()
    assert (
        "Choose today or a later day."
        in admin.post(form, {"last_day": str(today - DAY)}).content.decode()
    )
    assert "Type a date" in admin.post(form, {"last_day": "soon"}).content.decode()
    assert admin.post(form, {"last_day": str(today)})["Location"] == page
    assert "Exempt from password age until" in admin.get(page).content.decode()
    assert str(today) in admin.get(form).content.decode()
    assert browser.get("/profile/").status_code == 200

    Identity.objects.get_queryset().filter(pk=bot.pk).update(
        password_exempt_until=timezone.now() - DAY
    )
    assert browser.get("/profile/")["Location"] == CHANGE
    assert "Expired: to be changed at the next sign-in" in admin.get(page).content.decode()
    event = Event.objects.get(action="identity.password_exemption_set")
    assert event.subject_id == str(bot.pk)


def test_who_signs_in_nowhere_is_exempt_without_an_end(
    client_of: ClientOf, bot: Identity, ada: Identity
) -> None:
    gui_access.remove(by=ada, identity=bot, at=timezone.now())
    browser, page = client_of(ada), f"/service-accounts/{bot.pk}/"
    assert (
        "Exempt from password age: web services access only" in browser.get(page).content.decode()
    )
    form = browser.get(f"{page}password-age/").content.decode()
    assert "no password of it gets too old" in form
    with pytest.raises(NoExemption):
        exemptions.set_end(by=ada, identity=bot, until=timezone.now() + DAY, at=timezone.now())


def test_only_who_manages_accounts_ends_an_exemption_and_never_of_a_person(
    client_of: ClientOf, bot: Identity, otto: Identity, ada: Identity, vera: Identity
) -> None:
    form, until = f"/service-accounts/{bot.pk}/password-age/", timezone.now() + DAY
    for person in (otto, vera):
        assert client_of(person).get(form).status_code == 403
        with pytest.raises(NotAllowed):
            exemptions.set_end(by=person, identity=bot, until=until, at=timezone.now())
    assert client_of(ada).get(form.replace(str(bot.pk), str(ada.pk))).status_code == 404
    assert client_of(ada).delete(form).status_code == 405
    assert Client().get(form)["Location"].startswith("/sign-in/")
    with pytest.raises(NoExemption):
        exemptions.set_end(by=ada, identity=otto, until=until, at=timezone.now())
    assert exemptions.set_end(by=ada, identity=bot, until=until, at=timezone.now())
    assert not exemptions.set_end(by=ada, identity=bot, until=until, at=timezone.now())


@pytest.mark.parametrize("days", ["29", "731", "x", "-1"])
def test_ages_outside_of_what_can_be_set_are_refused(
    client_of: ClientOf, ada: Identity, days: str
) -> None:
    path = "/tenant-settings/sign-in/"
    form = {"second_factor": "nobody", "idle_minutes": "30", "longest_hours": "12"}
    browser = client_of(ada)
    page = browser.post(path, form | {"password_days": days}).content.decode()
    assert "Type a number of days from 30 to 730" in page
    assert rules.current().password_days == 0
    assert browser.post(path, form | {"password_days": "90"})["Location"] == path
    assert rules.current().password_days == 90
    assert 'value="90"' in browser.get(path).content.decode()
    browser.post(path, form | {"password_days": ""})
    assert rules.current().password_days == 0
    with pytest.raises(BadRules):
        expire_after(int(days) if days.isdigit() else -1)


def test_the_record_says_how_old_a_password_may_get(
    client_of: ClientOf, ada: Identity, otto: Identity
) -> None:
    browser, page = client_of(ada), f"/identities/{otto.pk}/"
    assert "Passwords do not expire" in browser.get(page).content.decode()
    expire_after(365)
    assert "Expires on" in browser.get(page).content.decode()
    assert "Expires on" in browser.get("/profile/").content.decode()
    set_ago(otto, 365)
    assert "Expired: to be changed at the next sign-in" in browser.get(page).content.decode()


def test_the_age_counts_from_the_moment_that_a_password_is_set(otto: Identity) -> None:
    set_ago(otto, 400)
    at = timezone.now()
    passwords.change(by=otto, password=NEW, at=at)
    otto.refresh_from_db()
    assert otto.password_set_at == at
