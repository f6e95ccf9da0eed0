"""Who gets in, and what the session is then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.identities import actions
from accounts.identities.models import IdentityKind
from accounts.models import Identity
from console.ui.confirmation import CONFIRMED_AT
from tests.factories import make_account, make_person
from tests.factories.people import PASSWORD

WRONG = "The user name or the password is wrong."


def attempt(client: Client, login: str, password: str, **extra: Any) -> Any:
    return client.post("/sign-in/", {"login": login, "password": password}, **extra)


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_page_asks_for_user_name_and_password(client: Client, ada: Identity) -> None:
    answer = client.get("/sign-in/")

    assert answer.status_code == 200
    text = answer.content.decode()
    assert 'name="login"' in text
    assert 'type="password"' in text
    assert "Sign in with your user name" in text
    assert 'href="/sign-in/problems/">Problems signing in?' in text
    assert "Ask a tenant administrator" in text


def test_the_right_password_signs_in_with_a_new_session(client: Client, ada: Identity) -> None:
    client.get("/sign-in/")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = planted = session.session_key or ""

    answer = attempt(client, "ada", PASSWORD)

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert is_signed_in(client)
    assert client.session.session_key != planted
    assert client.session[CONFIRMED_AT] > 0
    assert not type(session)().exists(planted)


@pytest.mark.parametrize("typed", ["ADA", " ada ", "ａｄａ"])
def test_case_spaces_around_and_full_width_do_not_matter(
    client: Client, ada: Identity, typed: str
) -> None:
    assert attempt(client, typed, PASSWORD).status_code == 302


def test_a_look_alike_of_the_name_is_another_name(client: Client, ada: Identity) -> None:
    answer = attempt(client, "аda", PASSWORD)  # the first letter is Cyrillic

    assert not is_signed_in(client)
    assert WRONG in answer.content.decode()


@pytest.mark.parametrize("missing", ["login", "password"])
def test_an_empty_field_is_named(client: Client, ada: Identity, missing: str) -> None:
    typed = {"login": "ada", "password": PASSWORD} | {missing: ""}

    answer = client.post("/sign-in/", typed)

    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [missing]


def test_the_password_is_never_sent_back(client: Client, ada: Identity) -> None:
    answer = attempt(client, "ada", "tr0ub4dor&3 tr0ub4dor")

    assert "tr0ub4dor" not in answer.content.decode()
    assert 'value="ada"' in answer.content.decode()


def test_every_refusal_says_the_same(client: Client, ada: Identity, otto: Identity) -> None:
    actions.disable(by=ada, identity=otto, at=ada.created_at)
    unregistered = actions.create_person(
        by=SYSTEM,
        user_name="nina",
        first_name="Nina",
        last_name="",
        email="nina@example.com",
        levels=[],
        at=ada.created_at,
    )
    service = make_account("audit01").account.identity
    gone = Identity.objects.get(pk=otto.pk)

    answers = [
        attempt(client, "ada", "wrong"),
        attempt(client, "nobody", PASSWORD),
        attempt(client, gone.user_name, PASSWORD),
        attempt(client, unregistered.user_name, PASSWORD),
        attempt(client, service.user_name, PASSWORD),
    ]

    assert {answer.status_code for answer in answers} == {200}
    assert all(WRONG in answer.content.decode() for answer in answers)
    assert not is_signed_in(client)


def test_a_kind_that_does_not_sign_in_stays_out_with_its_password(
    client: Client, ada: Identity
) -> None:
    Identity.objects.filter(pk=ada.pk).update(kind=IdentityKind.AGENT)

    attempt(client, "ada", PASSWORD)

    assert not is_signed_in(client)


def test_signing_in_is_an_event_with_address_and_request(client: Client, ada: Identity) -> None:
    answer = attempt(client, "ada", PASSWORD, REMOTE_ADDR="203.0.113.9")

    event = Event.objects.get(action="sign_in.succeeded")
    assert (event.actor_id, event.actor_label) == (str(ada.pk), "ada")
    assert event.address == "203.0.113.9"
    assert event.request_id == answer["X-Request-ID"] != ""


def test_a_failed_attempt_is_an_event_with_the_claimed_name(client: Client, ada: Identity) -> None:
    attempt(client, "Ada", "wrong", REMOTE_ADDR="203.0.113.9")
    attempt(client, "evil\u202ename", "wrong")

    newest, first = Event.objects.filter(action="sign_in.failed").newest_first()
    assert (first.actor_kind, first.actor_label, first.outcome) == ("anonymous", "Ada", "refused")
    assert (first.subject_id, first.address) == (str(ada.pk), "203.0.113.9")
    assert (newest.actor_label, newest.subject_id) == ("evil\ufffdname", "")


def test_only_get_and_post_are_answered(client: Client, db: None) -> None:
    assert client.put("/sign-in/").status_code == 405
    assert client.delete("/sign-in/").status_code == 405


def test_nobody_can_sign_up(client: Client, db: None) -> None:
    for path in ("/signup/", "/sign-up/", "/accounts/signup/", "/accounts/login/", "/register/"):
        assert client.post(path, {"username": "eve"}).status_code in (302, 404), path
    assert not Identity.objects.filter(user_name="eve").exists()


def test_signing_in_needs_the_token_of_our_page(ada: Identity) -> None:
    browser = Client(enforce_csrf_checks=True)

    assert attempt(browser, "ada", PASSWORD).status_code == 403
    assert not is_signed_in(browser)


def test_who_is_in_already_is_sent_on(
    client_of: Callable[[Identity], Client], ada: Identity
) -> None:
    answer = client_of(ada).get("/sign-in/")

    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_a_part_of_a_page_that_needs_sign_in_loads_the_whole_page(client: Client, db: None) -> None:
    answer = client.get(
        "/sign-in/?next=/identities/%3Fq%3Do",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/identities/?q=otto"},
    )

    assert answer["HX-Redirect"] == "/sign-in/?next=%2Fidentities%2F%3Fq%3Dotto"


def test_before_the_set_up_the_page_says_where_the_link_is(client: Client, db: None) -> None:
    assert "the link that Steward printed" in client.get("/sign-in/").content.decode()
    make_person("first", levels=["admin"])
    assert "the link that Steward printed" not in client.get("/sign-in/").content.decode()
