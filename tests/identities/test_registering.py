"""Behind the link of a mail, somebody chooses their password."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.identities import actions, invitations
from accounts.models import Identity
from tests.at_once import at_once
from tests.factories.people import PASSWORD
from tests.identities.people import BOTH, NEW, invite, path_in

ClientOf = Callable[[Identity], Client]


def test_the_link_lets_choose_a_password_and_sign_in(
    client: Client, nina: Identity, ada: Identity, mails: Any
) -> None:
    [message] = mails(lambda: invite(nina, ada))
    path = path_in(message)

    page = client.get(path)
    assert page.status_code == 200
    assert 'value="audit01"' in page.content.decode()
    answer = client.post(path, BOTH)

    assert answer["Location"] == "/sign-in/?login=audit01"
    sign_in = client.get(answer["Location"]).content.decode()
    assert 'value="audit01"' in sign_in
    assert "Your password is set. Sign in as audit01." in sign_in
    form = {"login": "audit01", "password": BOTH["password"]}
    assert client.post("/sign-in/", form).status_code == 302
    assert [e.action for e in Event.objects.filter(actor_label="audit01").order_by("id")] == [
        "identity.registered",
        "sign_in.succeeded",
    ]


def test_a_link_is_used_once(client: Client, nina: Identity, ada: Identity, mails: Any) -> None:
    [message] = mails(lambda: invite(nina, ada))
    client.post(path_in(message), BOTH)

    again = client.post(path_in(message), dict.fromkeys(BOTH, "another good password"))

    assert again.status_code == 404
    assert "This link does not work" in again.content.decode()
    nina.refresh_from_db()
    assert nina.check_password(BOTH["password"])


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1] + ("a" if token[-1] != "a" else "b"),
        lambda token: token[:-1],
        lambda token: token + "a",
        lambda token: token.swapcase(),
        lambda token: token + "%00",
        lambda token: "a" * 43,
        lambda token: "é" * 43,
    ],
)
def test_no_part_of_a_link_can_be_edited(
    client: Client,
    nina: Identity,
    ada: Identity,
    mails: Any,
    change: Callable[[str], str],
) -> None:
    [message] = mails(lambda: invite(nina, ada))
    token = path_in(message).split("/")[2]

    for path in (f"/register/{change(token)}/", f"/set-up/{token}/"):
        assert client.get(path).status_code == 404
        assert client.post(path, BOTH).status_code == 404
    nina.refresh_from_db()
    assert not nina.is_registered


def test_the_link_of_one_person_changes_nothing_of_another(
    client: Client, nina: Identity, otto: Identity, ada: Identity, mails: Any
) -> None:
    [message] = mails(lambda: invite(nina, ada))

    client.post(path_in(message), BOTH | {"user_name": "otto", "identity": str(otto.pk)})

    otto.refresh_from_db()
    assert otto.check_password(PASSWORD)


def test_a_password_against_the_policy_leaves_the_link_alive(
    client: Client, nina: Identity, ada: Identity, mails: Any
) -> None:
    [message] = mails(lambda: invite(nina, ada))
    path = path_in(message)

    for password in ("2short", "nina-novak-1", "123456789012345678", "Steward-2026!", "x" * 129):
        answer = client.post(path, {"password": password, "password_again": password})
        assert answer.status_code == 200, password
        assert answer.context["form"].errors, password
        assert password not in answer.content.decode()
    differing = client.post(path, BOTH | {"password_again": "three ducks on a lake"})

    assert "The two passwords differ" in differing.content.decode()
    assert client.post(path, BOTH).status_code == 302


@pytest.mark.parametrize(
    "password",
    [
        "Vq3 zt9 Lw7 mB2 " * 8,
        "  spaces around  them  ",
        "🦆🦆🦆🐸🐸🐸🌊🌊🌊🌿🌿🌿",
        "пароль в три слова",
        "Ωμέγα 5071 και 38",
        "836150274961",
    ],
)
def test_any_password_that_is_long_enough_is_taken_as_it_is(
    client: Client, nina: Identity, ada: Identity, mails: Any, password: str
) -> None:
    [message] = mails(lambda: invite(nina, ada))

    client.post(path_in(message), {"password": password, "password_again": password})

    nina.refresh_from_db()
    assert nina.check_password(password)
    assert not nina.check_password(password[:-1])
    assert not nina.check_password(password.strip() + "x")


def test_whoever_was_signed_in_here_is_signed_out(
    client_of: ClientOf, nina: Identity, ada: Identity, mails: Any
) -> None:
    [message] = mails(lambda: invite(nina, ada))
    browser = client_of(ada)

    assert "This browser is signed in as ada" in browser.get(path_in(message)).content.decode()
    browser.post(path_in(message), BOTH)

    assert "_auth_user_id" not in browser.session


@pytest.mark.django_db(transaction=True)
def test_of_twenty_uses_at_once_one_succeeds(ada: Identity) -> None:
    person = actions.create_person(by=ada, levels=[], at=timezone.now(), **NEW)
    invitation = invitations.invite(by=SYSTEM, identity=person, at=timezone.now())
    path = path_in(mail.outbox[-1])

    def use(number: int) -> int:
        password = f"three ducks on pond {number}"
        return Client().post(path, dict.fromkeys(BOTH, password)).status_code

    answers = at_once([partial(use, number) for number in range(20)])

    assert sorted(answers, key=str) == [302] + [404] * 19
    invitation.refresh_from_db()
    assert invitation.used_at is not None
