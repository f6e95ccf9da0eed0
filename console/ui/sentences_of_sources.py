"""The rows of the table of sentences that are about sources, their accounts and imports."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from console.ui import counted
from console.ui.phrases import Action

SOURCES: Final[dict[str, Action]] = {
    "source.created": Action(_("Source created"), _("%(actor)s created source %(target)s")),
    "source.edited": Action(
        _("Source edited"), _("%(actor)s changed the configuration of source %(target)s")
    ),
    "source.tried_out": Action(
        _("Source tried out"), _("%(actor)s tested the connection to %(host)s")
    ),
    "source.schema_changed": Action(_("Account schema changed"), counted.schema_changed),
    "source.accounts_removed": Action(_("All accounts removed"), counted.all_removed),
    "source.accounts_exported": Action(_("Accounts exported"), counted.accounts_exported),
    "source.deleted": Action(_("Source deleted"), _("%(actor)s deleted source %(target)s")),
    "source_account.added": Action(
        _("Account added by hand"), _("%(actor)s added account %(target)s by hand")
    ),
    "source_account.edited": Action(
        _("Account edited by hand"), _("%(actor)s changed account %(target)s by hand")
    ),
    "source_account.removed": Action(
        _("Account removed by hand"), _("%(actor)s removed account %(target)s by hand")
    ),
    "source_account.brought_back": Action(
        _("Account brought back"), _("%(actor)s brought account %(target)s back")
    ),
    "import.uploaded": Action(_("File uploaded"), _("%(actor)s uploaded %(target)s to import it")),
    "import.refreshed": Action(
        _("Source read"), _("%(actor)s had the accounts of %(target)s read")
    ),
    "import.planned": Action(_("Import planned"), counted.import_planned),
    "import.held": Action(_("Import held"), counted.held),
    "import.overridden": Action(_("Delete threshold overridden"), counted.overridden),
    "import.kept_missing": Action(_("Missing accounts kept"), counted.kept_missing),
    "import.applied": Action(_("Accounts imported"), counted.import_applied),
    "import.unchanged": Action(
        _("Import without changes"), _("The import %(target)s changed nothing")
    ),
    "import.failed": Action(_("Import failed"), _("The import %(target)s failed")),
    "import.cancelled": Action(_("Import cancelled"), _("The import %(target)s was cancelled")),
    "import.accounts_exported": Action(
        _("Accounts of an import exported"),
        _("%(actor)s downloaded the accounts that the import %(target)s touches"),
    ),
    "import.rejected_exported": Action(
        _("Rejected rows exported"),
        _("%(actor)s downloaded the rejected rows of the import %(target)s"),
    ),
}
