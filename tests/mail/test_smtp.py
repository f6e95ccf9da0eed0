"""Mail goes out over real SMTP: one message, one recipient, and a server that is down is no end."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone

from accounts.identities import actions, invitations
from accounts.identities.models import Invitation
from accounts.models import Identity
from console.mail import jobs
from tests.setup.running import free_port


class Sink:
    """Keeps what arrives."""

    def __init__(self) -> None:
        self.received: list[tuple[list[str], EmailMessage]] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.received.append((list(envelope.rcpt_tos), message))
        return "250 OK"


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    kept = Sink()
    controller = Controller(kept, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = controller.port
    yield kept
    controller.stop()


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


def test_an_invitation_arrives_once_at_one_address(sink: Sink, invited: Invitation) -> None:
    jobs.send_due()
    jobs.send_due()

    [(recipients, message)] = sink.received
    assert recipients == ["nina@example.com"]
    assert message.get_all("To") == ["nina@example.com"]
    assert message.get_all("Cc", []) == message.get_all("Bcc", []) == []
    assert message["Subject"] == "Set up your account audit01"
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
