"""What each event of the audit log says in words: one table, of which every action has a row."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Event
from console.ui import counted, phrases
from console.ui.phrases import Action, Text
from console.ui.sentences_of_apis import APIS
from console.ui.sentences_of_exports import EXPORTS
from console.ui.sentences_of_integrations import INTEGRATIONS
from console.ui.sentences_of_membership import MEMBERSHIP
from console.ui.sentences_of_proof import PROOF
from console.ui.sentences_of_requests import REQUESTS
from console.ui.sentences_of_sealing import SEALING
from console.ui.sentences_of_sources import SOURCES


def sentence(event: Event) -> str:
    """What happened, in one sentence; readable also for an action that has no row."""
    said = deed(event)
    return said if event.credential_id is None else phrases.with_means(said, event)


def deed(event: Event) -> str:
    """The same without what a program used, for where that is said already."""
    action = ACTIONS.get(event.action)
    if action is None:
        said = {"action": label_of(event.action)} | phrases.values(event)
        return gettext("%(actor)s: %(action)s (%(target)s)") % said
    if callable(action.sentence):
        return action.sentence(event)
    return str(action.sentence) % phrases.values(event)


def label_of(action: str) -> str:
    """The name of an action for people: from the table, else made from its name."""
    if group_actions(action):
        return gettext("All of: %(group)s") % {"group": GROUPS[action.removesuffix(ANY)]}
    if action in ACTIONS:
        return str(ACTIONS[action].label)
    return action.replace(".", ": ").replace("_", " ").capitalize()


def grouped() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every action with its label, under the label of its group, in the order of the table."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for name in ACTIONS:
        groups.setdefault(name.partition(".")[0], []).append((name, label_of(name)))
    return [(str(GROUPS[group]), members) for group, members in groups.items()]


def group_actions(name: str) -> list[str]:
    """The actions that "import.*" stands for; empty where that is no group."""
    group = name.removesuffix(ANY)
    if not name.endswith(ANY) or group not in GROUPS:
        return []
    return [action for action in ACTIONS if action.partition(".")[0] == group]


ANY: Final = ".*"
"""Behind the name of a group: any of its actions."""

GROUPS: Final[dict[str, Text]] = {
    "service_account": _("Service accounts"),
    "key": _("Keys"),
    "token": _("Access tokens"),
    "personal_access_token": _("Personal access tokens"),
    "provisioning_token": _("Provisioning tokens"),
    "scope": _("Scopes"),
    "own_api": _("Own APIs"),
    "integration": _("Integrations"),
    "identity": _("Identities"),
    "group": _("Groups"),
    "role": _("Roles"),
    "request": _("Requests"),
    "stored_account": _("Stored accounts"),
    "inbox": _("Inbox"),
    "vault": _("Vaults"),
    "trusted_session": _("Trusted sessions"),
    "recovery_key": _("Recovery keys"),
    "application": _("Catalogue of applications"),
    "sign_in": _("Sign-in"),
    "sign_in_provider": _("Sign-in providers"),
    "sign_out": _("Sign-out"),
    "second_factor": _("Second factors"),
    "setup": _("Set-up"),
    "tenant_setting": _("Tenant settings"),
    "backup": _("Backups"),
    "mail_template": _("E-mail templates"),
    "signing_key": _("Signing keys"),
    "sealing_key": _("Sealing keys"),
    "source": _("Sources"),
    "source_account": _("Source accounts"),
    "import": _("Imports"),
    "identity_profile": _("Identity profiles"),
    "identity_processing": _("Identity processing"),
    "identity_attribute": _("Identity attributes"),
    "lifecycle_state": _("Life-cycle states"),
    "transform": _("Transforms"),
    "configuration": _("Configuration"),
    "job": _("Background jobs"),
    "reminder": _("Reminders"),
    "api": _("API calls"),
    "api_explorer": _("API Explorer"),
    "audit": _("Audit log"),
    "console": _("Console"),
}
"""The first part of an action's name."""

