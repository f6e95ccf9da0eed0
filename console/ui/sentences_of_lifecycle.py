"""The rows of the table of sentences that are about life-cycle states, and about applications whose
accounts are kept."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from console.ui.phrases import Action

LIFECYCLE: Final[dict[str, Action]] = {
    "lifecycle_integration.created": Action(
        _("Life-cycle integration added"), _("%(actor)s added life-cycle integration %(target)s")
    ),
    "lifecycle_integration.connection_set": Action(
        _("Connection changed"), _("%(actor)s set up the connection of %(target)s")
    ),
    "lifecycle_integration.rules_set": Action(
        _("Rules changed"), _("%(actor)s changed who has an account by %(target)s")
    ),
    "lifecycle_integration.validated": Action(
        _("Connection tested"), _("%(actor)s tested the connection of %(target)s, which works")
    ),
    "lifecycle_integration.validation_failed": Action(
        _("Connection does not work"),
        _("%(actor)s tested the connection of %(target)s, which does not work"),
    ),
    "lifecycle_integration.paused": Action(_("Paused"), _("%(actor)s paused %(target)s")),
    "lifecycle_integration.resumed": Action(_("Resumed"), _("%(actor)s resumed %(target)s")),
    "lifecycle_integration.deleted": Action(
        _("Life-cycle integration deleted"),
        _("%(actor)s deleted life-cycle integration %(target)s"),
    ),
    "lifecycle_integration.confirmed": Action(
        _("Plan confirmed"), _("%(actor)s confirmed the plan of %(target)s")
    ),
    "lifecycle_integration.discarded": Action(
        _("Plan discarded"), _("%(actor)s discarded the plan of %(target)s")
    ),
    "lifecycle_integration.held": Action(
        _("Synchronization held"), _("The synchronization of %(target)s waits for somebody")
    ),
    "lifecycle_integration.synchronized": Action(
        _("Application synchronized"), _("%(target)s was synchronized")
    ),
    "lifecycle_integration.failed": Action(
        _("Synchronization failed"), _("The synchronization of %(target)s failed")
    ),
    "lifecycle_integration.invited": Action(
        _("User invited"), _("%(name)s was invited by %(target)s")
    ),
    "lifecycle_integration.updated": Action(
        _("User updated"), _("The account of %(name)s was updated by %(target)s")
    ),
    "lifecycle_integration.deactivated": Action(
        _("User deactivated"), _("The account of %(name)s was deactivated by %(target)s")
    ),
    "lifecycle_integration.removed": Action(
        _("User removed"), _("The account of %(name)s was removed by %(target)s")
    ),
    "lifecycle_integration.account_failed": Action(
        _("User not kept"), _("The account of %(name)s could not be kept by %(target)s")
    ),
    "lifecycle_state.added": Action(
        _("Life-cycle state added"), _("%(actor)s added the life-cycle state %(target)s")
    ),
    "lifecycle_state.edited": Action(
        _("Life-cycle state edited"), _("%(actor)s changed the life-cycle state %(target)s")
    ),
    "lifecycle_state.enabled": Action(
        _("Life-cycle state enabled"), _("%(actor)s enabled the life-cycle state %(target)s")
    ),
    "lifecycle_state.disabled": Action(
        _("Life-cycle state disabled"), _("%(actor)s disabled the life-cycle state %(target)s")
    ),
    "lifecycle_state.removed": Action(
        _("Life-cycle state removed"), _("%(actor)s removed the life-cycle state %(target)s")
    ),
}
