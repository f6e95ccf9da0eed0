"""Mail that fails is tried again, and shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from django.test import Client

from accounts.audit.models import Event
from accounts.identities.invitations import MOST_TRIES
from accounts.identities.models import Invitation
from accounts.models import Identity
from console.mail import jobs
from tests.identities.people import invite

ClientOf = Callable[[Identity], Client]

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Broken:
    """A mail server that is down."""

    def __init__(self, **_options: Any) -> None:
        pass

    def send_messages(self, _messages: Any) -> int:
        raise ConnectionRefusedError(111, "Connection refused")


def test_a_mail_that_fails_is_tried_again_and_shown(
    client_of: ClientOf, nina: Identity, ada: Identity, mails: Any, settings: Any
) -> None:
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    with time_machine.travel(START, tick=False):
        assert mails(lambda: invite(nina, ada)) == []
        page = client_of(ada).get(f"/identities/{nina.pk}/").content.decode()
        assert "The mail was not sent yet" in page
        assert "Connection refused" in page
    settings.EMAIL_BACKEND = working
    with time_machine.travel(START + timedelta(minutes=1), tick=False):
        assert mails(jobs.send_due) == []
    with time_machine.travel(START + timedelta(minutes=3), tick=False):
        [message] = mails(jobs.send_due)
        assert message.to == ["nina@example.com"]
        assert mails(jobs.send_due) == []
        page = client_of(ada).get(f"/identities/{nina.pk}/").content.decode()
        assert "A link to set a password is out" in page
    assert Event.objects.filter(action="identity.invitation_sent").count() == 1


def test_a_mail_that_always_fails_is_given_up_and_shown(
    client_of: ClientOf, nina: Identity, ada: Identity, mails: Any, settings: Any
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    now = START
    with time_machine.travel(now, tick=False):
        mails(lambda: invite(nina, ada))
    for attempt in range(1, MOST_TRIES + 3):
        now += timedelta(minutes=2**attempt)
        with time_machine.travel(now, tick=False):
            jobs.send_due()
    assert Invitation.objects.get().tries == MOST_TRIES
    with time_machine.travel(now, tick=False):
        page = client_of(ada).get(f"/identities/{nina.pk}/").content.decode()
    assert "The mail could not be sent" in page
    events = Event.objects.filter(action="identity.invitation_not_sent").order_by("id")
    assert [event.detail["given_up"] for event in events] == [False, True]


def test_a_mail_that_never_reached_the_worker_is_sent_by_the_upkeep(
    nina: Identity, ada: Identity, mails: Any
) -> None:
    invite(nina, ada)  # its commit never happens here, so nothing is put into the queue

    [message] = mails(jobs.send_due)

    assert message.to == ["nina@example.com"]


def test_the_token_is_in_no_task(nina: Identity, ada: Identity, mails: Any) -> None:
    invitation = invite(nina, ada)

    assert invitation.token_hash is None  # it is made when the mail is
