"""The rows of the table of sentences that are about the programs that use service accounts."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from console.ui.phrases import Action

INTEGRATIONS: Final[dict[str, Action]] = {
    "integration.declared": Action(
        _("Integration declared"), _("%(actor)s declared integration %(target)s")
    ),
    "integration.edited": Action(
        _("Integration edited"), _("%(actor)s changed integration %(target)s")
    ),
    "integration.removed": Action(
        _("Integration removed"), _("%(actor)s removed integration %(target)s")
    ),
}
