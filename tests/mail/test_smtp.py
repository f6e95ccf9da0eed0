"""Mail goes out over real SMTP: one message, one recipient, and a server that is down is no end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from accounts.identities import actions, invitations
from accounts.identities.models import Invitation
from accounts.models import Identity
from console.mail import jobs
from tests.mail.post_office import PostOffice, open_post_office
from tests.setup.running import free_port


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    with open_post_office() as opened:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = opened.port
        yield opened


@pytest.fixture
def invited(ada: Identity) -> Invitation:
    person = actions.create_person(
        by=ada,
        user_name="audit01",
        first_name="Žofie",
        last_name="Nováková",
        email="nina@example.com",
        levels=[],
        at=timezone.now(),
    )
    return invitations.invite(by=ada, identity=person, at=timezone.now())


def test_an_invitation_arrives_once_at_one_address(office: PostOffice, invited: Invitation) -> None:
    jobs.send_due()
    jobs.send_due()

    [(recipients, message)] = office.received
    assert recipients == ["nina@example.com"]
    assert message.get_all("To") == ["nina@example.com"]
    assert message.get_all("Cc", []) == message.get_all("Bcc", []) == []
    assert message["Subject"] == "Set up your account: audit01"
    text = message.get_content()
    assert "Hello Žofie Nováková," in text
    assert "http://127.0.0.1:8000/register/" in text


def test_a_server_that_is_down_is_noted(invited: Invitation, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()

    jobs.send_due()

    invited.refresh_from_db()
    assert "refused" in invited.failure
    assert invited.sent_at is None
    assert invited.next_try_at is not None
