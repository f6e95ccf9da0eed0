"""Where signing in and out leads: to our own pages and nowhere else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.audit.models import Event
from accounts.models import Identity
from console.ui.redirects import is_own_path
from tests.factories.people import PASSWORD

ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "/\n/evil.example",
    "http:evil.example",
    "http:///evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    " //evil.example",
    "http://testserver/identities/",
    "http://localhost/identities/",
    "",
]


def sign_in(client: Client, wanted: str) -> str:
    form = {"login": "ada", "password": PASSWORD, "next": wanted}
    return str(client.post("/sign-in/", form)["Location"])


@pytest.mark.parametrize("wanted", ["/identities/", "/audit/?actor=otto&page=2", "/a/b#c"])
def test_signing_in_leads_to_the_page_that_was_wanted(
    client: Client, ada: Identity, wanted: str
) -> None:
    assert sign_in(client, wanted) == wanted


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_signing_in_leads_nowhere_else(client: Client, ada: Identity, wanted: str) -> None:
    assert sign_in(client, wanted) == "/"


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_who_is_in_already_is_not_led_elsewhere(
    client_of: Callable[[Identity], Client], ada: Identity, wanted: str
) -> None:
    assert client_of(ada).get("/sign-in/", {"next": wanted})["Location"] == "/"


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_signing_out_leads_nowhere_else(
    client_of: Callable[[Identity], Client], ada: Identity, wanted: str
) -> None:
    assert client_of(ada).post("/sign-out/", {"next": wanted})["Location"] == "/sign-in/"


@pytest.mark.parametrize("text", ELSEWHERE)
def test_no_reading_of_a_foreign_address_is_a_path_of_ours(text: str) -> None:
    assert not is_own_path(text)


def test_a_failed_attempt_remembers_where_one_wanted_to_go(client: Client, ada: Identity) -> None:
    form = {"login": "ada", "password": "wrong", "next": "/identities/?q=<b>"}

    answer = client.post("/sign-in/", form)

    assert 'name="next" value="/identities/?q=&lt;b&gt;"' in answer.content.decode()


def test_signing_out_ends_the_session_and_says_so(
    client_of: Callable[[Identity], Client], ada: Identity
) -> None:
    browser = client_of(ada)
    store, key = type(browser.session), browser.session.session_key

    answer = browser.post("/sign-out/", follow=True)

    assert answer.redirect_chain == [("/sign-in/", 302)]
    assert "You are signed out." in answer.content.decode()
    assert not store().exists(key or "")
    event = Event.objects.get(action="sign_out")
    assert (event.actor_id, event.address) == (str(ada.pk), "127.0.0.1")


def test_a_link_cannot_sign_anybody_out(
    client_of: Callable[[Identity], Client], ada: Identity
) -> None:
    browser = client_of(ada)

    assert browser.get("/sign-out/").status_code == 405
    assert "_auth_user_id" in browser.session


def test_signing_out_twice_is_harmless(client: Client, db: None) -> None:
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert not Event.objects.filter(action="sign_out").exists()
