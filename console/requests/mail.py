"""Mail about requests: what waits, and what became of it. A link in it opens the page, and
decides nothing."""

from __future__ import annotations

from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.audit.plain import safe_line
from accounts.lib.errors import DomainError
from accounts.mail_templates.kinds import Kind, Placeholder
from accounts.models import AccessRequest, Delegation, Identity, RequestLetter
from accounts.requests import policies, queries, telling
from accounts.requests.kinds.base import kinds
from accounts.requests.models import Message
from accounts.requests.queries import seen
from accounts.requests.states import State
from console.ui import letters
from console.ui.letters import COMMON, absolute
from console.ui.times import exact

LONGEST_LINE: Final = 1_000
WAITING: Final = "request_waiting"
REMINDER: Final = "request_reminder"
ENDED: Final = "request_ended"
DELEGATED: Final = "request_delegated"
NAMES: Final = {
    Message.WAITING: WAITING,
    Message.REMINDER: REMINDER,
    Message.ENDED: ENDED,
    Message.DELEGATED: DELEGATED,
}

ABOUT: Final = (
    Placeholder("number", _("The number of the request"), "REQ0000042"),
    Placeholder("kind", _("What is asked for"), "Membership of a group"),
    Placeholder("requester", _("Who asks"), "Otto Owner"),
    Placeholder("whom", _("Who is asked: you, or you in place of somebody"), "you"),
    Placeholder("reason", _("Why they ask"), "For the nightly export"),
    Placeholder(
        "again",
        _("That it is asked again, where somebody had approved what it was before"),
        "What it comes to has changed since it was approved.",
    ),
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
        subject=_("{{ requester }} asks {{ whom }}: {{ kind }} ({{ number }})"),
        body=_(
            "Hello {{ name }},\n\n"
            "{{ requester }} asks {{ whom }} for: {{ kind }}.\n\n"
            "{{ again }}\n\n"
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
            "{{ requester }} asked {{ whom }}, and still waits for a decision: {{ kind }}.\n\n"
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
    DELEGATED: Kind(
        label=_("You decide in somebody's place"),
        occasion=_("Sent to whoever is chosen to decide about requests while somebody is away."),
        subject=_("You decide in place of {{ person }} until {{ until }}"),
        body=_(
            "Hello {{ name }},\n\n"
            "{{ person }} chose you to decide about requests in their place, from {{ since }} "
            "until {{ until }}. {{ waiting }}\n\n"
            "In that time you find them here, and a mail tells you of each new one:\n\n"
            "{{ link }}\n\n"
            "You never decide about a request of your own or of {{ person }}."
        ),
        placeholders=(
            *COMMON,
            Placeholder("person", _("Who is away"), "Mia Manager"),
            Placeholder("since", _("From when on"), "1 Dec 2026, 00:00 UTC"),
            Placeholder("until", _("Until when"), "14 Dec 2026, 23:59 UTC"),
            Placeholder("waiting", _("How much waits already"), "2 requests wait now."),
            Placeholder(
                "link",
                _("The address of the page of what waits"),
                "https://steward.example.com/requests/to-approve/",
                is_required=True,
            ),
        ),
    ),
}


def send_due() -> None:
    """Mail what is due; upkeep."""
    letters.send_due(RequestLetter, take=lambda pk, at: telling.take(pk, at=at), worded=_worded)


def _worded(letter: RequestLetter) -> tuple[str, dict[str, str]]:
    name = NAMES[Message(letter.message)]
    if letter.delegation is not None:
        return name, _delegated(letter.delegation)
    assert letter.request is not None  # as the constraint says
    return name, _about(letter.request, letter.recipient)


def _about(asked: AccessRequest, recipient: Identity) -> dict[str, str]:
    return {
        "number": asked.number,
        "kind": str(asked.label),
        "requester": asked.requester.display_name,
        "whom": _whom(asked, recipient),
        "again": _again(asked),
        "reason": _line(asked.reason),
        "what": _what(asked),
        "outcome": asked.get_state_display(),
        "comment": _comments(asked),
        "next": kinds.get(asked.kind).next_step(asked) if asked.state == State.DONE else "",
        "link": absolute(reverse("requests:detail", args=[asked.pk])),
    }


def _whom(asked: AccessRequest, recipient: Identity) -> str:
    """Who is asked: the reader, perhaps only because somebody else is away."""
    now = timezone.now()
    names = queries.in_place_of(recipient, asked, now)
    parts = policies.approvals_for(recipient, asked, now)
    is_asked = any(part.approver_id in (recipient.pk, None) for part in parts)
    if not names:
        return _now("you")
    if is_asked:
        said = _now("you, also in place of %(names)s")
        return said % {"names": ", ".join(names)}
    return _now("you in place of %(names)s") % {"names": ", ".join(names)}


def _again(asked: AccessRequest) -> str:
    if asked.state != State.WAITING or not any(
        part.is_asked_again for part in asked.approvals.all()
    ):
        return ""
    return _now(
        "It was approved before, and what it comes to has changed since: so it is asked again."
    )


def _delegated(delegation: Delegation) -> dict[str, str]:
    count = queries.waiting_of(delegation).count()
    waiting = ngettext("%(n)d request waits now.", "%(n)d requests wait now.", count)
    return {
        "person": delegation.person.display_name,
        "since": exact(delegation.since),
        "until": exact(delegation.until),
        "waiting": waiting % {"n": count} if count else _now("No request waits now."),
        "link": absolute(reverse("requests:to_approve")),
    }


def _what(asked: AccessRequest) -> str:
    """What it comes to, in one line; nothing where it cannot be granted any more."""
    try:
        lines, _digest = seen(asked)
    except DomainError:
        return ""
    told = [f"{line.label}: {exact(line.at) if line.at else line.value}" for line in lines]
    return _line("; ".join(told))


def _comments(asked: AccessRequest) -> str:
    """What approvers wrote, and why it failed."""
    said = asked.approvals.exclude(comment="").order_by("decided_at")
    told = [*said.values_list("comment", flat=True), asked.failure]
    return _line(" ".join(filter(None, told)))


def _line(typed: str) -> str:
    """What people typed, as one line that imitates none of the mail's own."""
    return safe_line(" ".join(typed.split()), LONGEST_LINE)
