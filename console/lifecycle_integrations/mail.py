"""Mail about life-cycle integrations, to the owner of each."""

from __future__ import annotations

from typing import Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.lifecycle_integrations import telling
from accounts.mail_templates.kinds import Kind, Placeholder
from accounts.models import LifecycleLetter
from console.ui import letters
from console.ui.letters import COMMON, absolute

HELD: Final = "lifecycle_held"
FAILED: Final = "lifecycle_failed"

_PLACEHOLDERS: Final = (
    *COMMON,
    Placeholder("integration", _("The name of the integration"), "Marketing in Acme Ads"),
    Placeholder("reason", _("Why"), "4 of 10 accounts would be deactivated or removed."),
    Placeholder(
        "link",
        _("The address of its page"),
        "https://steward.example.com/tenant-settings/lifecycle-integrations/runs/1/",
        is_required=True,
    ),
)

KINDS: Final[dict[str, Kind]] = {
    HELD: Kind(
        label=_("A synchronization is held"),
        occasion=_("Sent to the owner of a life-cycle integration whose plan waits for somebody."),
        subject=_("{{ integration }} is held"),
        body=_(
            "Hello {{ name }},\n\n"
            "Nothing is changed in the application until somebody has looked at the plan:\n\n"
            "{{ reason }}\n\n{{ link }}"
        ),
        placeholders=_PLACEHOLDERS,
    ),
    FAILED: Kind(
        label=_("A synchronization failed"),
        occasion=_(
            "Sent to the owner of a life-cycle integration when it fails, and not again before "
            "it has worked."
        ),
        subject=_("{{ integration }} failed"),
        body=_(
            "Hello {{ name }},\n\n"
            "The application could not be synchronized as it should be:\n\n"
            "{{ reason }}\n\n{{ link }}"
        ),
        placeholders=_PLACEHOLDERS,
    ),
}


def send_due() -> None:
    """Mail what is due; upkeep."""
    letters.send_due(LifecycleLetter, take=lambda pk, at: telling.take(pk, at=at), worded=_worded)


def _worded(letter: LifecycleLetter) -> tuple[str, dict[str, str]]:
    run = letter.run
    return HELD if letter.occasion == telling.HELD else FAILED, {
        "integration": run.integration.name,
        "reason": run.reason,
        "link": absolute(reverse("lifecycle_integrations:run", args=[run.pk])),
    }
