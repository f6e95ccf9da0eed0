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
from accounts.vault.all_access import actions as all_access
from console.ui import letters
from console.ui.letters import COMMON, absolute

NAMED: Final = 10
"""Accounts named in one mail."""
DUE: Final = "stored_passwords_due"

WHO: Final = (
    Placeholder("other", _("Who is in All-Access Mode"), "Ada Winter"),
    Placeholder("reason", _("Why, as they said it"), "The mailbox of somebody who left"),
)

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
    all_access.STARTED: Kind(
        label=_("All-Access Mode started"),
        occasion=_("Sent to the Owner of the tenant when somebody turns All-Access Mode on."),
        subject=_("{{ other }} can open every stored account"),
        body=_(
            "Hello {{ name }},\n\n"
            "{{ other }} turned All-Access Mode of {{ product }} ({{ environment }}) on. Until "
            "{{ until }} they can open every stored account.\n\n"
            "Their reason: {{ reason }}\n\n"
            "What they open is in the audit log. If this should not be, end their sessions."
        ),
        placeholders=(
            *COMMON,
            *WHO,
            Placeholder("until", _("When it ends"), "22 Nov 2026, 15:00 UTC"),
        ),
    ),
    all_access.USED: Kind(
        label=_("Used in All-Access Mode"),
        occasion=_(
            "Sent to the owners of an account in the vault when its password is shown, or another "
            "owner named, in All-Access Mode."
        ),
        subject=_("{{ other }} used {{ account }} in All-Access Mode"),
        body=_(
            "Hello {{ name }},\n\n"
            "{{ other }} is in All-Access Mode of {{ product }} ({{ environment }}) and "
            "{{ what }}: {{ account }}.\n\n"
            "Their reason: {{ reason }}\n\n"
            "Replace the password once they need it no more. If you do not know why, tell a tenant "
            "administrator."
        ),
        placeholders=(
            *COMMON,
            *WHO,
            Placeholder("account", _("The label of the account"), "Spring campaign"),
            Placeholder("what", _("What was done"), "looked at its password"),
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
