"""Single-use links: of the token in one, only its SHA-256 is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.identities.models import Identity, Invitation, Purpose
from accounts.identities.policies import may_sign_in
from accounts.lib.errors import DomainError
from accounts.lib.one_time_secret import OneTimeSecret


class LinkSpent(DomainError):
    """The link was used, has expired, was replaced, or never existed; all said alike."""

    code = "link_spent"

    def __init__(self) -> None:
        super().__init__(
            message=_("This link no longer works. It may have been used, replaced or expired.")
        )


def digest(token: str) -> bytes:
    """What is kept of a link's token, and what it is looked up by."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def arm(*, invitation: Invitation) -> OneTimeSecret:
    """Give an invitation a new token; an earlier one stops working."""
    token = secrets.token_urlsafe(32)
    Invitation.objects.filter(pk=invitation.pk).update(token_hash=digest(token))
    return OneTimeSecret(token)


def find_open(*, token: str, purpose: Purpose, at: datetime) -> Invitation:
    """The open invitation with this token.

    Raises:
        LinkSpent: there is none, or its identity may not sign in.
    """
    found = (
        Invitation.objects.select_related("identity")
        .filter(token_hash=digest(token), purpose=purpose)
        .open_at(at)
        .first()
    )
    if found is None:
        raise LinkSpent
    if found.identity is not None and not may_sign_in(found.identity, at=at):
        raise LinkSpent
    return found


def spend(invitation: Invitation, at: datetime) -> None:
    """Use a link up; of two at once, one fails here."""
    its = Invitation.objects.filter(pk=invitation.pk).open_at(at)
    spent = its.update(used_at=at, followed=True, renew_at=None)
    if spent != 1:
        raise LinkSpent


def revoke(*, identity: Identity, at: datetime) -> None:
    """Make the links that are out for an identity stop working; for the actions that mean it."""
    Invitation.objects.filter(identity=identity).withdraw(at)
