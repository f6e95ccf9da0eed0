"""What the mails say. Plain text, one recipient each, and links from the settings alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.identities import notices
from accounts.identities.invitations import Mailing
from accounts.identities.models import Purpose
from console.ui import times

NOTICES: Final[dict[str, str | Promise]] = {
    notices.PASSWORD_CHANGED: gettext_lazy("Your password was changed"),
    notices.EMAIL_CHANGED: gettext_lazy("Your e-mail address was changed"),
}
"""Subject by notice; the text is `mail/<notice>.txt`."""


def absolute(path: str) -> str:
    """From the settings: what a request calls our host must never reach a mail."""
    return f"{settings.STEWARD_PUBLIC_URL}{path}"


def send_invitation(mailing: Mailing) -> None:
    """Send the link by which somebody sets a password, and with it the only copy of its token.

    Raises:
        OSError: the mail server does not take it (smtplib's errors are of this class).
    """
    person = mailing.identity
    is_forgotten = mailing.invitation.purpose == Purpose.RESET_PASSWORD
    is_reset = person.is_registered
    subject = (
        _("Set a new password for %(name)s") if is_reset else _("Set up your account %(name)s")
    )
    view = "reset_password" if is_forgotten else "identities:register"
    context = {
        "person": person,
        "link": absolute(reverse(view, args=[mailing.token.take()])),
        "until": times.exact(mailing.invitation.expires_at),
    }
    template = "mail/reset.txt" if is_reset else "mail/invitation.txt"
    template = "mail/forgotten.txt" if is_forgotten else template
    _send(subject % {"name": person.user_name}, template, context, person.email)


def send_notice(what: str, to: str, facts: Mapping[str, str]) -> None:
    """Tell somebody that something about their account was changed.

    Raises:
        OSError: the mail server does not take it.
    """
    context = dict(facts) | {
        "at": times.exact(datetime.fromisoformat(facts["at"])),
        "sign_in": absolute(reverse("account_login")),
    }
    _send(str(NOTICES[what]), f"mail/{what}.txt", context, to)


def _send(subject: str, template: str, context: Mapping[str, Any], to: str) -> None:
    body = render_to_string(template, {**context, "environment": settings.STEWARD_ENVIRONMENT})
    EmailMessage(subject=subject, body=body.strip() + "\n", to=[to]).send()
