"""Mail about stored passwords. It names accounts, and holds no password."""

from __future__ import annotations

from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.mail_templates.kinds import Kind, Placeholder
from accounts.models import VaultLetter
from accounts.vault import reminding
from console.ui import letters
from console.ui.letters import COMMON, absolute

NAMED: Final = 10
"""Accounts named in one mail."""
DUE: Final = "stored_passwords_due"

KINDS: Final[dict[str, Kind]] = {
    DUE: Kind(
        label=_("Stored passwords are due"),
        occasion=_(
            "Sent to the owners of accounts in the vault whose password is to be replaced, and "
            "again after a week."
        ),
        subject=_("{{ count }} to be replaced"),
        body=_(
            "Hello {{ name }},\n\n"
            "{{ count }} to be replaced:\n\n"
            "{{ accounts }}\n\n"
            "Change each in its application, then store the new one:\n\n{{ link }}"
        ),
        placeholders=(
            *COMMON,
            Placeholder("count", _("How many passwords"), "2 stored passwords are"),
            Placeholder("accounts", _("Their accounts, a line each"), "- Spring campaign"),
            Placeholder(
                "link",
                _("The address of the list of them"),
                "https://steward.example.com/vault/",
                is_required=True,
            ),
        ),
    ),
}


def send_due() -> None:
    """Mail what is due; upkeep."""
    letters.send_due(VaultLetter, take=lambda pk, at: reminding.take(pk, at=at), worded=_worded)


def _worded(letter: VaultLetter) -> tuple[str, dict[str, str]]:
    due = reminding.due_for(letter.recipient, timezone.now())
    count = due.count()
    said = ngettext("%(n)d stored password is", "%(n)d stored passwords are", count)
    names = due.order_by("rotation_due_at", "pk").values_list("label", flat=True)[:NAMED]
    lines = [f"- {label}" for label in names]
    if count > NAMED:
        more = ngettext("- and %(n)d more", "- and %(n)d more", count - NAMED)
        lines.append(more % {"n": count - NAMED})
    return DUE, {
        "count": said % {"n": count},
        "accounts": "\n".join(lines),
        "link": absolute(reverse("vault:list")) + "?show=due",
    }
