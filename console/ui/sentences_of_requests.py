"""The rows of the table of sentences that are about requests and who decides."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from console.ui.phrases import Action
from console.ui.sentences_of_inbox import INBOX
from console.ui.sentences_of_takeovers import TAKEOVERS
from console.ui.sentences_of_vault import VAULT

REQUESTS: Final[dict[str, Action]] = {
    **TAKEOVERS,
    **VAULT,
    **INBOX,
    "request.asked": Action(_("Request made"), _("%(actor)s made request %(target)s")),
    "request.approved": Action(_("Request approved"), _("%(actor)s approved request %(target)s")),
    "request.rejected": Action(_("Request rejected"), _("%(actor)s rejected request %(target)s")),
    "request.withdrawn": Action(_("Request withdrawn"), _("%(actor)s withdrew request %(target)s")),
    "request.lapsed": Action(
        _("Request lapsed"), _("Nobody decided about request %(target)s in time")
    ),
    "request.outlived": Action(
        _("Request outlived"),
        _("Request %(target)s ended: it is not theirs to ask for any more"),
    ),
    "request.asked_again": Action(
        _("Approval asked again"),
        _("Request %(target)s is asked again: it comes to something else than was approved"),
    ),
    "request.passed_on": Action(
        _("Request passed on"),
        _("Request %(target)s went to the administrators: %(approver)s cannot decide any more"),
    ),
    "request.carried_out": Action(
        _("Request carried out"), _("Request %(target)s was carried out")
    ),
    "request.failed": Action(
        _("Request not carried out"), _("Request %(target)s could not be carried out")
    ),
    "request.tried_again": Action(
        _("Request tried again"), _("%(actor)s had request %(target)s tried again")
    ),
    "identity.manager_set": Action(
        _("Manager set"), _("%(actor)s chose another manager for %(target)s")
    ),
    "identity.gui_access_removed": Action(
        _("GUI access removed"), _("%(actor)s removed the GUI access of %(target)s")
    ),
    "identity.gui_access_restored": Action(
        _("GUI access given back"), _("%(actor)s gave %(target)s its GUI access back")
    ),
    "identity.delegated": Action(
        _("Delegate chosen"), _("%(actor)s chose who decides about requests in their place")
    ),
    "identity.delegation_ended": Action(
        _("Delegation ended"), _("%(actor)s decides about requests themselves again")
    ),
}
