"""What issues or destroys asks for the password again, and nothing that was typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.audit.models import Event
from accounts.authorization.levels import AUDITOR
from accounts.identities.actions import set_levels
from accounts.models import Identity
from tests.factories import make_account
from tests.factories.people import PASSWORD
from tokens.models import TokenGeneration

ClientOf = Callable[[Identity], Client]

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LATER = START + timedelta(minutes=6)
ASKED = "Confirm that it is you"


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def stale(clock: Any, client_of: ClientOf, ada: Identity) -> Client:
    """A browser in which Ada signed in six minutes ago."""
    browser = client_of(ada)
    clock.move_to(LATER)
    return browser


def hidden(answer: Any) -> dict[str, list[str]]:
    """What the page would send along."""
    found: dict[str, list[str]] = {}
    for tag in re.findall(r'<input type="hidden"[^>]*>', answer.content.decode()):
        name, value = re.search(r'name="([^"]*)" value="([^"]*)"', tag).groups()  # type: ignore[union-attr]
        found.setdefault(unescape(name), []).append(unescape(value))
    found.pop("csrfmiddlewaretoken", None)
    return found


def levels(identity: Identity) -> set[str]:
    return set(identity.level_assignments.values_list("level", flat=True))


def test_a_fresh_session_is_not_asked(client_of: ClientOf, ada: Identity, otto: Identity) -> None:
    answer = client_of(ada).get(f"/identities/{otto.pk}/levels/")

    assert "Set User Levels" in answer.content.decode()


def test_a_stale_session_is_asked_and_led_to_the_page(stale: Client, otto: Identity) -> None:
    path = f"/identities/{otto.pk}/levels/?from=menu"

    asked = stale.get(path)
    assert ASKED in asked.content.decode()
    answer = stale.post(path, hidden(asked) | {"step_up_password": PASSWORD})

    assert (answer.status_code, answer["Location"]) == (302, path)
    assert "Set User Levels" in stale.get(path).content.decode()


def test_what_was_typed_survives_the_question(stale: Client, otto: Identity) -> None:
    path = f"/identities/{otto.pk}/levels/"

    asked = stale.post(path, {"levels": [AUDITOR], "note": 'two\r\nlines & "quotes" <b>'})
    assert levels(otto) == set()
    sent = hidden(asked)
    assert sent == {"levels": [AUDITOR], "note": ['two\r\nlines & "quotes" <b>']}
    answer = stale.post(path, sent | {"step_up_password": PASSWORD})

    assert answer["Location"] == f"/identities/{otto.pk}/"
    assert levels(otto) == {AUDITOR}


def test_a_wrong_password_does_nothing_and_keeps_what_was_typed(
    stale: Client, otto: Identity
) -> None:
    path = f"/identities/{otto.pk}/levels/"

    asked = stale.post(path, {"levels": [AUDITOR], "step_up_password": "wrong"})

    assert "This is not your password" in asked.content.decode()
    assert hidden(asked) == {"levels": [AUDITOR]}
    assert levels(otto) == set()
    assert "wrong" not in re.sub("<[^>]*>", "", asked.content.decode())
    event = Event.objects.get(action="sign_in.confirmation_failed")
    assert (event.actor_label, event.outcome) == ("ada", "refused")


def test_the_question_is_asked_anew_until_it_is_answered(stale: Client, otto: Identity) -> None:
    path = f"/identities/{otto.pk}/levels/"

    for form in ({}, {"step_up_password": ""}, {"step_up_from_get": "1"}):
        assert ASKED in stale.post(path, form).content.decode()
    assert levels(otto) == set()


def test_wrong_passwords_are_counted_as_at_sign_in(stale: Client, otto: Identity) -> None:
    path = f"/identities/{otto.pk}/levels/"

    answers = [stale.post(path, {"step_up_password": "wrong"}) for _ in range(5)]
    then = stale.post(path, {"step_up_password": PASSWORD, "levels": [AUDITOR]})
    sign_in = Client().post("/sign-in/", {"login": "ada", "password": PASSWORD})

    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]
    assert then.status_code == 429
    assert sign_in.status_code == 429
    assert levels(otto) == set()


def test_the_answer_counts_for_five_minutes(clock: Any, stale: Client, otto: Identity) -> None:
    path = f"/identities/{otto.pk}/levels/"
    stale.post(path, {"step_up_password": PASSWORD, "step_up_from_get": "1"})

    clock.move_to(LATER + timedelta(minutes=4, seconds=59))
    assert ASKED not in stale.get(path).content.decode()
    clock.move_to(LATER + timedelta(minutes=5, seconds=1))
    assert ASKED in stale.get(path).content.decode()


def test_a_clock_that_was_set_back_does_not_lengthen_it(
    clock: Any, client_of: ClientOf, ada: Identity, otto: Identity
) -> None:
    browser = client_of(ada)
    clock.move_to(START - timedelta(hours=1))

    assert ASKED in browser.get(f"/identities/{otto.pk}/levels/").content.decode()


def test_confirming_gives_the_session_a_new_id(stale: Client, otto: Identity) -> None:
    before = stale.session.session_key

    stale.post(f"/identities/{otto.pk}/levels/", {"step_up_password": PASSWORD})

    assert stale.session.session_key != before
    assert not type(stale.session)().exists(before or "")


def test_an_answer_to_a_page_never_passes_for_its_form(
    clock: Any, stale: Client, otto: Identity
) -> None:
    """The question came in place of the page; meanwhile another tab confirmed."""
    path = f"/identities/{otto.pk}/disable/"
    other = f"/identities/{otto.pk}/delete/"
    asked = stale.get(other)
    stale.post(f"/identities/{otto.pk}/edit/", {"step_up_password": PASSWORD})

    answer = stale.post(other, hidden(asked) | {"step_up_password": PASSWORD})

    assert (answer.status_code, answer["Location"]) == (302, other)
    otto.refresh_from_db()
    assert otto.is_active
    assert path != other


def test_the_way_back_leads_to_our_own_pages_only(stale: Client, otto: Identity) -> None:
    path = f"/identities/{otto.pk}/levels/"

    ours = stale.get(path, headers={"referer": f"http://testserver/identities/{otto.pk}/"})
    theirs = stale.get(path, headers={"referer": "http://evil.example/identities/"})
    tricky = stale.get(path, headers={"referer": "http://testserver//evil.example/"})

    assert f'href="/identities/{otto.pk}/">Cancel' in ours.content.decode()
    assert 'href="/">Cancel' in theirs.content.decode()
    assert 'href="/">Cancel' in tricky.content.decode()


def test_no_address_leads_elsewhere_after_the_answer(stale: Client, otto: Identity) -> None:
    path = f"//evil.example/../identities/{otto.pk}/levels/"

    answer = stale.post(path, {"step_up_password": PASSWORD, "step_up_from_get": "1"})

    assert not answer.get("Location", "/").startswith("//")


def test_another_persons_password_does_not_do(stale: Client, otto: Identity) -> None:
    otto.set_password("otto has another one")
    otto.save()

    answer = stale.post(
        f"/identities/{otto.pk}/levels/", {"step_up_password": "otto has another one"}
    )

    assert "This is not your password" in answer.content.decode()


def test_without_the_permission_there_is_no_question(
    clock: Any, client_of: ClientOf, vera: Identity, otto: Identity
) -> None:
    browser = client_of(vera)
    clock.move_to(LATER)

    assert browser.get(f"/identities/{otto.pk}/levels/").status_code == 403


def test_adding_a_person_asks_when_levels_are_given(stale: Client) -> None:
    form = {"user_name": "nina", "first_name": "Nina", "email": "n@example.com", "last_name": ""}

    plain = stale.post("/identities/new/", form)
    raised = stale.post("/identities/new/", form | {"user_name": "nils", "levels": ["admin"]})

    assert plain.status_code == 302
    assert ASKED in raised.content.decode()
    assert not Identity.objects.filter(user_name="nils").exists()


@pytest.mark.parametrize("place", ["levels", "revoke", "tokens"])
def test_a_question_in_front_of_a_page_never_passes_for_its_form(
    client_of: Callable[[Identity], Client], ada: Identity, otto: Identity, place: str
) -> None:
    """Also where the session ended meanwhile and the password was given at sign-in."""
    set_levels(by=ada, identity=otto, levels=["auditor"], at=timezone.now())
    made = make_account("audit01", owner=ada)
    address = {
        "levels": f"/identities/{otto.pk}/levels/",
        "revoke": f"/service-accounts/{made.account.pk}/keys/{made.credential.pk}/revoke/",
        "tokens": f"/service-accounts/{made.account.pk}/revoke-tokens/",
    }[place]
    client = client_of(ada)
    assert client.get(address).status_code == 200

    answer = client.post(address, {"step_up_from_get": "1"})
    assert answer.status_code == 302
    assert answer["Location"] == address
    ended = Client().post(address, {"step_up_from_get": "1", "step_up_password": PASSWORD})
    assert ended.status_code == 302
    assert ended["Location"].startswith("/sign-in/")

    otto.refresh_from_db()
    made.credential.refresh_from_db()
    assert otto.levels == {"auditor"}
    assert made.credential.revoked_at is None
    assert not TokenGeneration.objects.filter(pk=made.account.pk).exists()
