"""Mail about requests: what waits, and what became of it. A link in it opens the page, and
decides nothing."""

from __future__ import annotations

import logging
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.audit.plain import one_line
from accounts.lib.errors import DomainError
from accounts.mail_templates.kinds import Kind, Placeholder
from accounts.models import AccessRequest, RequestLetter
from accounts.requests import telling
from accounts.requests.kinds.base import kinds
from accounts.requests.models import Message
from accounts.requests.queries import seen
from accounts.requests.states import State
from console.ui.letters import COMMON, absolute, send, values_of
from console.ui.times import exact

LONGEST_LINE: Final = 1_000
MAILS_A_RUN: Final = 60
"""Of the upkeep, which has other things to do each minute; each may wait for a dead server."""
WAITING: Final = "request_waiting"
REMINDER: Final = "request_reminder"
ENDED: Final = "request_ended"
NAMES: Final = {Message.WAITING: WAITING, Message.REMINDER: REMINDER, Message.ENDED: ENDED}

ABOUT: Final = (
    Placeholder("number", _("The number of the request"), "REQ0000042"),
    Placeholder("kind", _("What is asked for"), "Membership of a group"),
    Placeholder("requester", _("Who asks"), "Otto Owner"),
    Placeholder("reason", _("Why they ask"), "For the nightly export"),
    Placeholder("what", _("What it comes to"), "Member: audit01; Group: Operators"),
    Placeholder(
        "link",
        _("The address of the request's page"),
        "https://steward.example.com/requests/…",
        is_required=True,
    ),
)

KINDS: Final[dict[str, Kind]] = {
    WAITING: Kind(
        label=_("Request waits for approval"),
        occasion=_("Sent to whoever decides about a request, once it is made."),
        subject=_("{{ requester }} asks you: {{ kind }} ({{ number }})"),
        body=_(
            "Hello {{ name }},\n\n"
            "{{ requester }} asks for: {{ kind }}.\n\n"
            "    {{ what }}\n    Reason: {{ reason }}\n\n"
            "Read what it comes to, and approve or reject it here:\n\n{{ link }}\n\n"
            "Nothing changes until you have decided."
        ),
        placeholders=(*COMMON, *ABOUT),
    ),
    REMINDER: Kind(
        label=_("Request still waits for approval"),
        occasion=_("Sent again every three days to whoever has not decided yet."),
        subject=_("Still waits for you: {{ kind }} for {{ requester }} ({{ number }})"),
        body=_(
            "Hello {{ name }},\n\n"
            "{{ requester }} still waits for your decision: {{ kind }}.\n\n"
            "    {{ what }}\n    Reason: {{ reason }}\n\n"
            "Approve or reject it here:\n\n{{ link }}\n\n"
            "What nobody decides in time lapses; nothing is granted by waiting."
        ),
        placeholders=(*COMMON, *ABOUT),
    ),
    ENDED: Kind(
        label=_("What became of a request"),
        occasion=_("Sent to whoever asked, once a request is carried out, rejected or lapsed."),
        subject=_("{{ number }}: {{ outcome }}"),
        body=_(
            "Hello {{ name }},\n\n"
            "your request {{ number }} ({{ kind }}): {{ outcome }}.\n\n"
            "{{ comment }}\n\n"
            "{{ next }}\n\n"
            "More stands here:\n\n{{ link }}"
        ),
        placeholders=(
            *COMMON,
            *ABOUT,
            Placeholder("outcome", _("What became of it"), "Carried out"),
            Placeholder("comment", _("What was said about it"), "Not needed for this."),
            Placeholder("next", _("What is left to do, where anything is"), "Come for it."),
        ),
    ),
}

logger = logging.getLogger(__name__)


def send_due() -> None:
    """Mail what is due; upkeep. What fails is due again later."""
    due = RequestLetter.objects.due_at(timezone.now()).order_by("next_try_at", "pk")
    for letter_id in due.values_list("pk", flat=True)[:MAILS_A_RUN]:
        _send(letter_id)


def _send(letter_id: int) -> None:
    letter = telling.take(letter_id, at=timezone.now())
    if letter is None:
        return
    asked = letter.request
    values = values_of(letter.recipient) | {
        "number": asked.number,
        "kind": str(asked.label),
        "requester": asked.requester.display_name,
        "reason": asked.reason,
        "what": _what(asked),
        "outcome": asked.get_state_display(),
        "comment": _comments(asked),
        "next": kinds.get(asked.kind).next_step(asked) if asked.state == State.DONE else "",
        "link": absolute(reverse("requests:detail", args=[asked.pk])),
    }
    try:
        send(NAMES[Message(letter.message)], values, letter.recipient.email)
    except OSError as error:
        logger.exception("A mail about a request was not sent", extra={"letter": letter_id})
        telling.note_not_sent(letter, reason=str(error), at=timezone.now())
    else:
        telling.note_sent(letter, at=timezone.now())


def _what(asked: AccessRequest) -> str:
    """What it comes to, in one line; nothing where it cannot be granted any more."""
    try:
        lines, _digest = seen(asked)
    except DomainError:
        return ""
    told = [f"{line.label}: {exact(line.at) if line.at else line.value}" for line in lines]
    return one_line("; ".join(told), LONGEST_LINE)


def _comments(asked: AccessRequest) -> str:
    """What approvers wrote, and why it failed."""
    said = asked.approvals.exclude(comment="").order_by("decided_at")
    told = [*said.values_list("comment", flat=True), asked.failure]
    return one_line(" ".join(filter(None, told)), LONGEST_LINE)
