"""A tenant asks for second factors: nobody goes around it, and nobody is left outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.models import Identity, ServiceAccount
from accounts.second_factors import actions, policies
from accounts.sign_in import rules
from accounts.sign_in.rules import Needed
from console.tenant.forms import SignInForm
from tests.factories.groups import make_group, make_role
from tests.second_factors.apps import STEP, code, first_step, is_in, set_up

ClientOf = Callable[[Identity], Client]
LIST = "/profile/second-factors/"
PAGE = "/tenant-settings/sign-in/"
FORM = {"second_factor": "administrators", "idle_minutes": "30", "longest_hours": "12"}


def ask_of(who: str) -> None:
    wanted = replace(rules.current(), second_factor=who)
    rules.set_rules(by=SYSTEM, rules=wanted, at=timezone.now())


def test_who_must_have_one_is_led_to_set_it_up_and_does_nothing_else(
    client_of: ClientOf, ada: Identity
) -> None:
    browser = client_of(ada)
    ask_of(Needed.ADMINISTRATORS)

    for path in ("/", "/profile/", "/profile/password/", "/identities/", "/search/?q=x"):
        assert browser.get(path)["Location"] == LIST, path
    assert browser.post("/service-accounts/new/", {"name": "x"})["Location"] == LIST
    assert not ServiceAccount.objects.exists()
    partial = browser.get("/identities/", headers={"HX-Request": "true"})
    assert partial["HX-Redirect"] == LIST
    page = browser.get(LIST).content.decode()
    assert "Set up a second factor to go on" in page
    set_up(browser)
    assert browser.get("/identities/").status_code == 200


def test_who_signs_in_later_is_led_there_too(client_of: ClientOf, ada: Identity) -> None:
    ask_of(Needed.ADMINISTRATORS)

    assert client_of(ada).get("/")["Location"] == LIST


def test_others_are_asked_only_where_everybody_is(client_of: ClientOf, otto: Identity) -> None:
    browser = client_of(otto)
    ask_of(Needed.ADMINISTRATORS)
    assert is_in(browser)

    ask_of(Needed.EVERYBODY)
    assert not is_in(browser)
    assert browser.get("/")["Location"] == LIST


def test_who_may_something_by_a_role_is_asked_like_administrators(
    client_of: ClientOf, otto: Identity
) -> None:
    browser = client_of(otto)
    ask_of(Needed.ADMINISTRATORS)
    make_group(members=[otto], roles=[make_role("Scopes alone", scopes=["fr:idm:*"])])
    assert is_in(browser)

    make_group("Readers", members=[otto], roles=[make_role("R", permissions=["audit.view"])])
    assert browser.get("/")["Location"] == LIST


def test_one_can_still_sign_out_and_read_public_pages(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)
    ask_of(Needed.ADMINISTRATORS)

    assert browser.get("/sign-in/problems/").status_code == 200
    assert browser.post("/sign-out/")["Location"] == "/sign-in/"


def test_whoever_turns_it_on_must_have_one(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)

    refused = browser.post(PAGE, FORM)
    assert "Set up a second factor for yourself first" in refused.content.decode()
    assert rules.current().second_factor == Needed.NOBODY
    set_up(browser)
    assert browser.post(PAGE, FORM)["Location"] == PAGE
    assert rules.current().second_factor == Needed.ADMINISTRATORS
    assert browser.get(PAGE).status_code == 200
    event = Event.objects.get(action="tenant_setting.sign_in_changed")
    assert event.detail["after"] == {"second_factor": "administrators"}


def test_the_last_one_stays_while_it_is_asked_for(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)
    set_up(browser)
    ask_of(Needed.EVERYBODY)
    factor = Authenticator.objects.get(type="totp")

    answer = browser.post(f"{LIST}{factor.pk}/remove/", follow=True)
    assert "You need a second factor here" in answer.content.decode()
    ask_of(Needed.NOBODY)
    browser.post(f"{LIST}{factor.pk}/remove/")
    assert not Authenticator.objects.exists()


def test_who_becomes_administrator_is_asked_at_once(
    client_of: ClientOf, ada: Identity, otto: Identity
) -> None:
    from accounts.identities.actions import set_levels

    browser = client_of(otto)
    ask_of(Needed.ADMINISTRATORS)
    assert is_in(browser)

    set_levels(by=ada, identity=otto, levels=["admin"], at=timezone.now())
    assert browser.get("/")["Location"] == LIST


def test_who_lost_theirs_is_led_to_set_up_again(
    client_of: ClientOf, ada: Identity, otto: Identity
) -> None:
    secret, _codes = set_up(client_of(ada))
    set_up(client_of(otto))
    ask_of(Needed.EVERYBODY)
    assert not policies.is_missing(otto)
    actions.remove_all(by=ada, identity=otto, at=timezone.now())

    assert client_of(otto).get("/")["Location"] == LIST
    browser = first_step(ada)
    browser.post(STEP, {"code": code(secret)})
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"idle_minutes": "4"}, "Type a number of minutes from 5 to 480"),
        ({"idle_minutes": "481"}, "Type a number of minutes from 5 to 480"),
        ({"idle_minutes": ""}, "Type a number of minutes from 5 to 480"),
        ({"longest_hours": "0"}, "Type a number of hours from 1 to 24"),
        ({"longest_hours": "25"}, "Type a number of hours from 1 to 24"),
        ({"longest_hours": "x"}, "Type a number of hours from 1 to 24"),
        ({"second_factor": "me"}, "Choose one of the three"),
    ],
)
def test_what_cannot_be_set_is_said(
    client_of: ClientOf, ada: Identity, change: dict[str, str], said: str
) -> None:
    answer = client_of(ada).post(PAGE, FORM | {"second_factor": "nobody"} | change)

    assert said in answer.content.decode()
    assert rules.current() == rules.Rules()


def test_the_bounds_in_words_are_those_that_hold() -> None:
    for name, (least, most) in (
        ("idle_minutes", rules.IDLE_MINUTES),
        ("longest_hours", rules.LONGEST_HOURS),
    ):
        field = SignInForm.base_fields[name]
        assert f"{least} to {most}" in str(field.help_text)
        assert f"from {least} to {most}" in str(field.error_messages["max_value"])


def test_only_who_manages_the_tenant_changes_the_rules(
    client_of: ClientOf, vera: Identity, otto: Identity
) -> None:
    page = client_of(vera).get(PAGE)
    assert page.status_code == 200
    assert "Save" not in page.content.decode()
    assert client_of(vera).post(PAGE, FORM).status_code == 403
    assert client_of(otto).get(PAGE).status_code == 403
    assert client_of(vera).delete(PAGE).status_code == 405
    assert Client().get(PAGE)["Location"].startswith("/sign-in/")
