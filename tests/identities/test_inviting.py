"""A person is invited by mail: what the mail says, and when its link dies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.identities import actions, invitations
from accounts.identities.models import Invitation
from accounts.models import Identity
from tests.at_once import at_once
from tests.identities.people import BOTH, NEW, invite, path_in

ClientOf = Callable[[Identity], Client]

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_adding_a_person_sends_one_mail_that_names_the_account(
    client_of: ClientOf, ada: Identity, mails: Any
) -> None:
    browser = client_of(ada)

    [message] = mails(lambda: browser.post("/identities/new/", NEW))

    assert message.to == ["nina@example.com"]
    assert not message.cc
    assert not message.bcc
    assert message.subject == "Set up your account: audit01"
    assert "Your user name: audit01" in message.body
    assert "Nina Novak" in message.body
    assert path_in(message)


def test_that_an_earlier_link_died_is_said_only_where_there_was_one(
    client_of: ClientOf, nina: Identity, ada: Identity
) -> None:
    browser = client_of(ada)
    for said in (False, True):
        page = browser.post(f"/identities/{nina.pk}/invite/", follow=True).content.decode()
        assert "A link to set a password goes to nina@example.com." in page
        assert ("The link that was out stopped working." in page) is said


def test_a_link_dies_when_another_is_sent(
    client_of: ClientOf, client: Client, nina: Identity, ada: Identity, mails: Any
) -> None:
    [first] = mails(lambda: invite(nina, ada))
    browser = client_of(ada)

    [second] = mails(lambda: browser.post(f"/identities/{nina.pk}/invite/"))

    assert client.get(path_in(first)).status_code == 404
    assert client.post(path_in(first), BOTH).status_code == 404
    assert client.get(path_in(second)).status_code == 200


def test_a_link_dies_after_a_week(
    client: Client, nina: Identity, ada: Identity, mails: Any
) -> None:
    with time_machine.travel(START, tick=False):
        [message] = mails(lambda: invite(nina, ada))
    with time_machine.travel(START + timedelta(days=6, hours=23), tick=False):
        assert client.get(path_in(message)).status_code == 200
    with time_machine.travel(START + timedelta(days=7, minutes=1), tick=False):
        assert client.get(path_in(message)).status_code == 404
        assert client.post(path_in(message), BOTH).status_code == 404


@pytest.mark.parametrize("act", ["disable", "delete"])
def test_a_link_dies_with_the_person(
    client: Client, nina: Identity, ada: Identity, mails: Any, act: str
) -> None:
    [message] = mails(lambda: invite(nina, ada))

    getattr(actions, act)(by=ada, identity=nina, at=timezone.now())

    assert client.get(path_in(message)).status_code == 404
    assert client.post(path_in(message), BOTH).status_code == 404


def test_a_link_does_not_live_again_when_its_person_is_enabled(
    client: Client, nina: Identity, ada: Identity, mails: Any
) -> None:
    [message] = mails(lambda: invite(nina, ada))

    actions.disable(by=ada, identity=nina, at=timezone.now())
    actions.enable(by=ada, identity=nina, at=timezone.now())

    assert client.get(path_in(message)).status_code == 404


def test_a_link_dies_when_the_address_changes_and_both_are_told(
    client: Client, nina: Identity, ada: Identity, mails: Any
) -> None:
    [message] = mails(lambda: invite(nina, ada))

    told = mails(
        lambda: actions.edit_person(
            by=ada,
            identity=nina,
            first_name="Nina",
            last_name="Novak",
            email="other@example.com",
            at=timezone.now(),
        )
    )

    assert client.get(path_in(message)).status_code == 404
    assert [m.to for m in told] == [["nina@example.com"], ["other@example.com"]]
    assert all("e-mail address of your account audit01" in m.body for m in told)


def test_only_the_digest_is_kept_and_nobody_sees_the_link_again(
    client_of: ClientOf, nina: Identity, ada: Identity, mails: Any
) -> None:
    [message] = mails(lambda: invite(nina, ada))
    token = path_in(message).split("/")[2]

    stored = str(list(Invitation.objects.values())) + str(list(Event.objects.values()))
    pages = [
        client_of(ada).get(path).content.decode()
        for path in ("/identities/", f"/identities/{nina.pk}/", f"/identities/{nina.pk}/activity/")
    ]

    assert token not in stored
    assert all(token not in page for page in pages)
    assert f"{len(Invitation.objects.get().token_hash or b'')}" == "32"


def test_what_a_request_calls_our_host_reaches_no_mail(
    client_of: ClientOf, nina: Identity, ada: Identity, mails: Any, settings: Any
) -> None:
    browser = client_of(ada)
    settings.ALLOWED_HOSTS = ["*"]
    evil: dict[str, Any] = {
        "HTTP_HOST": "evil.example",
        "HTTP_X_FORWARDED_HOST": "evil.example",
        "HTTP_X_FORWARDED_PROTO": "https",
        "HTTP_FORWARDED": "host=evil.example",
    }

    [message] = mails(lambda: browser.post(f"/identities/{nina.pk}/invite/", **evil))

    assert "evil.example" not in message.message().as_string()
    assert path_in(message)


def test_an_unknown_host_is_refused(
    client_of: ClientOf, nina: Identity, ada: Identity, mails: Any
) -> None:
    browser = client_of(ada)
    path = f"/identities/{nina.pk}/invite/"
    answers: list[Any] = []

    sent = mails(lambda: answers.append(browser.post(path, HTTP_HOST="evil.example")))

    assert [answer.status_code for answer in answers] == [400]
    assert sent == []


@pytest.mark.parametrize(
    "email",
    [
        "nina@example.com\r\nBcc: eve@example.com",
        "nina@example.com\nBcc: eve@example.com",
        "nina@example.com%0aBcc: eve@example.com",
        "nina@example.com, eve@example.com",
        "nina@example.com;eve@example.com",
        "Nina <nina@example.com>",
        '"nina\r\n"@example.com',
        '"\x01"@example.com',
        "nina@exam\u202eple.com",
        "nına@example.com",
        "nina@example.com\0",
        "x" * 250 + "@example.com",
        "",
    ],
)
def test_nothing_but_one_address_is_taken(
    client_of: ClientOf, ada: Identity, mails: Any, email: str
) -> None:
    browser = client_of(ada)
    answers: list[Any] = []

    sent = mails(lambda: answers.append(browser.post("/identities/new/", NEW | {"email": email})))

    [answer] = answers
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert sent == []
    assert not Identity.objects.filter(user_name="audit01").exists()


@pytest.mark.parametrize("name", ["Nina\r\nBcc: eve@example.com", "Nina\nX: y", "Ni\0na"])
def test_a_name_cannot_end_a_header_either(client_of: ClientOf, ada: Identity, name: str) -> None:
    form = NEW | {"first_name": name}

    answer = client_of(ada).post("/identities/new/", form)

    assert answer.status_code == 200
    assert "first_name" in answer.context["form"].errors


def test_several_people_may_share_an_address(
    client_of: ClientOf, ada: Identity, mails: Any
) -> None:
    browser = client_of(ada)

    both = [
        mails(lambda name=name: browser.post("/identities/new/", NEW | {"user_name": name}))
        for name in ("audit01", "audit02")
    ]

    assert [[m.subject for m in sent] for sent in both] == [
        ["Set up your account: audit01"],
        ["Set up your account: audit02"],
    ]


def test_who_has_a_password_gets_a_link_for_a_day_and_keeps_it_meanwhile(
    client: Client, client_of: ClientOf, otto: Identity, ada: Identity, mails: Any
) -> None:
    browser, other = client_of(ada), client_of(otto)
    [message] = mails(lambda: browser.post(f"/identities/{otto.pk}/invite/"))

    assert message.subject == "Set a new password for otto"
    lifetime = Invitation.objects.get().expires_at - Invitation.objects.get().created_at
    assert lifetime == timedelta(days=1)
    assert other.get("/profile/").status_code == 200

    [told] = mails(lambda: client.post(path_in(message), BOTH))

    assert told.subject == "Your password was changed"
    assert told.to == ["otto@example.com"]
    assert other.get("/profile/").status_code == 302
    assert Event.objects.filter(action="identity.password_changed", actor_label="otto").exists()


def test_nobody_else_may_invite(
    client_of: ClientOf, nina: Identity, otto: Identity, vera: Identity, mails: Any
) -> None:
    for person in (otto, vera):
        browser = client_of(person)
        assert mails(lambda b=browser: b.post(f"/identities/{nina.pk}/invite/")) == []
        assert browser.post(f"/identities/{nina.pk}/invite/").status_code == 403


def test_a_link_in_a_page_cannot_invite(
    client_of: ClientOf, nina: Identity, ada: Identity, mails: Any
) -> None:
    browser = client_of(ada)

    assert mails(lambda: browser.get(f"/identities/{nina.pk}/invite/")) == []


@pytest.mark.django_db(transaction=True)
def test_of_two_invitations_at_once_one_link_lives(ada: Identity) -> None:
    person = actions.create_person(by=ada, levels=[], at=timezone.now(), **NEW)
    act = partial(invitations.invite, by=SYSTEM, identity=person, at=timezone.now())

    at_once([act, act, act])

    paths = [path_in(message) for message in mail.outbox]
    alive = [path for path in paths if Client().get(path).status_code == 200]
    assert len(alive) == 1


def test_what_is_left_empty_says_what_to_do(
    client_of: Callable[[Identity], Client], ada: Identity
) -> None:
    page = client_of(ada).post("/identities/new/", {"user_name": ""}).content.decode()
    assert "Type a user name." in page
    assert "Type an e-mail address, such as name@example.com." in page
    assert "This field is required" not in page
