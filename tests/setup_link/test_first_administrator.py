"""How a tenant without an administrator gets one, and only one."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.core.management.base import OutputWrapper
from django.test import Client

from accounts.audit.models import Event
from accounts.identities import first_administrator, queries
from accounts.identities.models import Invitation
from accounts.models import Identity
from console.environment.read import FirstAdministrator
from console.setup.bootstrap import ensure_first_administrator
from tests.at_once import at_once

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PASSWORD = "correct horse battery staple"
FORM = {
    "user_name": "root.person",
    "email": "root@example.com",
    "password": PASSWORD,
    "password_again": PASSWORD,
}


def started() -> str:
    """What the start prints."""
    printed = io.StringIO()
    ensure_first_administrator(OutputWrapper(printed))
    return printed.getvalue()


def link() -> str:
    found = re.search(r"http://127\.0\.0\.1:8000(/set-up/\S+/)", started())
    assert found
    return found.group(1)


def administrators() -> list[str]:
    return list(
        Identity.objects.get_queryset()
        .administrators()
        .values_list("user_name", flat=True)
        .order_by("user_name")
    )


def test_the_start_prints_a_link_that_makes_the_administrator(db: None, client: Client) -> None:
    path = link()

    assert client.get(path).status_code == 200
    answer = client.post(path, FORM)

    assert (answer.status_code, answer["Location"]) == (302, "/")
    person = Identity.objects.get(user_name="root.person")
    assert person.is_administrator
    assert person.email == "root@example.com"
    assert client.session["_auth_user_id"] == str(person.pk)
    assert Event.objects.filter(action="sign_in.succeeded", actor_id=str(person.pk)).exists()
    assert client.get("/profile/").status_code == 200


def test_the_link_works_once(db: None, client: Client) -> None:
    path = link()
    client.post(path, FORM)

    again = Client().post(path, FORM | {"user_name": "second"})

    assert again.status_code == 404
    assert Client().get(path).status_code == 404
    assert administrators() == ["root.person"]


def test_the_link_works_for_an_hour(db: None, client: Client) -> None:
    with time_machine.travel(START, tick=False):
        path = link()
    with time_machine.travel(START + timedelta(minutes=59), tick=False):
        assert client.get(path).status_code == 200
    with time_machine.travel(START + timedelta(minutes=61), tick=False):
        assert client.get(path).status_code == 404
        assert client.post(path, FORM).status_code == 404
    assert administrators() == []


def test_another_start_replaces_the_link(db: None, client: Client) -> None:
    first, second = link(), link()

    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200


@pytest.mark.parametrize("token", ["x", "a" * 43, "..", "%00", "é" * 20, "A" * 3000])
def test_a_forged_link_says_what_to_do(db: None, client: Client, token: str) -> None:
    link()

    answer = client.get(f"/set-up/{token}/")

    assert answer.status_code == 404
    if token != "..":
        assert "This link does not work" in answer.content.decode()


def test_an_existing_administrator_closes_the_page(client: Client, db: None) -> None:
    path = link()
    first_administrator.create(
        user_name="env", email="env@example.com", password=PASSWORD, at=START
    )

    answer = client.get(path)
    assert answer.status_code == 404
    assert "There is an administrator already: sign in." in answer.content.decode()
    assert client.post(path, FORM).status_code == 404
    assert administrators() == ["env"]
    assert started() == ""


def test_the_address_is_neither_cached_nor_passed_on(client: Client, db: None) -> None:
    path = link()

    for answer in (client.get(path), client.post(path, {}), client.get("/set-up/forged/")):
        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "no-referrer, strict-origin"


def test_the_link_comes_from_the_settings_alone(db: None) -> None:
    printed = started()

    assert "http://127.0.0.1:8000/set-up/" in printed
    assert "testserver" not in printed


def test_only_the_digest_of_the_token_is_kept(db: None) -> None:
    token = link().split("/")[2]

    row = Invitation.objects.get()

    assert len(row.token_hash or b"") == 32
    stored = str(list(Invitation.objects.values())) + str(list(Event.objects.values()))
    assert token not in stored


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("user_name", "", "Type a user name."),
        ("email", "", "Type an e-mail address"),
        ("user_name", "a b", "Use letters, digits"),
        ("user_name", "x" * 500, "Shorten it"),
        ("email", "nowhere", "Type an e-mail address"),
        ("email", "a@example.com\r\nBcc: b@example.com", "Type an e-mail address"),
        ("password", "short", "too short"),
        ("password", "123456789012345", "guessed too easily"),
        ("password", "root.person-2026", "Use other words"),
        ("password", "x" * 129, "128 characters"),
        ("password_again", "something else entirely", "differ"),
    ],
)
def test_a_bad_field_is_named_and_the_rest_is_kept(
    client: Client, db: None, field: str, value: str, error: str
) -> None:
    path = link()
    form = FORM | {field: value}
    if field == "password":
        form["password_again"] = value

    answer = client.post(path, form)

    assert answer.status_code == 200
    assert error in str(answer.context["form"].errors[field])
    kept = "email" if field != "email" else "user_name"
    assert f'value="{FORM[kept]}"' in answer.content.decode()
    assert administrators() == []
    assert client.post(path, FORM).status_code == 302


def test_the_form_needs_the_token_of_the_page(db: None) -> None:
    assert Client(enforce_csrf_checks=True).post(link(), FORM).status_code == 403
    assert administrators() == []


# --- By the environment ---


@pytest.fixture
def named(settings: Any) -> None:
    settings.STEWARD_FIRST_ADMINISTRATOR = FirstAdministrator("boss", "b@example.com", PASSWORD)


def test_the_environment_makes_the_administrator_at_start(
    db: None, named: None, client: Client
) -> None:
    assert "boss" in started()

    answer = client.post("/sign-in/", {"login": "boss", "password": PASSWORD})
    assert answer.status_code == 302
    assert administrators() == ["boss"]


def test_every_further_start_changes_nothing(db: None, named: None) -> None:
    started()
    before = Identity.objects.get().password

    assert started() == ""
    assert Identity.objects.get().password == before


def test_the_password_is_not_printed(db: None, named: None) -> None:
    assert PASSWORD not in started()


@pytest.mark.parametrize(
    ("given", "variable"),
    [
        (FirstAdministrator("a b", "b@example.com", PASSWORD), "STEWARD_ADMIN_USERNAME"),
        (FirstAdministrator("boss", "b@ex ample", PASSWORD), "STEWARD_ADMIN_EMAIL"),
        (FirstAdministrator("boss", "b@example.com", "password1234"), "STEWARD_ADMIN_PASSWORD"),
    ],
)
def test_a_bad_value_ends_the_start_with_one_line(
    db: None, settings: Any, capsys: Any, given: FirstAdministrator, variable: str
) -> None:
    settings.STEWARD_FIRST_ADMINISTRATOR = given

    with pytest.raises(SystemExit) as ended:
        started()

    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert told.startswith(f"steward: {variable} ")
    assert told.count("\n") == 1
    assert given.password not in told
    assert not queries.has_administrator()


# --- Two at once ---


@pytest.mark.django_db(transaction=True)
def test_two_starts_at_once_make_one_administrator() -> None:
    def start(name: str) -> Identity:
        return first_administrator.create(user_name=name, email="", password=PASSWORD, at=START)

    results = at_once([partial(start, f"boss{number}") for number in range(4)])

    assert len([r for r in results if isinstance(r, Identity)]) == 1
    assert len(administrators()) == 1


@pytest.mark.django_db(transaction=True)
def test_two_uses_of_the_link_at_once_make_one_administrator() -> None:
    path = link()

    def use(name: str) -> int:
        return Client().post(path, FORM | {"user_name": name}).status_code

    answers = at_once([partial(use, f"boss{number}") for number in range(4)])

    assert sorted(answers, key=str) == [302, 404, 404, 404]
    assert len(administrators()) == 1
