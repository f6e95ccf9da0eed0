"""The links that were mailed to an identity, and what became of each."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from accounts.identities.models import Purpose
from accounts.models import Identity, Invitation

SHOWN: Final = 10


def links_of(identity: Identity, now: datetime) -> list[dict[str, Any]]:
    """The newest first."""
    found = Invitation.objects.filter(identity=identity).order_by("-created_at", "-pk")[:SHOWN]
    return [
        {
            "invitation": invitation,
            "what": _what(invitation),
            "how": _how(invitation),
            "outcome": _outcome(invitation, now),
            "failure": invitation.failure,
            "may_retry": bool(invitation.failure)
            and invitation.sent_at is None
            and invitation.is_open_at(now),
        }
        for invitation in found
    ]


def _what(invitation: Invitation) -> str:
    if invitation.purpose == Purpose.RESET_PASSWORD:
        return _("Forgotten password")
    return _("Link to set a password")


def _how(invitation: Invitation) -> str:
    if not invitation.automatic:
        return ""
    if invitation.renewals:
        return _("by itself, after %(count)d expired") % {"count": invitation.renewals}
    return _("by itself")


def _outcome(invitation: Invitation, now: datetime) -> str:
    if invitation.followed:
        return _("Used")
    if invitation.used_at is not None:
        return _("Taken back or replaced")
    if not invitation.is_open_at(now):
        return _("Expired")
    if invitation.sent_at is not None:
        return _("Works")
    if invitation.failure:
        return _("Not sent") if invitation.next_try_at is None else _("Tried again soon")
    return _("On its way")
