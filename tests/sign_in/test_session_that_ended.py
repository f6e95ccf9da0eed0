"""A form that is sent after its session has ended: nothing typed is lost, nothing is done."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from accounts.models import Identity, ServiceAccount
from tests.factories import make_account
from tests.factories.people import PASSWORD

ClientOf = Callable[[Identity], Client]
TYPED = "What it is for: “nightly”, <b>bold</b>"


@pytest.fixture
def account(ada: Identity) -> ServiceAccount:
    return make_account("audit01", scopes=["fr:idm:*"], owner=ada).account


def edit_form(account: ServiceAccount) -> dict[str, str]:
    return {
        "name": account.name,
        "description": TYPED,
        "scopes": "fr:idm:*",
        "revision": str(account.revision),
        "owner": str(account.owner_id),
    }


def hidden(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


def test_it_is_kept_through_sign_in_and_sent_again(ada: Identity, account: ServiceAccount) -> None:
    client, address = Client(), f"/service-accounts/{account.pk}/edit/"
    ended = client.post(address, edit_form(account))
    page = ended.content.decode()
    assert ended.status_code == 403
    assert "Your session has ended" in page

    carried = hidden(page)
    wrong = client.post("/sign-in/", carried | {"login": "ada", "password": "wrong"})
    carried = hidden(wrong.content.decode())
    signed_in = client.post("/sign-in/", carried | {"login": "ada", "password": PASSWORD})
    again = signed_in.content.decode()
    account.refresh_from_db()
    assert account.description == ""
    assert f'action="{address}"' in again

    client.post(address, hidden(again))
    account.refresh_from_db()
    assert account.description == TYPED


@pytest.mark.parametrize(
    "secret",
    [
        {"step_up_password": "hunter2hunter2"},
        {"current_password": "hunter2hunter2", "password": "hunter2hunter2"},
        {"password_again": "hunter2hunter2"},
        {"public_key_text": "-----BEGIN PRIVATE KEY----- hunter2hunter2"},
    ],
)
def test_neither_passwords_nor_private_keys_are_carried(
    ada: Identity, secret: dict[str, str]
) -> None:
    page = Client().post("/profile/password/", secret | {"kept": "yes"}).content.decode()
    assert "hunter2hunter2" not in page
    sent_on = {
        "interrupted_path": "/profile/password/",
        "interrupted_form": json.dumps(list(secret.items())),
    }
    again = Client().post("/sign-in/", sent_on | {"login": "ada", "password": PASSWORD})
    assert "hunter2hunter2" not in again.content.decode()


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("https://evil.example/", "[]"),
        ("//evil.example/", "[]"),
        ("/service-accounts/new/", "no json"),
        ("/service-accounts/new/", '{"a": 1}'),
        ("/service-accounts/new/", '[["a", 1]]'),
        ("/there-is-nothing/", "[]"),
        ("/service-accounts/new/", "[" * 100_000),
    ],
)
def test_what_is_not_one_of_our_forms_is_not_sent_on(ada: Identity, path: str, form: str) -> None:
    sent = {"login": "ada", "password": PASSWORD}
    kept = {"interrupted_path": path, "interrupted_form": form}
    answer = Client().post("/sign-in/", sent | kept)
    assert answer.status_code == 302
    assert answer["Location"] == "/"


def test_a_huge_form_is_not_carried(account: ServiceAccount) -> None:
    address = f"/service-accounts/{account.pk}/edit/"
    page = Client().post(address, {"description": "x" * 300_000}).content.decode()
    assert "interrupted_form" not in page
    assert "Sign in and do it again." in page


def test_the_kept_form_cannot_break_out_of_its_field(account: ServiceAccount) -> None:
    address = f"/service-accounts/{account.pk}/edit/"
    page = Client().post(address, {"description": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in page
    assert json.loads(hidden(page)["interrupted_form"])


def test_a_page_of_a_button_alone_says_so(client_of: ClientOf, ada: Identity) -> None:
    account = make_account("audit02", owner=ada).account
    answer = client_of(ada).get(f"/service-accounts/{account.pk}/enable/")
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "belongs to a button" in answer.content.decode()
