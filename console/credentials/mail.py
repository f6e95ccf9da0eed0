"""The mail that tells an owner that a key waits for them. It holds a link, and no secret."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from accounts.models import AccessRequest
from console.ui import links, times
from tokens.models import KeyPickup


def send(pickup: KeyPickup) -> None:
    """Send it now.

    Raises:
        OSError: the mail server does not take it (smtplib's errors are of this class).
    """
    account = pickup.identity.service_account
    context = {
        "account": account,
        "owner": pickup.owner,
        "asked_by": pickup.created_by,
        "request": _asked(pickup),
        "link": links.to_pickup(pickup),
        "until": times.exact(pickup.expires_at),
        "environment": settings.STEWARD_ENVIRONMENT,
    }
    EmailMessage(
        subject=_("A key for “%(name)s” waits for you") % {"name": account.name},
        body=render_to_string("credentials/mail/pickup.txt", context),
        to=[pickup.owner.email],
    ).send()


def _asked(pickup: KeyPickup) -> AccessRequest | None:
    """The request of the owner from which the offer came, where it came from one."""
    theirs = AccessRequest.objects.filter(requester=pickup.owner)
    return theirs.filter(result__pickup=str(pickup.pk)).first()
