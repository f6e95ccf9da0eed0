"""The rows of the table of sentences that are about vaults and stored accounts."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from console.ui import phrases
from console.ui.phrases import Action

VAULT: Final[dict[str, Action]] = {
    "stored_account.added": Action(
        _("Account stored"), _("%(actor)s stored the account %(target)s")
    ),
    "stored_account.edited": Action(
        _("Stored account edited"), _("%(actor)s changed the stored account %(target)s")
    ),
    "stored_account.set_up": Action(
        _("Stored account set up"),
        _("%(actor)s said that %(target)s exists in its application"),
    ),
    "stored_account.password_set": Action(
        _("Stored password changed"), _("%(actor)s stored another password of %(target)s")
    ),
    "stored_account.password_revealed": Action(
        _("Stored password shown"), _("%(actor)s looked at the password of %(target)s")
    ),
    "stored_account.earlier_password_revealed": Action(
        _("Earlier stored password shown"),
        _("%(actor)s looked at an earlier password of %(target)s"),
    ),
    "identity.all_access_started": Action(
        _("All-Access Mode started"), _("%(target)s turned All-Access Mode on")
    ),
    "identity.all_access_ended": Action(
        _("All-Access Mode ended"), _("All-Access Mode of %(target)s ended")
    ),
    "stored_account.opened_by_all_access": Action(
        _("Stored account opened in All-Access Mode"),
        _("%(actor)s opened the account %(target)s in All-Access Mode"),
    ),
    "stored_account.revealed_by_all_access": Action(
        _("Stored password shown in All-Access Mode"),
        _("%(actor)s looked at the password of %(target)s in All-Access Mode"),
    ),
    "stored_account.authenticator_saved": Action(
        _("Authenticator saved"), _("%(actor)s saved an authenticator of %(target)s")
    ),
    "stored_account.authenticator_removed": Action(
        _("Authenticator removed"), _("%(actor)s removed the authenticator of %(target)s")
    ),
    "stored_account.code_shown": Action(
        _("One-time code shown"), _("%(actor)s looked at a one-time code of %(target)s")
    ),
    "stored_account.backup_codes_saved": Action(
        _("Backup codes saved"), _("%(actor)s saved backup codes of %(target)s")
    ),
    "stored_account.backup_code_used": Action(
        _("Backup code used"), _("%(actor)s used a backup code of %(target)s")
    ),
    "stored_account.sealed_text_opened": Action(
        _("Notes of a local vault opened"),
        _("%(actor)s opened notes or custom fields of %(target)s"),
    ),
    "stored_account.reminded": Action(
        _("Reminded of a stored password"),
        _("The owners of %(target)s were told that its password is due"),
    ),
    "stored_account.shared": Action(
        _("Stored account shared"),
        phrases.shared(_("%(actor)s shared the stored account %(target)s with %(with)s")),
    ),
    "stored_account.share_changed": Action(
        _("Share of a stored account changed"),
        phrases.shared(_("%(actor)s changed what %(with)s may do with the account %(target)s")),
    ),
    "stored_account.unshared": Action(
        _("Stored account no longer shared"),
        phrases.shared(_("%(actor)s took the stored account %(target)s away from %(with)s")),
    ),
    "stored_account.share_ended": Action(
        _("Share of a stored account ended"),
        phrases.shared(_("The share of %(with)s in the stored account %(target)s ended")),
    ),
    "stored_account.deleted": Action(
        _("Stored account deleted"), _("%(actor)s deleted the stored account %(target)s")
    ),
    "stored_account.restored": Action(
        _("Stored account restored"), _("%(actor)s restored the stored account %(target)s")
    ),
    "stored_account.exported": Action(
        _("List of stored accounts exported"),
        _("%(actor)s exported the list of stored accounts"),
    ),
    "vault.created": Action(_("Vault added"), _("%(actor)s added the vault %(target)s")),
    "vault.edited": Action(_("Vault edited"), _("%(actor)s changed the vault %(target)s")),
    "vault.made_default": Action(
        _("Default vault chosen"), _("%(actor)s made %(target)s the default vault")
    ),
    "vault.deleted": Action(_("Vault deleted"), _("%(actor)s deleted the vault %(target)s")),
    "vault.member_added": Action(
        _("Member of a local vault added"), _("%(actor)s added a member to the vault %(target)s")
    ),
    "vault.member_removed": Action(
        _("Member of a local vault removed"),
        _("%(actor)s took a member out of the vault %(target)s"),
    ),
    "vault.key_given": Action(
        _("Key of a local vault handed over"),
        _("%(actor)s handed the key of the vault %(target)s to a browser or recovery key"),
    ),
    "vault.key_replaced": Action(
        _("Key of a local vault replaced"), _("%(actor)s replaced the key of the vault %(target)s")
    ),
    "trusted_session.asked": Action(
        _("Trusted session asked for"), _("%(actor)s asked that %(target)s be trusted")
    ),
    "trusted_session.code_sent": Action(
        _("Code for a trusted session mailed"), _("%(actor)s had a code mailed for %(target)s")
    ),
    "trusted_session.code_tried": Action(
        _("Wrong code for a trusted session"), _("%(actor)s typed a wrong code for %(target)s")
    ),
    "trusted_session.approved": Action(
        _("Session trusted"), _("%(actor)s made %(target)s a trusted session")
    ),
    "trusted_session.denied": Action(
        _("Trusted session denied"), _("%(actor)s refused to trust %(target)s")
    ),
    "trusted_session.removed": Action(
        _("Trusted session removed"), _("%(actor)s removed the trusted session %(target)s")
    ),
    "recovery_key.made": Action(
        _("Recovery key made"), _("%(actor)s made a recovery key for %(target)s")
    ),
    "recovery_key.tried": Action(
        _("Wrong recovery key"), _("%(actor)s typed a wrong recovery key of %(target)s")
    ),
    "recovery_key.discarded": Action(
        _("Recovery key discarded"), _("%(actor)s discarded the recovery key of %(target)s")
    ),
    "application.added": Action(
        _("Application added"), _("%(actor)s added the application %(target)s to the catalogue")
    ),
    "application.removed": Action(
        _("Application removed"),
        _("%(actor)s took the application %(target)s out of the catalogue"),
    ),
}
