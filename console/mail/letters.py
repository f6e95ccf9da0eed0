"""The mails about identities, with their values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.identities.invitations import Mailing
from accounts.identities.models import Purpose
from console.mail.texts import FORGOTTEN, INVITATION, PASSWORD_LINK
from console.ui import times
from console.ui.letters import PRODUCT, absolute, send, values_of

SAID: Final = ("other", "account", "what", "reason")
"""Facts of a notice that are said as they are."""


def send_invitation(mailing: Mailing, connection: BaseEmailBackend | None = None) -> None:
    """Send the link by which somebody sets a password, and with it the only copy of its token.

    Raises:
        OSError: the mail server does not take it (smtplib's errors are of this class).
    """
    person = mailing.identity
    is_forgotten = mailing.invitation.purpose == Purpose.RESET_PASSWORD
    view = "reset_password" if is_forgotten else "identities:register"
    values = values_of(person) | {
        "link": absolute(reverse(view, args=[mailing.token.take()])),
        "expires": times.exact(mailing.invitation.expires_at),
    }
    name = PASSWORD_LINK if person.is_registered else INVITATION
    send(FORGOTTEN if is_forgotten else name, values, person.email, connection)


def send_notice(
    what: str, to: str, facts: Mapping[str, str], connection: BaseEmailBackend | None = None
) -> None:
    """Tell somebody that something about their account was changed.

    Raises:
        OSError: the mail server does not take it.
    """
    values = {
        "name": facts["display_name"],
        "user_name": facts["user_name"],
        "product": PRODUCT,
        "environment": settings.STEWARD_ENVIRONMENT,
        "at": times.exact(datetime.fromisoformat(facts["at"])),
        "address": facts["address"] or _("unknown"),
        "sign_in": absolute(reverse("account_login")),
    }
    if "expires" in facts:
        values["expires"] = times.exact(datetime.fromisoformat(facts["expires"]))
    values |= {name: facts[name] for name in SAID if name in facts}
    if "until" in facts:
        values["until"] = times.exact(datetime.fromisoformat(facts["until"]))
    send(what, values, to, connection)
