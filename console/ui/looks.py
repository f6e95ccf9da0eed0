"""How states look: a tone, an icon and a word each, so that colour never says it alone."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TONE_ICONS = {
    "info": "info",
    "ok": "circle-check",
    "notice": "triangle-alert",
    "danger": "octagon-alert",
}

MESSAGE_TONES = {
    "debug": "info",
    "info": "info",
    "success": "ok",
    "warning": "notice",
    "error": "danger",
}
"""Levels of django.contrib.messages to tones."""


@dataclass(frozen=True)
class Look:
    tone: str
    icon: str
    label: str | Promise


LOOKS: dict[str, Look] = {
    "active": Look("ok", "circle-check", _("Active")),
    "suspended": Look("neutral", "circle-pause", _("Suspended")),
    "disabled": Look("neutral", "circle-pause", _("Disabled")),
    "ended": Look("notice", "calendar-x", _("Ended")),
    "deleted": Look("danger", "trash-2", _("Deleted")),
    "no_owner": Look("notice", "user-round-x", _("No owner")),
    "owner_left": Look("notice", "user-round-minus", _("Its owner left")),
    "confirmed": Look("ok", "circle-check", _("Taken over")),
    "passed_on": Look("info", "arrow-right", _("Offered to somebody else")),
    "declined": Look("neutral", "circle-x", _("Declined")),
    "over": Look("neutral", "minus", _("No longer needed")),
    "expiring": Look("notice", "clock-alert", _("Expiring")),
    "expired": Look("danger", "clock-alert", _("Expired")),
    "retiring": Look("notice", "hourglass", _("Being replaced")),
    "retired": Look("neutral", "history", _("Replaced")),
    "revoked": Look("danger", "ban", _("Revoked")),
    "pending": Look("info", "hourglass", _("Pending")),
    "invited": Look("info", "mail", _("Invited")),
    "running": Look("info", "refresh-cw", _("Running")),
    "done": Look("ok", "circle-check", _("Done")),
    "failed": Look("danger", "circle-x", _("Failed")),
    "refused": Look("danger", "circle-x", _("Refused")),
    "locked": Look("danger", "lock", _("Locked out")),
    "session_pending": Look("info", "hourglass", _("Pending approval")),
    "session_trusted": Look("ok", "shield-check", _("Trusted")),
    "session_denied": Look("danger", "ban", _("Denied")),
    "session_removed": Look("neutral", "circle-x", _("Removed")),
    "local_vault": Look("info", "laptop", _("Local")),
    "default": Look("neutral", "check", _("Default")),
    "deprecated": Look("notice", "triangle-alert", _("Deprecated")),
    "development": Look("info", "flask-conical", _("Under development")),
    "restricted": Look("danger", "lock", _("Restricted")),
    "waiting": Look("info", "hourglass", _("Waits for approval")),
    "approved": Look("ok", "circle-check", _("Approved")),
    "rejected": Look("danger", "circle-x", _("Rejected")),
    "withdrawn": Look("neutral", "undo-2", _("Withdrawn")),
    "lapsed": Look("notice", "clock-alert", _("Lapsed")),
    "requested": Look("info", "hourglass", _("Asked")),
    "not_required": Look("neutral", "minus", _("No longer required")),
    "queued": Look("neutral", "hourglass", _("Waiting")),
    "succeeded": Look("ok", "circle-check", _("Done")),
    "cancelled": Look("neutral", "ban", _("Cancelled")),
    "uploaded": Look("notice", "circle-question-mark", _("Encoding needed")),
    "planning": Look("info", "refresh-cw", _("Making the plan")),
    "planned": Look("notice", "hourglass", _("Waiting for confirmation")),
    "held": Look("danger", "octagon-alert", _("Held")),
    "applying": Look("info", "refresh-cw", _("Importing")),
    "applied": Look("ok", "circle-check", _("Done")),
    "healthy": Look("ok", "circle-check", _("Healthy")),
    "no_accounts": Look("notice", "triangle-alert", _("No accounts")),
    "failing": Look("danger", "circle-x", _("Error")),
    "account_id": Look("info", "key-round", _("Account ID")),
    "account_name": Look("info", "tag", _("Account Name")),
    "built_in": Look("neutral", "lock", _("Built in")),
    "unmapped": Look("notice", "triangle-alert", _("No mappings")),
    "to_apply": Look("notice", "refresh-cw", _("Changes to apply")),
    "up_to_date": Look("ok", "circle-check", _("Up to date")),
    "stored": Look("ok", "circle-check", _("Password stored")),
    "no_password": Look("neutral", "circle-dashed", _("No password")),
    "password_due": Look("notice", "clock-alert", _("Password is due")),
    "add_on": Look("neutral", "puzzle", _("Add-on")),
}


def of(state: str) -> Look:
    """Raises KeyError for a state without a look: a page must not show one that says nothing."""
    return LOOKS[str(state)]
