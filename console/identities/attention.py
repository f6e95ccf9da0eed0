"""What somebody should know or do about an identity, for its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.identities import policies, queries
from accounts.models import Identity, Invitation
from console.ui import times


@dataclass(frozen=True)
class Note:
    tone: str
    title: str
    text: str
    act: str = ""
    """What mends it: "invite" or "enable"; nothing for whoever may not manage identities."""


def notes(identity: Identity, now: datetime) -> list[Note]:
    if identity.disabled_at is not None:
        said = _("%(who)s disabled it %(when)s. Nobody can sign in with it.")
        names = {"who": identity.disabled_by, "when": times.relative(identity.disabled_at, now)}
        return [Note("notice", _("This identity is disabled"), said % names, "enable")]
    if identity.web_services_only:
        text = _(
            "Nobody signs in as it, whatever password it has. Its keys and tokens work. GUI access "
            "is given back on the page of the service account."
        )
        return [Note("info", _("It is for web services only"), text)]
    if not policies.may_sign_in(identity, at=now):
        return []
    invitation = queries.last_invitation(identity)
    if invitation is not None and invitation.is_open_at(now):
        return [_mailing(invitation, now)]
    return [] if identity.is_registered else _not_on_the_way(identity, invitation)


def _not_on_the_way(identity: Identity, invitation: Invitation | None) -> list[Note]:
    if invitation is not None and invitation.used_at is None:
        text = _("The link ended on %(at)s and was not used. Send another one.")
        text %= {"at": times.exact(invitation.expires_at)}
        return [Note("notice", _("The invitation has expired"), text, "invite")]
    if not identity.is_person:
        return []  # its keys work without a password
    text = _("There is no password yet, and no invitation is out.")
    return [Note("notice", _("Not invited yet"), text, "invite")]


def _mailing(invitation: Invitation, now: datetime) -> Note:
    """How it stands with a link that works still."""
    assert invitation.identity is not None
    values = {
        "email": invitation.identity.email,
        "until": times.exact(invitation.expires_at),
        "why": invitation.failure,
    }
    if invitation.sent_at is not None:
        text = _("It was mailed to %(email)s %(when)s and works once, until %(until)s.")
        values["when"] = times.relative(invitation.sent_at, now)
        return Note("info", _("A link to set a password is out"), text % values)
    if not invitation.failure:
        text = _("A mail to %(email)s is being sent.")
        return Note("info", _("A link to set a password is on its way"), text % values)
    if invitation.next_try_at is None:
        text = _("It was given up after several tries. The last error: %(why)s")
        return Note("danger", _("The mail could not be sent"), text % values, "invite")
    text = _("It is tried again %(when)s. The error: %(why)s")
    values["when"] = times.relative(invitation.next_try_at, now)
    return Note("notice", _("The mail was not sent yet"), text % values)
