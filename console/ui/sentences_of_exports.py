"""The rows of the table of sentences that are about what leaves as a file: lists, and backups."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from console.ui.phrases import Action

EXPORTS: Final[dict[str, Action]] = {
    "backup.made": Action(_("Backup made"), _("%(actor)s made a backup")),
    "backup.restored": Action(
        _("Backup restored"), _("%(actor)s made this installation of a backup")
    ),
    "group.exported": Action(_("Groups exported"), _("%(actor)s exported the list of groups")),
    "role.exported": Action(_("Roles exported"), _("%(actor)s exported the list of roles")),
    "request.exported": Action(
        _("Requests exported"), _("%(actor)s exported the list of requests")
    ),
    "personal_access_token.exported": Action(
        _("Personal access tokens exported"),
        _("%(actor)s exported the list of personal access tokens"),
    ),
    "source.exported": Action(_("Sources exported"), _("%(actor)s exported the list of sources")),
    "job.exported": Action(_("Jobs exported"), _("%(actor)s exported the list of jobs")),
    "integration.exported": Action(
        _("Integrations exported"), _("%(actor)s exported the list of integrations")
    ),
    "service_account.exported": Action(
        _("Service accounts exported"), _("%(actor)s exported the list of service accounts")
    ),
    "identity.exported": Action(
        _("Identities exported"), _("%(actor)s exported the list of identities")
    ),
}
