"""The rows of the table of sentences that are about accounts that change hands."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from console.ui.phrases import Action

TAKEOVERS: Final[dict[str, Action]] = {
    "service_account.passed_on": Action(
        _("Service account passed on"),
        _("The owner of %(target)s, %(from)s, has left: it passed to %(to)s"),
    ),
    "service_account.owner_left": Action(
        _("Owner of a service account left"),
        _("The owner of %(target)s, %(owner)s, has left, and there is nobody to own it"),
    ),
    "service_account.owner_back": Action(
        _("Owner of a service account is back"),
        _("The owner of %(target)s, %(owner)s, can sign in again"),
    ),
    "service_account.taken_over": Action(
        _("Service account taken over"), _("%(actor)s took %(target)s over from %(from)s")
    ),
    "service_account.offered_on": Action(
        _("Service account offered to a new owner"), _("%(actor)s offered %(target)s to %(to)s")
    ),
    "service_account.takeover_declined": Action(
        _("Service account not taken over"),
        _("%(actor)s did not take %(target)s over from %(from)s"),
    ),
    "service_account.offer_withdrawn": Action(
        _("Offer of a service account withdrawn"),
        _("%(actor)s keeps %(target)s, which was offered to %(to)s"),
    ),
}
