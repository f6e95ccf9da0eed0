"""The rows of the table of sentences that are about the tenant's own APIs and their scopes."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from console.ui.phrases import Action

APIS: Final[dict[str, Action]] = {
    "own_api.created": Action(_("API added"), _("%(actor)s added API %(target)s")),
    "own_api.edited": Action(_("API edited"), _("%(actor)s changed API %(target)s")),
    "own_api.deleted": Action(_("API removed"), _("%(actor)s removed API %(target)s")),
    "own_api.scope_created": Action(
        _("Scope added to an API"), _("%(actor)s added scope %(scope)s to API %(target)s")
    ),
    "own_api.scope_edited": Action(
        _("Scope of an API edited"), _("%(actor)s changed scope %(scope)s of API %(target)s")
    ),
    "own_api.scope_deleted": Action(
        _("Scope of an API removed"), _("%(actor)s removed scope %(scope)s from API %(target)s")
    ),
}
