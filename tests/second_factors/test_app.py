"""An authenticator app: set up, asked for, each code taken once, guesses counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.audit.models import Event
from accounts.identities import actions, passwords
from accounts.models import Identity, Session
from accounts.second_factors.actions import verify
from tests.at_once import at_once
from tests.factories.people import PASSWORD
from tests.second_factors.apps import PAGE, STEP, code, first_step, is_in, offer_on, set_up
from tests.second_factors.apps import secret_on as secret_of

ClientOf = Callable[[Identity], Client]
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_it_is_set_up_and_asked_for_from_then_on(
    client_of: ClientOf, ada: Identity, django_capture_on_commit_callbacks: Any
) -> None:
    here, elsewhere = client_of(ada), client_of(ada)
    page = here.get(PAGE).content.decode()
    assert "<svg" in page
    assert "style=" not in page[page.index("<svg") : page.index("</svg>")]
    with django_capture_on_commit_callbacks(execute=True):
        secret, codes = set_up(here)

    assert len(codes) == len(set(codes)) == 10
    assert mail.outbox[-1].subject == "A second factor was added to your account"
    assert is_in(here)
    assert not is_in(elsewhere)
    browser = first_step(ada)
    assert not is_in(browser)
    answer = browser.post(STEP, {"code": code(secret)})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert is_in(browser)
    [event] = Event.objects.filter(action="sign_in.succeeded").order_by("-id")[:1]
    assert event.detail["methods"] == ["password", "app"]


def test_the_secret_is_nowhere_in_the_clear(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)
    secret, codes = set_up(browser)

    stored = str(list(Authenticator.objects.values())) + str(list(Event.objects.values()))
    stored += str([row.get_decoded() for row in Session.objects.all()])
    for plain in (secret, *codes):
        assert plain not in stored
        assert plain.replace(" ", "") not in stored
    assert secret not in browser.get("/profile/second-factors/").content.decode()


def test_one_persons_sealed_secret_is_not_anothers(
    client_of: ClientOf, ada: Identity, otto: Identity
) -> None:
    page = client_of(ada).get(PAGE).content.decode()
    otto_browser = client_of(otto)

    answer = otto_browser.post(PAGE, {"offer": offer_on(page), "code": code(secret_of(page))})

    assert answer["Location"] == PAGE
    set_up(client_of(ada))
    Authenticator.objects.filter(user=ada).update(user=otto)
    with pytest.raises(Exception, match="does not open"):
        verify(identity=otto, code="123456", at=timezone.now())


@pytest.mark.parametrize("offer", ["", "x", "é", "AAAA", "A" * 3000])
def test_an_offer_that_was_made_up_sets_nothing_up(
    client_of: ClientOf, ada: Identity, offer: str
) -> None:
    answer = client_of(ada).post(PAGE, {"offer": offer, "code": "123456"})

    assert answer["Location"] == PAGE
    assert not Authenticator.objects.exists()


def test_a_wrong_code_sets_nothing_up_and_keeps_the_secret(
    client_of: ClientOf, ada: Identity
) -> None:
    browser = client_of(ada)
    page = browser.get(PAGE).content.decode()

    again = browser.post(PAGE, {"offer": offer_on(page), "code": "000000"}).content.decode()

    assert "This code is not right" in again
    assert secret_of(again) == secret_of(page)
    assert not Authenticator.objects.exists()


def test_a_code_is_taken_once_in_whatever_session(client_of: ClientOf, ada: Identity) -> None:
    with time_machine.travel(START, tick=False):
        secret, _codes = set_up(client_of(ada))
        now = code(secret)
        assert first_step(ada).post(STEP, {"code": now}).status_code == 302
        second = first_step(ada)
        assert "was used already" in second.post(STEP, {"code": now}).content.decode()
        assert second.post(STEP, {"code": code(secret, steps=-1)}).status_code == 200
        assert second.post(STEP, {"code": code(secret, steps=1)}).status_code == 302


def test_a_code_that_is_no_ascii_is_wrong_and_counted(client_of: ClientOf, ada: Identity) -> None:
    set_up(client_of(ada))

    answer = first_step(ada).post(STEP, {"code": "é২৩৪৫৬"})

    assert "This code is not right" in answer.content.decode()
    assert ada.factor_tries.failed == 1


def test_a_code_is_taken_however_it_was_spaced_and_wide(client_of: ClientOf, ada: Identity) -> None:
    with time_machine.travel(START, tick=False):
        secret, _codes = set_up(client_of(ada))
        right = code(secret, steps=1)
        wide = "".join(chr(ord(digit) + 0xFEE0) for digit in right)

        answer = first_step(ada).post(STEP, {"code": f"{wide[:3]}\u00a0{wide[3:]}"})

        assert answer.status_code == 302


@pytest.mark.parametrize(
    ("steps", "taken"), [(-3, False), (-2, False), (0, True), (1, True), (2, False)]
)
def test_a_clock_may_be_one_step_wrong(
    client_of: ClientOf, ada: Identity, steps: int, taken: bool
) -> None:
    with time_machine.travel(START, tick=False):
        secret, _codes = set_up(client_of(ada))
    with time_machine.travel(START + timedelta(hours=1), tick=False):
        answer = first_step(ada).post(STEP, {"code": code(secret, steps=steps)})
    assert (answer.status_code == 302) is taken


def test_spaces_are_for_the_eye(client_of: ClientOf, ada: Identity) -> None:
    secret, codes = set_up(client_of(ada))
    now = code(secret)

    assert first_step(ada).post(STEP, {"code": f" {now[:3]} {now[3:]} "}).status_code == 302
    assert first_step(ada).post(STEP, {"code": codes[0].replace(" ", "-")}).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_of_ten_uses_of_one_code_at_once_one_succeeds(client_of: ClientOf, ada: Identity) -> None:
    secret, codes = set_up(client_of(ada))
    for typed in (code(secret), codes[0]):
        browsers = [first_step(ada) for _ in range(4)]
        acts = [partial(browser.post, STEP, {"code": typed}) for browser in browsers]
        answers = [getattr(answer, "status_code", answer) for answer in at_once(acts)]
        assert sorted(answers, key=str) == [200, 200, 200, 302]


@pytest.mark.django_db(transaction=True)
def test_guesses_are_counted_for_the_person_also_at_once(
    client_of: ClientOf, ada: Identity
) -> None:
    secret, codes = set_up(client_of(ada))
    browsers = [first_step(ada) for _ in range(12)]

    def guess(browser: Client, number: int) -> str:
        answer = browser.post(STEP, {"code": f"00000{number % 10}"}, REMOTE_ADDR=f"10.0.0.{number}")
        return answer.content.decode()

    pages = at_once([partial(guess, browser, n) for n, browser in enumerate(browsers)])
    assert sum("This code is not right" in str(page) for page in pages) == 5
    assert sum("Too many wrong codes" in str(page) for page in pages) == 7
    for right in (code(secret), codes[0]):
        assert (
            "Too many wrong codes" in first_step(ada).post(STEP, {"code": right}).content.decode()
        )
    assert Event.objects.filter(action="second_factor.locked").count() == 1
    assert mail.outbox[-1].subject == "Somebody typed wrong codes for your account"


def test_the_lock_ends_and_a_right_code_forgives(client_of: ClientOf, ada: Identity) -> None:
    with time_machine.travel(START, tick=False):
        secret, _codes = set_up(client_of(ada))
        browser = first_step(ada)
        for _ in range(6):
            browser.post(STEP, {"code": "000000"})
    with time_machine.travel(START + timedelta(minutes=16), tick=False):
        browser = first_step(ada)
        for _ in range(4):
            browser.post(STEP, {"code": "000000"})
        assert browser.post(STEP, {"code": code(secret)}).status_code == 302


def test_nobody_is_locked_by_who_does_not_know_the_password(
    client_of: ClientOf, ada: Identity
) -> None:
    secret, _codes = set_up(client_of(ada))
    stranger = Client()
    for _ in range(4):
        stranger.post("/sign-in/", {"login": "ada", "password": "wrong"})
        assert stranger.post(STEP, {"code": "000000"})["Location"] == "/sign-in/"

    assert first_step(ada).post(STEP, {"code": code(secret)}).status_code == 302


def test_the_second_step_cannot_be_skipped(client_of: ClientOf, ada: Identity) -> None:
    set_up(client_of(ada))
    browser = first_step(ada)

    for path in ("/", "/profile/", "/profile/second-factors/", "/identities/", PAGE):
        assert browser.get(path)["Location"].startswith("/sign-in/"), path
        assert browser.post(path, {"code": "1"}).status_code in (302, 403, 405), path
    assert not is_in(browser)


def test_the_second_step_is_of_who_gave_the_password(
    client_of: ClientOf, ada: Identity, otto: Identity
) -> None:
    set_up(client_of(ada))
    theirs, _codes = set_up(client_of(otto))
    browser = first_step(ada)

    assert browser.post(STEP, {"code": code(theirs), "user": "otto"}).status_code == 200
    assert not is_in(browser)


def test_one_may_start_over_as_somebody_else(
    client_of: ClientOf, ada: Identity, otto: Identity
) -> None:
    secret, _codes = set_up(client_of(ada))
    browser = first_step(ada)

    assert browser.get("/sign-in/").status_code == 200
    wrong = browser.post("/sign-in/", {"login": "otto", "password": "wrong"})
    assert wrong.status_code == 200
    assert browser.post("/sign-in/", {"login": "otto", "password": PASSWORD})["Location"] == "/"
    assert "otto" in browser.get("/profile/").content.decode()
    assert browser.post(STEP, {"code": code(secret)})["Location"] == "/"
    assert "otto" in browser.get("/profile/").content.decode()


def test_a_planted_session_does_not_stand_behind_the_password(
    client_of: ClientOf, ada: Identity
) -> None:
    set_up(client_of(ada))
    victim = Client()
    victim.get("/sign-in/problems/")
    session = victim.session
    session["planted"] = True
    session.save()
    key = session.session_key or ""
    victim.cookies["steward_session"] = key
    victim.post("/sign-in/", {"login": "ada", "password": PASSWORD})

    attacker = Client()
    attacker.cookies["steward_session"] = key
    assert attacker.get(STEP)["Location"] == "/sign-in/"


@pytest.mark.parametrize("what", ["password", "disabled", "late"])
def test_the_first_step_is_void_once(
    client_of: ClientOf, ada: Identity, otto: Identity, what: str
) -> None:
    with time_machine.travel(START, tick=False):
        secret, _codes = set_up(client_of(otto))
        browser = first_step(otto)
    match what:
        case "password":
            otto.refresh_from_db()
            passwords.change(by=otto, password="three ducks on a pond", at=START)
        case "disabled":
            actions.disable(by=ada, identity=otto, at=START)
    later = timedelta(minutes=20 if what == "late" else 1)
    with time_machine.travel(START + later, tick=False):
        answer = browser.post(STEP, {"code": code(secret)})
        assert answer["Location"].startswith("/sign-in/")
        assert not is_in(browser)


def test_resetting_the_password_does_not_go_around_it(
    client_of: ClientOf, ada: Identity, otto: Identity
) -> None:
    set_up(client_of(otto))
    otto.refresh_from_db()
    passwords.change(by=otto, password=PASSWORD + "!", at=timezone.now())

    answer = Client().post("/sign-in/", {"login": "otto", "password": PASSWORD + "!"})
    assert answer["Location"] == STEP


def test_a_form_that_was_interrupted_goes_through_both_steps(
    client_of: ClientOf, ada: Identity
) -> None:
    secret, _codes = set_up(client_of(ada))
    kept = {"interrupted_path": "/service-accounts/new/", "interrupted_form": '[["name", "n1"]]'}
    browser = Client()
    page = browser.post("/sign-in/", {"login": "ada", "password": PASSWORD} | kept)
    assert "Second step" in page.content.decode()
    assert "n1" in browser.post(STEP, kept | {"code": "000000"}).content.decode()

    again = browser.post(STEP, kept | {"code": code(secret)}).content.decode()
    assert 'action="/service-accounts/new/"' in again
    assert 'value="n1"' in again
