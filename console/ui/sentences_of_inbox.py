"""The rows of the table of sentences that are about managed mailboxes, numbers and messages."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from console.ui.phrases import Action

INBOX: Final[dict[str, Action]] = {
    "stored_account.mailbox_opened": Action(
        _("Managed mailbox created"), _("%(actor)s created a managed mailbox for %(target)s")
    ),
    "stored_account.mailbox_closed": Action(
        _("Managed mailbox closed"), _("%(actor)s closed the managed mailbox of %(target)s")
    ),
    "stored_account.number_taken": Action(
        _("Managed phone number taken"), _("%(actor)s took a managed phone number for %(target)s")
    ),
    "stored_account.number_given_up": Action(
        _("Managed phone number given up"),
        _("%(actor)s gave up the managed phone number of %(target)s"),
    ),
    "stored_account.forwarding_changed": Action(
        _("Copies of messages changed"),
        _("%(actor)s changed who gets copies of messages for %(target)s"),
    ),
    "stored_account.message_received": Action(
        _("Message received"), _("A message arrived for %(target)s")
    ),
    "stored_account.message_read": Action(
        _("Message read"), _("%(actor)s looked at a message for %(target)s")
    ),
    "stored_account.mail_refused": Action(
        _("Mail refused"), _("Mail for %(target)s was refused: nothing is taken there any more")
    ),
    "inbox.secret_set": Action(
        _("Webhook secret set"), _("%(actor)s set the secret of the webhook of %(target)s")
    ),
    "inbox.secret_removed": Action(
        _("Webhook turned off"), _("%(actor)s turned off the webhook of %(target)s")
    ),
    "inbox.number_added": Action(
        _("Phone number added"), _("%(actor)s added the phone number %(target)s")
    ),
    "inbox.number_removed": Action(
        _("Phone number removed"), _("%(actor)s removed the phone number %(target)s")
    ),
    "inbox.webhook_refused": Action(
        _("Webhook refused"),
        _("A message was refused that %(actor)s had not proved to be theirs"),
    ),
}