ACTIONS: Final[dict[str, Action]] = {
    "service_account.created": Action(
        _("Service account created"), _("%(actor)s created service account %(target)s")
    ),
    "service_account.edited": Action(_("Service account edited"), phrases.edited),
    "service_account.disabled": Action(
        _("Service account disabled"), _("%(actor)s disabled service account %(target)s")
    ),
    "service_account.enabled": Action(
        _("Service account enabled"), _("%(actor)s enabled service account %(target)s")
    ),
    "service_account.deleted": Action(
        _("Service account deleted"), _("%(actor)s deleted service account %(target)s")
    ),
    "service_account.ended": Action(
        _("Service account ended"),
        phrases.late(_("Service account %(target)s reached its end date")),
    ),
    "service_account.reminded": Action(_("Reminded of an end date"), phrases.reminded_of_end),
    "service_account.account_linked": Action(
        _("Source account joined"), _("A source account was joined to service account %(target)s")
    ),
    "service_account.account_unlinked": Action(
        _("Account no longer in its source"),
        _("An account of service account %(target)s is no longer in its source"),
    ),
    **PROOF,
    **INTEGRATIONS,
    **EXPORTS,
    "identity.created": Action(_("Identity added"), _("%(actor)s added %(target)s")),
    "identity.edited": Action(
        _("Identity edited"), _("%(actor)s changed name or address of %(target)s")
    ),
    "identity.levels_changed": Action(_("User levels changed"), phrases.levels),
    "identity.invited": Action(_("Identity invited"), _("%(actor)s invited %(target)s")),
    "identity.invitation_retried": Action(
        _("Mail of an invitation tried again"),
        _("%(actor)s had the mail to %(target)s tried again"),
    ),
    "identity.reset": Action(_("Identity reset"), _("%(actor)s reset identity %(target)s")),
    "identity.invitation_sent": Action(
        _("Invitation sent"), _("An e-mail with a link to set a password went to %(target)s")
    ),
    "identity.invitation_not_sent": Action(
        _("Invitation not sent"), _("The e-mail with a link for %(target)s could not be sent")
    ),
    "identity.registered": Action(
        _("Invitation accepted"), _("%(actor)s set a password and can sign in")
    ),
    "identity.password_link_requested": Action(
        _("Password link asked for"),
        _("%(actor)s asked for a link by which %(target)s sets a password"),
    ),
    "identity.password_reset_asked": Action(
        _("Forgotten password"), _("Somebody asked to reset the password of %(actor)s")
    ),
    "identity.password_reset": Action(
        _("Password reset"), _("%(actor)s set a new password by the link in a mail")
    ),
    "identity.password_changed": Action(
        _("Password changed"), _("%(actor)s changed their password")
    ),
    "identity.sessions_ended": Action(
        _("Sessions ended"), _("%(actor)s signed %(target)s out everywhere")
    ),
    "identity.session_ended": Action(
        _("Session ended"), _("%(actor)s ended a session of %(target)s")
    ),
    "identity.disabled": Action(_("Identity disabled"), _("%(actor)s disabled %(target)s")),
    "identity.enabled": Action(_("Identity enabled"), _("%(actor)s enabled %(target)s")),
    "identity.deleted": Action(_("Identity deleted"), _("%(actor)s deleted %(target)s")),
    "identity.account_linked": Action(
        _("Source account joined"), _("A source account was joined to %(target)s")
    ),
    "identity.account_unlinked": Action(
        _("Account no longer in its source"),
        _("An account of %(target)s is no longer in its source"),
    ),
    "sign_in.succeeded": Action(_("Signed in"), _("%(actor)s signed in")),
    "sign_in.service_account_succeeded": Action(
        _("Service account signed in"), _("Service account %(actor)s signed in to the console")
    ),
    "sign_in.failed": Action(_("Sign-in failed"), _("A sign-in as %(actor)s failed")),
    "sign_in.locked_out": Action(
        _("Sign-in locked"), _("Sign-in as %(actor)s was locked after too many attempts")
    ),
    "sign_in.confirmed": Action(_("Password confirmed"), _("%(actor)s confirmed their password")),
    "sign_in.confirmation_failed": Action(
        _("Password not confirmed"), _("%(actor)s failed to confirm their password")
    ),
    "sign_out": Action(_("Signed out"), _("%(actor)s signed out")),
    "second_factor.added": Action(_("Second factor set up"), _("%(actor)s set up a second factor")),
    "second_factor.removed": Action(
        _("Second factor removed"), _("%(actor)s removed a second factor of theirs")
    ),
    "second_factor.removed_by_other": Action(
        _("Second factors taken away"), _("%(actor)s removed all second factors of %(target)s")
    ),
    "second_factor.codes_made": Action(
        _("Recovery codes made"), _("%(actor)s got new recovery codes")
    ),
    "second_factor.codes_stored": Action(
        _("Recovery codes stored"), _("%(actor)s confirmed that the recovery codes are stored")
    ),
    "second_factor.code_used": Action(
        _("Recovery code used"), _("%(actor)s signed in with a recovery code")
    ),
    "second_factor.refused": Action(
        _("Second factor refused"), _("%(actor)s gave the password, but no right second factor")
    ),
    "second_factor.locked": Action(
        _("Second step locked"), _("The second step of %(actor)s was locked after wrong codes")
    ),
    "setup.link_made": Action(
        _("Set-up link made"), _("A link to make the first administrator was printed at start")
    ),
    "setup.demo_filled": Action(
        _("Demo filled in"), _("The tenant was filled with the demo, whose passwords are published")
    ),
    "tenant_setting.changed": Action(_("Tenant setting changed"), phrases.switched),
    "tenant_setting.sign_in_changed": Action(
        _("Rules of sign-in changed"), _("%(actor)s changed the rules of sign-in")
    ),
    "tenant_setting.targets_changed": Action(
        _("Outgoing connections changed"), _("%(actor)s changed which targets may be called")
    ),
    "mail_template.changed": Action(
        _("E-mail template changed"), _("%(actor)s changed the mail “%(target)s”")
    ),
    "mail_template.restored": Action(
        _("E-mail template restored"), _("%(actor)s restored the mail “%(target)s”")
    ),
    "mail_template.tested": Action(
        _("E-mail template tested"), _("%(actor)s sent themselves a test of the mail “%(target)s”")
    ),
    "signing_key.made": Action(_("Signing key made"), _("The first signing key was made")),
    "signing_key.rotated": Action(
        _("Signing key rotated"), _("%(actor)s rotated the signing key of access tokens")
    ),
    **SOURCES,
    "job.succeeded": Action(_("Job done"), counted.job(_("The job %(job)s was done"))),
    "job.failed": Action(_("Job failed"), counted.job(_("The job %(job)s failed"))),
    "job.cancelled": Action(_("Job cancelled"), counted.job(_("The job %(job)s was cancelled"))),
    "job.cancel_asked": Action(
        _("Job to be cancelled"), counted.job(_("%(actor)s asked to cancel the job %(job)s"))
    ),
    "job.run_now": Action(_("Schedule run at once"), _("%(actor)s had %(target)s run at once")),
    "job.schedule_paused": Action(
        _("Schedule paused"), _("%(actor)s paused the schedule %(target)s")
    ),
    "job.scheduled": Action(_("Schedule set"), _("%(actor)s set the schedule %(target)s")),
    "job.unscheduled": Action(
        _("Schedule removed"), _("%(actor)s removed the schedule %(target)s")
    ),
    "reminder.not_sent": Action(
        _("Reminder not sent"), _("The reminder for %(email)s could not be sent")
    ),
    "identity_profile.created": Action(
        _("Identity profile created"), _("%(actor)s created identity profile %(target)s")
    ),
    "identity_profile.edited": Action(
        _("Identity profile edited"), _("%(actor)s changed the settings of %(target)s")
    ),
    "identity_profile.exceptions_exported": Action(
        _("Exceptions exported"), _("%(actor)s exported the exceptions of %(target)s")
    ),
    "identity_profile.exported": Action(
        _("Identity profile exported"), _("%(actor)s exported identity profile %(target)s")
    ),
    "identity_profile.mapped": Action(_("Mappings changed"), counted.mapped),
    "identity_profile.deleted": Action(_("Identity profile deleted"), counted.profile_deleted),
    "identity_processing.asked": Action(
        _("Plan of changes asked for"), _("%(actor)s had the changes of %(target)s planned")
    ),
    "identity_processing.planned": Action(_("Changes planned"), counted.processing_planned),
    "identity_processing.confirmed": Action(
        _("Changes confirmed"), _("%(actor)s confirmed the changes of %(target)s")
    ),
    "identity_processing.applied": Action(_("Changes applied"), counted.processing_applied),
    "identity_processing.failed": Action(
        _("Identity processing failed"), _("The changes of %(target)s could not be processed")
    ),
    "identity_processing.cancelled": Action(
        _("Identity processing cancelled"), _("%(actor)s stopped the processing of %(target)s")
    ),
    "identity_attribute.added": Action(
        _("Identity attribute added"), _("%(actor)s added the identity attribute %(target)s")
    ),
    "identity_attribute.removed": Action(
        _("Identity attribute removed"), _("%(actor)s removed the identity attribute %(target)s")
    ),
    "identity_attribute.renamed": Action(
        _("Identity attribute renamed"), _("%(actor)s renamed the identity attribute %(target)s")
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
    "identity.lifecycle_state_set": Action(
        _("Life-cycle state set"), _("%(actor)s set the life-cycle state of %(target)s")
    ),
    "identity.lifecycle_state_freed": Action(
        _("Life-cycle state left to the source"),
        _("%(actor)s let the source decide the life-cycle state of %(target)s"),
    ),
    "transform.created": Action(
        _("Transform created"), _("%(actor)s created transform %(target)s")
    ),
    "transform.edited": Action(_("Transform edited"), _("%(actor)s changed transform %(target)s")),
    "transform.deleted": Action(
        _("Transform deleted"), _("%(actor)s deleted transform %(target)s")
    ),
    **MEMBERSHIP,
    **REQUESTS,
    **APIS,
    **SEALING,
    "configuration.exported": Action(
        _("Configuration exported"), _("%(actor)s exported the configuration of the tenant")
    ),
    "configuration.imported": Action(
        _("Configuration imported"),
        counted.with_parts(_("%(actor)s imported a configuration")),
    ),
    "api.refused": Action(
        _("API call refused"),
        phrases.refusals(
            _("%(who)s was refused an API call"), _("%(count)d more API calls were refused")
        ),
    ),
    "audit.exported": Action(_("Audit log exported"), _("%(actor)s exported the audit log")),
    "console.refused": Action(
        _("Page refused"), _("%(actor)s was refused a page or an act in the console")
    ),
}
"""Every action that is recorded anywhere; a test looks for those that are missing here."""
