"""Mail by a template: plain text, one recipient each, and links from the settings alone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.letters import queue
from accounts.letters.queue import Some
from accounts.mail_templates import queries, texts
from accounts.mail_templates.kinds import Placeholder
from accounts.mail_templates.texts import Text
from accounts.models import Identity

PRODUCT: Final = "Steward"
MAILS_A_RUN: Final = 60
"""Of the upkeep, which has other things to do each minute; each may wait for a dead server."""

COMMON: Final = (
    Placeholder("name", _("Whom the mail is for, such as Nina Novak"), "Nina Novak"),
    Placeholder("user_name", _("The name to sign in with"), "audit01"),
    Placeholder("product", _("The name of this product"), "Steward"),
    Placeholder("environment", _("The name of this environment"), "production"),
)
"""What every mail to an identity may say: the values are those of `values_of`."""

logger = logging.getLogger(__name__)


def absolute(path: str) -> str:
    """From the settings: what a request calls our host must never reach a mail."""
    return f"{settings.STEWARD_PUBLIC_URL}{path}"


def values_of(identity: Identity) -> dict[str, str]:
    """What every mail to an identity may say."""
    return {
        "name": identity.display_name,
        "user_name": identity.user_name,
        "product": PRODUCT,
        "environment": settings.STEWARD_ENVIRONMENT,
    }


def send(
    name: str,
    values: Mapping[str, str],
    to: str,
    connection: BaseEmailBackend | None = None,
    *,
    below: str = "",
    headers: Mapping[str, str] | None = None,
) -> None:
    """Send the mail of that name, as it is worded now, and `below` it a text as it is.

    Raises:
        OSError: the mail server does not take it.
    """
    text = texts.render(queries.get(name).text, values)
    if below:
        text = Text(text.subject, f"{text.body}\n---\n\n{below}\n")
    send_text(text, to, connection, headers=headers)


def send_text(
    text: Text,
    to: str,
    connection: BaseEmailBackend | None = None,
    *,
    headers: Mapping[str, str] | None = None,
) -> None:
    """
    Raises:
        OSError: the mail server does not take it.
    """
    EmailMessage(
        subject=text.subject,
        body=text.body,
        to=[to],
        connection=connection,
        headers=dict(headers or {}),
    ).send()


def send_due(
    letters: type[Some],
    *,
    take: Callable[[int, datetime], Some | None],
    worded: Callable[[Some], tuple[str, Mapping[str, str]]],
) -> None:
    """Mail what is due of one kind of letters; upkeep. What fails is due again later.

    `worded` names the mail, and says what it tells beside what every mail may say.
    """
    for letter_id in queue.due(letters, at=timezone.now(), most=MAILS_A_RUN):
        letter = take(letter_id, timezone.now())
        if letter is None:
            continue
        name, values = worded(letter)
        try:
            send(name, values_of(letter.recipient) | dict(values), letter.recipient.email)
        except OSError as error:
            data = {"letter": letter_id, "mail": name}
            logger.exception("A mail was not sent", extra=data)
            queue.note_not_sent(letter, reason=str(error), at=timezone.now())
        else:
            queue.note_sent(letter, at=timezone.now())
