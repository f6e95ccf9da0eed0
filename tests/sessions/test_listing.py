"""Where somebody is signed in: seen by themselves and by whoever may end it, and ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit.models import Event
from accounts.identities import actions as identities
from accounts.identities import passwords
from accounts.models import Identity, Session
from accounts.sessions import queries
from console.ui.devices import in_words
from tests.factories.people import PASSWORD

ClientOf = Callable[[Identity], Client]
OWN = "/profile/sessions/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def signed_in(person: Identity, agent: str = "", address: str = "203.0.113.9") -> Client:
    browser = Client(REMOTE_ADDR=address, headers={"user-agent": agent})
    browser.post("/sign-in/", {"login": person.user_name, "password": PASSWORD})
    return browser


def id_of(browser: Client) -> str:
    return str(browser.session["steward_session"]["id"])


def is_in(browser: Client) -> bool:
    return browser.get("/profile/").status_code == 200


def test_one_sees_where_one_is_signed_in(otto: Identity, ada: Identity) -> None:
    here, phone, other = signed_in(otto, FIREFOX), signed_in(otto, SAFARI), signed_in(ada)

    page = here.get(OWN).content.decode()

    assert "Firefox on Linux" in page
    assert "Safari on iPhone" in page
    assert page.count("203.0.113.9") == 2
    assert page.count("This session") == 1
    assert page.index("This session") < page.index("Safari on iPhone")
    assert str(here.session.session_key) not in page
    assert id_of(phone) in page
    assert id_of(other) not in page


def test_one_is_ended_and_the_others_stay(otto: Identity) -> None:
    here, phone, third = signed_in(otto, FIREFOX), signed_in(otto, SAFARI), signed_in(otto)

    answer = here.post(f"{OWN}{id_of(phone)}/end/", follow=True)

    assert "The session of Safari on iPhone is ended." in answer.content.decode()
    assert [is_in(browser) for browser in (here, phone, third)] == [True, False, True]
    event = Event.objects.get(action="identity.session_ended")
    assert event.detail == {"address": "203.0.113.9", "user_agent": SAFARI}
    again = here.post(f"{OWN}{id_of(third)[:-4]}0000/end/", follow=True)
    assert "This session has ended already." in again.content.decode()


def test_nobody_ends_a_strangers_session_by_its_id(otto: Identity, mallory: Identity) -> None:
    theirs, mine = signed_in(otto), signed_in(mallory)

    mine.post(f"{OWN}{id_of(theirs)}/end/")
    refused = mine.post(f"/identities/{otto.pk}/sessions/{id_of(theirs)}/end/")

    assert refused.status_code == 403
    assert is_in(theirs)


def test_whoever_may_ends_them(ada: Identity, otto: Identity, vera: Identity) -> None:
    browser, theirs = signed_in(ada), signed_in(otto, FIREFOX)
    page = f"/identities/{otto.pk}/sessions/"

    assert "Firefox on Linux" in browser.get(page).content.decode()
    browser.post(f"{page}{id_of(theirs)}/end/")

    assert not is_in(theirs)
    assert "They are signed in nowhere." in browser.get(page).content.decode()
    assert signed_in(vera).get(page).status_code == 403
    assert Client().get(page)["Location"].startswith("/sign-in/")
    assert (
        browser.get("/identities/00000000-0000-0000-0000-000000000000/sessions/").status_code == 404
    )
    assert browser.post(page).status_code == 405


def test_ending_asks_who_one_is(otto: Identity) -> None:
    with time_machine.travel(START, tick=False):
        here, phone = signed_in(otto), signed_in(otto)
    with time_machine.travel(START + timedelta(minutes=6), tick=False):
        for path in (f"{OWN}{id_of(phone)}/end/", "/profile/end-sessions/"):
            assert "Confirm that it is you" in here.post(path).content.decode(), path
        assert is_in(phone)


@pytest.mark.parametrize("what", ["disabled", "deleted", "password", "signed out", "idle"])
def test_what_has_ended_is_not_listed(ada: Identity, otto: Identity, what: str) -> None:
    with time_machine.travel(START, tick=False):
        browser = signed_in(otto)
        assert len(queries.living(otto, now=timezone.now())) == 1
        match what:
            case "disabled":
                identities.disable(by=ada, identity=otto, at=START)
            case "deleted":
                identities.delete(by=ada, identity=otto, at=START)
            case "password":
                passwords.change(by=otto, password="three ducks on a pond", at=START)
            case "signed out":
                browser.post("/sign-out/")
    later = timedelta(minutes=40 if what == "idle" else 1)
    with time_machine.travel(START + later, tick=False):
        otto.refresh_from_db()
        assert queries.living(otto, now=timezone.now()) == []


def test_a_new_id_keeps_what_is_told_of_the_session(otto: Identity) -> None:
    browser = signed_in(otto, FIREFOX)
    before = id_of(browser)
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        browser.post("/profile/end-sessions/", {"step_up_password": PASSWORD})

        [row] = queries.living(Identity.objects.get(pk=otto.pk), now=timezone.now())
        assert str(row.public_id) == before
        assert row.session_key == browser.session.session_key


def test_who_is_not_signed_in_has_a_session_of_nobody(client: Client, db: None) -> None:
    session = client.session
    session["x"] = 1
    session.save()

    row = Session.objects.get()
    assert (row.identity, row.public_id, row.seen_at) == (None, None, None)


def test_many_sessions_cost_no_more_statements(otto: Identity) -> None:
    here = signed_in(otto)
    costs = []
    for _ in range(2):
        for _ in range(3):
            signed_in(otto)
        with CaptureQueriesContext(connection) as captured:
            here.get(OWN)
        costs.append(len(captured))
    assert costs[0] == costs[1]


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (FIREFOX, "Firefox on Linux"),
        (SAFARI, "Safari on iPhone"),
        ("curl/8.5.0", "curl"),
        ("", "Unknown device"),
        ("x" * 5000, "Unknown device"),
        ("<script>alert(1)</script>", "Unknown device"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh) Chrome/130.0 Safari/537.36", "Chrome on macOS"),
    ],
)
def test_devices_in_words(agent: str, said: str) -> None:
    assert in_words(agent) == said


def test_a_forged_device_breaks_nothing(otto: Identity) -> None:
    browser = signed_in(otto, agent='"><script>alert(1)</script>' + "x" * 5000)
    page: Any = browser.get(OWN)
    assert "<script>alert" not in page.content.decode()
    assert page.status_code == 200
