"""Recovery codes, removing second factors, and what may be done for whoever lost theirs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import call_command
from django.test import Client

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.identities import actions as identities
from accounts.models import Identity
from accounts.second_factors import queries
from tests.second_factors.apps import STEP, code, first_step, is_in, set_up

ClientOf = Callable[[Identity], Client]
LIST = "/profile/second-factors/"
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_each_code_works_once_and_is_told(
    client_of: ClientOf, ada: Identity, django_capture_on_commit_callbacks: Any
) -> None:
    _secret, codes = set_up(client_of(ada))

    with django_capture_on_commit_callbacks(execute=True):
        browser = first_step(ada)
        assert browser.post(STEP, {"code": codes[3]}).status_code == 302
    assert first_step(ada).post(STEP, {"code": codes[3]}).status_code == 200
    assert first_step(ada).post(STEP, {"code": codes[4]}).status_code == 302
    assert "8 codes are left" in browser.get(LIST).content.decode()
    assert mail.outbox[-1].subject == "A recovery code was used to sign in to your account"
    assert Event.objects.filter(action="second_factor.code_used").count() == 2


def test_new_codes_end_the_old_ones(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)
    _secret, old = set_up(browser)
    assert "All codes of before stop working" in browser.get(LIST + "codes/").content.decode()

    answer = browser.post(LIST + "codes/")
    new = re.findall(r'<li class="mono">(\d{4} \d{4} \d{4})</li>', answer.content.decode())

    assert answer["Cache-Control"] == "no-store, private"
    assert not set(old) & set(new)
    assert first_step(ada).post(STEP, {"code": old[0]}).status_code == 200
    assert first_step(ada).post(STEP, {"code": new[0]}).status_code == 302


def test_that_they_are_stored_is_asked_until_it_is_said(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)
    set_up(browser)
    asked = "Are your recovery codes stored?"

    browser.post(LIST + "codes/stored/")
    assert asked in browser.get(LIST).content.decode()
    browser.post(LIST + "codes/stored/", {"stored": "on"})
    assert asked not in browser.get(LIST).content.decode()
    browser.post(LIST + "codes/")
    assert asked in browser.get(LIST).content.decode()


def test_removing_the_last_removes_the_codes_and_ends_other_sessions(
    client_of: ClientOf, ada: Identity, django_capture_on_commit_callbacks: Any
) -> None:
    browser = client_of(ada)
    secret, _codes = set_up(browser)
    elsewhere = first_step(ada)
    elsewhere.post(STEP, {"code": code(secret)})
    assert is_in(elsewhere)
    factor = Authenticator.objects.get(type="totp")

    page = browser.get(f"{LIST}{factor.pk}/remove/").content.decode()
    assert "your password alone signs you in then" in page
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(f"{LIST}{factor.pk}/remove/")

    assert not Authenticator.objects.exists()
    assert is_in(browser)
    assert not is_in(elsewhere)
    assert mail.outbox[-1].subject == "A second factor was removed from your account"
    assert browser.post(f"{LIST}{factor.pk}/remove/")["Location"] == LIST


def test_removing_and_setting_up_ask_who_one_is(client_of: ClientOf, ada: Identity) -> None:
    with time_machine.travel(START, tick=False):
        browser = client_of(ada)
        set_up(browser)
    factor = Authenticator.objects.get(type="totp")
    with time_machine.travel(START + timedelta(minutes=6), tick=False):
        for path in (f"{LIST}{factor.pk}/remove/", LIST + "codes/", LIST + "passkey/"):
            assert "Confirm that it is you" in browser.get(path).content.decode(), path
            assert "Confirm that it is you" in browser.post(path).content.decode(), path
    assert queries.has_one(ada)


def test_nobody_removes_what_is_anothers(
    client_of: ClientOf, ada: Identity, otto: Identity
) -> None:
    set_up(client_of(ada))
    factor = Authenticator.objects.get(type="totp")

    assert client_of(otto).post(f"{LIST}{factor.pk}/remove/")["Location"] == LIST
    assert queries.has_one(ada)


def test_an_administrator_takes_them_from_who_lost_them(
    client_of: ClientOf, ada: Identity, otto: Identity, django_capture_on_commit_callbacks: Any
) -> None:
    theirs = client_of(otto)
    set_up(theirs)
    path = f"/identities/{otto.pk}/second-factors/remove/"
    browser = client_of(ada)
    assert "1 second factor and all recovery codes" in browser.get(path).content.decode()

    with django_capture_on_commit_callbacks(execute=True):
        answer = browser.post(path)

    assert answer["Location"] == f"/identities/{otto.pk}/"
    assert not is_in(theirs)
    assert is_in(client_of(otto))  # by the password alone
    event = Event.objects.get(action="second_factor.removed_by_other")
    assert (event.actor_label, event.subject_label) == ("ada", "otto")
    assert mail.outbox[-1].to == ["otto@example.com"]
    assert "There is none to remove" in browser.get(path).content.decode()


def test_others_may_not(
    client_of: ClientOf, ada: Identity, otto: Identity, vera: Identity, mallory: Identity
) -> None:
    set_up(client_of(otto))
    path = f"/identities/{otto.pk}/second-factors/remove/"

    for person in (vera, mallory):
        assert client_of(person).post(path).status_code == 403
    assert Client().post(path).status_code == 403
    assert Client().get(path)["Location"].startswith("/sign-in/")
    secret, _codes = set_up(client_of(ada))
    browser = first_step(ada)
    browser.post(STEP, {"code": code(secret)})
    own = browser.post(f"/identities/{ada.pk}/second-factors/remove/", follow=True)
    assert "You cannot do this to your own account" in own.content.decode()
    missing = "/identities/00000000-0000-0000-0000-000000000000/second-factors/remove/"
    assert browser.get(missing).status_code == 404
    assert queries.has_one(otto)
    assert queries.has_one(ada)


def test_the_command_is_the_way_back(client_of: ClientOf, ada: Identity, capsys: Any) -> None:
    set_up(client_of(ada))

    call_command("reset_second_factor", "Ada")

    assert "ada has no second factor any more" in capsys.readouterr().out
    assert is_in(client_of(ada))
    for wrong in ("ada", "nobody"):
        with pytest.raises(SystemExit):
            call_command("reset_second_factor", wrong)
        assert capsys.readouterr().err.startswith("steward: ")


def test_who_is_deleted_has_none_left(client_of: ClientOf, ada: Identity, otto: Identity) -> None:
    set_up(client_of(otto))

    identities.delete(by=SYSTEM, identity=otto, at=START)

    assert not Authenticator.objects.exists()
