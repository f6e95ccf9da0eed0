from __future__ import annotations

from email.message import EmailMessage
from typing import Any

from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.inbox import domain, mailboxes, numbers, receiving
from accounts.models import Mailbox, PhoneNumber, ReceivedMessage, StoredAccount

DOMAIN = "inbox.example.com"
NUMBER = "+12015550123"
CODE = "481516"


def letter(text: str = f"Your code is {CODE}.", **headers: str) -> bytes:
    """A mail as it is sent."""
    made = EmailMessage()
    said = {
        "From": "Slack <no-reply@slack.example>",
        "To": "whoever@example.com",
        "Subject": "Confirm your address",
        "Message-ID": "<one@slack.example>",
    }
    for name, value in (said | {k.replace("_", "-"): v for k, v in headers.items()}).items():
        made[name] = value
    made.set_content(text)
    return made.as_bytes()


def make_mailbox(item: StoredAccount) -> Mailbox:
    domain.set_mail_domain(by=SYSTEM, domain=DOMAIN, at=timezone.now())
    return mailboxes.open_mailbox(by=SYSTEM, item=item, at=timezone.now())


def make_number(item: StoredAccount | None = None, number: str = NUMBER) -> PhoneNumber:
    made = numbers.add_number(by=SYSTEM, number=number, at=timezone.now())
    if item is not None:
        made = numbers.take_number(by=SYSTEM, item=item, at=timezone.now())
    return made


def receive(mailbox: Mailbox, raw: bytes | None = None, **said: Any) -> bool:
    facts: dict[str, Any] = {"raw": raw or letter(), "at": timezone.now()} | said
    return receiving.receive_mail(to=mailbox.address, **facts)


def make_message(item: StoredAccount, raw: bytes | None = None) -> ReceivedMessage:
    mailbox = mailboxes.of(item) or make_mailbox(item)
    assert receive(mailbox, raw)
    return ReceivedMessage.objects.filter(item=item).latest("received_at")
