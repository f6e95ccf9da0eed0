"""Mail about accounts that change hands. A link in it opens the page, and decides nothing."""

from __future__ import annotations

from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.mail_templates.kinds import Kind, Placeholder
from accounts.models import TakeoverLetter
from accounts.takeovers import queries, telling
from accounts.takeovers.models import Message
from console.ui import letters
from console.ui.letters import COMMON, absolute

NAMED: Final = 10
"""Accounts named in one mail."""
WAITING: Final = "takeover_waiting"
ANSWERED: Final = "takeover_answered"

KINDS: Final[dict[str, Kind]] = {
    WAITING: Kind(
        label=_("Service accounts wait for a new owner"),
        occasion=_(
            "Sent to whoever is to own a service account, because its owner left or hands it over."
        ),
        subject=_("{{ count }} for you to take over"),
        body=_(
            "Hello {{ name }},\n\n"
            "{{ count }} for you to take over, because the owner before has left or hands over:\n\n"
            "{{ accounts }}\n\n"
            "They go on working. Look at each, and say that you answer for it, or name somebody "
            "who does:\n\n{{ link }}"
        ),
        placeholders=(
            *COMMON,
            Placeholder("count", _("How many accounts"), "2 service accounts wait"),
            Placeholder("accounts", _("Their names, a line each"), "- audit01 (from Otto Owner)"),
            Placeholder(
                "link",
                _("The address of the page of what waits"),
                "https://steward.example.com/takeovers/",
                is_required=True,
            ),
        ),
    ),
    ANSWERED: Kind(
        label=_("What became of a service account that was handed over"),
        occasion=_("Sent to whoever offered an account to somebody else, once that one answered."),
        subject=_("{{ account }}: {{ outcome }}"),
        body=_(
            "Hello {{ name }},\n\n"
            "you offered the service account {{ account }} to {{ taker }}. What became of it: "
            "{{ outcome }}.\n\n{{ link }}"
        ),
        placeholders=(
            *COMMON,
            Placeholder("account", _("The name of the account"), "audit01"),
            Placeholder("taker", _("Who answered"), "Nina Novak"),
            Placeholder("outcome", _("What became of it"), "Taken over"),
            Placeholder(
                "link",
                _("The address of the page about it"),
                "https://steward.example.com/takeovers/…",
                is_required=True,
            ),
        ),
    ),
}


def send_due() -> None:
    """Mail what is due; upkeep."""
    letters.send_due(TakeoverLetter, take=lambda pk, at: telling.take(pk, at=at), worded=_worded)


def _worded(letter: TakeoverLetter) -> tuple[str, dict[str, str]]:
    if letter.message == Message.ANSWERED:
        return ANSWERED, _answer(letter)
    return WAITING, _waiting(letter)


def _waiting(letter: TakeoverLetter) -> dict[str, str]:
    waiting = queries.waiting_for(letter.recipient)
    count = waiting.count()
    said = ngettext("%(n)d service account waits", "%(n)d service accounts wait", count)
    lines = [
        _now("- %(account)s (from %(giver)s)")
        % {"account": each.account.name, "giver": each.giver.display_name}
        for each in waiting.order_by("account__name", "pk")[:NAMED]
    ]
    if count > NAMED:
        more = ngettext("- and %(n)d more", "- and %(n)d more", count - NAMED)
        lines.append(more % {"n": count - NAMED})
    return {
        "count": said % {"n": count},
        "accounts": "\n".join(lines),
        "link": absolute(reverse("takeovers:list")),
    }


def _answer(letter: TakeoverLetter) -> dict[str, str]:
    takeover = letter.takeover
    assert takeover is not None  # an answer is to something
    return {
        "account": takeover.account.name,
        "taker": takeover.taker.display_name,
        "outcome": takeover.get_state_display(),
        "link": absolute(reverse("takeovers:detail", args=[takeover.pk])),
    }
