"""One's own page: who one is, what one may do, one's password and sessions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts.audit.models import Event
from accounts.models import Identity
from tests.factories.people import PASSWORD

ClientOf = Callable[[Identity], Client]

NEW = "three ducks on a pond"
FORM = {"current_password": PASSWORD, "password": NEW, "password_again": NEW}


def test_it_says_who_one_is_and_what_one_may_do(client_of: ClientOf, mallory: Identity) -> None:
    text = client_of(mallory).get("/profile/").content.decode()

    assert "mallory@example.com" in text
    assert "Sees only the service accounts that they own." in text
    assert "See the service accounts that one owns" in text
    assert "Read the audit log" not in text


def test_every_level_and_what_it_allows_is_listed(client_of: ClientOf, vera: Identity) -> None:
    text = client_of(vera).get("/profile/").content.decode()

    assert "Auditor" in text
    assert "Read the audit log" in text
    assert "Set the user levels of others" not in text


def test_changing_the_password_ends_every_other_session(
    client_of: ClientOf, otto: Identity, django_capture_on_commit_callbacks: Any
) -> None:
    here, elsewhere = client_of(otto), client_of(otto)
    key = here.session.session_key

    with django_capture_on_commit_callbacks(execute=True):
        answer = here.post("/profile/password/", FORM)

    assert answer["Location"] == "/profile/"
    assert here.get("/profile/").status_code == 200
    assert here.session.session_key != key
    assert elsewhere.get("/profile/").status_code == 302
    otto.refresh_from_db()
    assert otto.check_password(NEW)
    [told] = mail.outbox
    assert (told.to, told.subject) == (["otto@example.com"], "Your password was changed")
    assert "from the address 127.0.0.1" in told.body
    assert Event.objects.filter(action="identity.password_changed", actor_label="otto").exists()


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"current_password": "wrong"}, "current_password", "This is not your password"),
        ({"current_password": ""}, "current_password", "Type the password that you have now"),
        ({"password": "short", "password_again": "short"}, "password", "too short"),
        ({"password_again": "three ducks on a lake"}, "password_again", "differ"),
        ({"password": "otto@example.com", "password_again": "otto@example.com"}, "password", ""),
    ],
)
def test_what_is_wrong_is_named_and_nothing_changes(
    client_of: ClientOf, otto: Identity, change: dict[str, str], field: str, said: str
) -> None:
    answer = client_of(otto).post("/profile/password/", FORM | change)

    assert answer.status_code == 200
    assert said in str(answer.context["form"].errors[field])
    otto.refresh_from_db()
    assert otto.check_password(PASSWORD)


def test_guessing_the_current_password_locks_as_at_sign_in(
    client_of: ClientOf, otto: Identity
) -> None:
    browser = client_of(otto)

    answers = [
        browser.post("/profile/password/", FORM | {"current_password": f"guess {n}"}).status_code
        for n in range(6)
    ]

    assert answers == [200, 200, 200, 200, 429, 429]
    assert browser.post("/profile/password/", FORM).status_code == 429


def test_one_can_sign_out_everywhere_else(client_of: ClientOf, otto: Identity) -> None:
    here, elsewhere = client_of(otto), client_of(otto)

    here.post("/profile/end-sessions/")

    assert here.get("/profile/").status_code == 200
    assert elsewhere.get("/profile/").status_code == 302
    assert Event.objects.filter(action="identity.sessions_ended", actor_label="otto").exists()


def test_only_the_methods_that_it_knows(client_of: ClientOf, otto: Identity) -> None:
    browser = client_of(otto)

    assert browser.post("/profile/").status_code == 405
    assert browser.get("/profile/end-sessions/").status_code == 405
    assert browser.delete("/profile/password/").status_code == 405


@pytest.mark.parametrize("path", ["/profile/", "/profile/password/"])
def test_who_is_not_signed_in_is_asked_to(client: Client, db: None, path: str) -> None:
    assert client.get(path)["Location"] == f"/sign-in/?next={path}"
