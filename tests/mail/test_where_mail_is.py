"""Where no mail server is set, whoever causes mail is told where it lies."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import Identity
from console.ui.installation import FILE_BACKEND
from tests.service_accounts.filled import NEW, new_form

ClientOf = Callable[[Identity], Client]
SAID = "No mail server is set: the mail is in the"
PERSON = {
    "user_name": "audit01",
    "first_name": "Nina",
    "last_name": "",
    "email": "nina@example.com",
}


@pytest.fixture
def kept(settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = FILE_BACKEND
    settings.EMAIL_FILE_PATH = str(tmp_path / "outbox")


def invited(client: Client) -> str:
    return client.post("/identities/new/", PERSON, follow=True).content.decode()


def offered(client: Client, owner: Identity) -> str:
    form = new_form(owner=str(owner.pk), key_origin="owner")
    return html.unescape(client.post(NEW, form).content.decode())


def test_an_invitation_says_that_it_is_in_the_outbox(
    client_of: ClientOf, ada: Identity, kept: None
) -> None:
    page = invited(client_of(ada))
    assert f'{SAID} <a href="/outbox/">Outbox</a>.' in page


def test_an_offer_of_a_key_gives_the_link_to_pass_on(
    client_of: ClientOf, ada: Identity, otto: Identity, kept: None
) -> None:
    page = offered(client_of(ada), otto)
    assert "No mail server is set: nothing is sent" in page
    assert "/key-pickups/" in page
    assert 'href="/outbox/"' in page
    assert "on its way" not in page


def test_with_a_mail_server_nothing_is_said_of_it(
    client_of: ClientOf, ada: Identity, otto: Identity
) -> None:
    client = client_of(ada)
    assert SAID not in invited(client)
    page = offered(client, otto)
    assert SAID not in page
    assert "on its way" in page
