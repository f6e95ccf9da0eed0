"""Copies of messages, mailed to people who may see them here."""

from __future__ import annotations

import logging
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.inbox import forwarding, queries
from accounts.inbox.reading import OWN_MARK
from accounts.letters import queue
from accounts.mail_templates.kinds import Kind, Placeholder
from accounts.models import MessageLetter
from accounts.sealing import SealBroken
from console.ui import letters
from console.ui.letters import COMMON, MAILS_A_RUN, absolute, values_of

COPY: Final = "message_copy"
HEADERS: Final = {OWN_MARK: "yes", "Auto-Submitted": "auto-generated"}
"""So that nothing answers a copy, and none is made of it."""

KINDS: Final[dict[str, Kind]] = {
    COPY: Kind(
        label=gettext_lazy("Copy of a message"),
        occasion=gettext_lazy(
            "Sent to whom the owners of a stored account have what arrives in its inbox forwarded. "
            "What the message says stands below the text."
        ),
        subject=gettext_lazy("{{ account }}: {{ subject }}"),
        body=gettext_lazy(
            "Hello {{ name }},\n\n"
            "this arrived for {{ account }}. It says that it is from {{ sender }}; that was not "
            "checked.\n\n{{ link }}"
        ),
        placeholders=(
            *COMMON,
            Placeholder("account", gettext_lazy("The label of the account"), "Spring campaign"),
            Placeholder("sender", gettext_lazy("Who says to have sent it"), "Slack"),
            Placeholder("subject", gettext_lazy("Its subject"), "Confirm your address"),
            Placeholder(
                "link",
                gettext_lazy("The address of the message"),
                "https://steward.example.com/inbox/",
                is_required=True,
            ),
        ),
    ),
}

logger = logging.getLogger(__name__)


def send_due() -> None:
    """Mail the copies that are due; upkeep. What fails is due again later."""
    for letter_id in queue.due(MessageLetter, at=timezone.now(), most=MAILS_A_RUN):
        letter = forwarding.take(letter_id, at=timezone.now())
        if letter is None:
            continue
        values, below = _worded(letter)
        everything = values_of(letter.recipient) | values
        try:
            letters.send(COPY, everything, letter.recipient.email, below=below, headers=HEADERS)
        except OSError as error:
            logger.exception("A copy of a message was not sent", extra={"letter": letter_id})
            queue.note_not_sent(letter, reason=str(error), at=timezone.now())
        else:
            queue.note_sent(letter, at=timezone.now())


def _worded(letter: MessageLetter) -> tuple[dict[str, str], str]:
    message = letter.message
    link = absolute(reverse("inbox:message", args=[message.pk]))
    values = {"account": message.item.label, "link": link}
    try:
        said = queries.opened(message)
    except SealBroken:
        told = _("This message cannot be opened: the key that sealed it is missing.")
        return values | {"sender": _("somebody"), "subject": _("New message")}, told
    sender = said["sender"] or _("somebody")
    return values | {"sender": sender, "subject": said["subject"] or _("New message")}, said["text"]
