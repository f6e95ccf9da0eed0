"""Replacing what is secret asks for one's own password first, and carries no secret along."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Event, Identity, StoredAccount
from console.ui.confirmation import CONFIRMED_AT
from tests.factories.people import PASSWORD as OWN_PASSWORD
from tests.factories.vault import KEY, make_item, save_codes

FORMS = [
    ("password/", {"password": "MARK-posted"}),
    ("password/", {"password": "MARK-posted", "make": "1", "how": "passphrase", "length": "20"}),
    ("authenticator/", {"key": "MARKMARKMARKMARKMARKMARKMARKMARK"}),
    ("backup-codes/", {"codes": "MARK-1\nMARK-2"}),
]


@pytest.fixture
def item(otto: Identity) -> StoredAccount:
    found = make_item(otto)
    save_codes(found, key=KEY)
    return found


@pytest.fixture
def late(owner: Client) -> Client:
    """Signed in, and long since asked for their password."""
    session = owner.session
    session.pop(CONFIRMED_AT, None)
    session.save()
    return owner


def address(item: StoredAccount, tail: str) -> str:
    return f"/vault/accounts/{item.pk}/{tail}"


@pytest.mark.parametrize(("tail", "typed"), FORMS)
def test_a_form_that_comes_too_late_changes_nothing_and_is_not_repeated(
    late: Client, item: StoredAccount, tail: str, typed: dict[str, str]
) -> None:
    events = Event.objects.filter(action__startswith="stored_account")
    before = events.count()
    asked = late.post(address(item, tail), typed)

    said = asked.content.decode()
    assert "What you typed was not stored" in said
    assert "MARK" not in said
    assert "no-store" in asked.headers["Cache-Control"]
    confirmed = {"step_up_password": OWN_PASSWORD, "step_up_from_get": "1"}
    answer = late.post(address(item, tail), confirmed)
    assert (answer.status_code, answer.headers["Location"]) == (302, address(item, tail))
    assert events.count() == before


@pytest.mark.parametrize(("tail", "typed"), FORMS)
def test_a_form_that_brings_the_answer_along_is_not_carried_out(
    late: Client, item: StoredAccount, tail: str, typed: dict[str, str]
) -> None:
    events = Event.objects.filter(action__startswith="stored_account")
    before = events.count()
    answer = late.post(address(item, tail), typed | {"step_up_password": OWN_PASSWORD})

    assert answer.status_code == 302
    assert events.count() == before


@pytest.mark.parametrize("tail", ["password/", "authenticator/", "backup-codes/"])
def test_the_question_stands_in_front_of_the_page(
    late: Client, item: StoredAccount, tail: str
) -> None:
    asked = late.get(address(item, tail)).content.decode()
    assert "Confirm that it is you" in asked
    assert "was not stored" not in asked
    wrong = {"step_up_password": "nothing of theirs", "step_up_from_get": "1"}
    assert "This is not your password" in late.post(address(item, tail), wrong).content.decode()

    right = wrong | {"step_up_password": OWN_PASSWORD}
    page = late.post(address(item, tail), right, follow=True).content.decode()
    assert "Confirm that it is you" not in page


@pytest.mark.parametrize(("tail", "typed"), FORMS)
def test_a_sign_in_in_between_carries_no_secret(
    client: Client, item: StoredAccount, tail: str, typed: dict[str, str]
) -> None:
    answer = client.post(address(item, tail), typed, follow=True)
    assert "MARK" not in answer.content.decode()


def test_what_is_refused_is_not_repeated(owner: Client, item: StoredAccount) -> None:
    refused = owner.post(address(item, "authenticator/"), {"key": "MARK-0189"}).content.decode()
    assert "Paste the secret key that the application shows" in refused
    assert "MARK" not in refused
    refused = owner.post(address(item, "backup-codes/"), {"codes": "MARK" * 40}).content.decode()
    assert "Paste 1 to 50 codes" in refused
    assert "MARK" not in refused
