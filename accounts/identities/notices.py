"""Mail about identities. What is said and how it travels is known above, in `console.mail`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Protocol
from uuid import UUID

from django.db import transaction

from accounts.audit.context import current
from accounts.identities.models import Identity, Invitation
from accounts.lib.registry import Registry

PASSWORD_EXPIRES = "password_expires"  # noqa: S105  # a notice, not a secret
PASSWORD_CHANGED = "password_changed"  # noqa: S105  # a notice, not a secret
EMAIL_CHANGED = "email_changed"
SECOND_FACTOR_ADDED = "second_factor_added"
SECOND_FACTOR_REMOVED = "second_factor_removed"
SECOND_FACTOR_LOCKED = "second_factor_locked"
RECOVERY_CODES_MADE = "recovery_codes_made"
RECOVERY_CODE_USED = "recovery_code_used"
OWNER_NOW = "owner_now"
OWNER_BEFORE = "owner_before"


@dataclass(frozen=True)
class Notice:
    """One of many people who are told of the same: who they are, and their addresses."""

    user_name: str
    display_name: str
    to: Sequence[str]
    facts: Mapping[str, str] = field(default_factory=dict)
    """What is said to this one besides."""


class Postman(Protocol):
    """Takes mail; called after the change that it tells of is committed."""

    def invitation(self, invitation_id: UUID) -> None:
        """Send an invitation; it makes its token itself, by `invitations.take_for_mailing`."""

    def invitations(self) -> None:
        """Send all invitations that are due: they are many."""

    def notice(self, what: str, to: Sequence[str], facts: dict[str, str]) -> None:
        """Send a notice of that name to each address. The facts are text and no secrets."""

    def many_notices(
        self, what: str, letters: Sequence[tuple[Sequence[str], dict[str, str]]]
    ) -> None:
        """As `notice`, to many people at once: the addresses and the facts of each."""


postmen: Registry[Postman] = Registry("postman")


def tell(identity: Identity, what: str, *, at: datetime, to: Sequence[str] = ()) -> None:
    """Tell a person, at their address unless others are given, that something was changed."""
    addresses = [address for address in to or [identity.email] if address]
    facts = _facts(identity.user_name, identity.display_name, at)
    for postman in postmen.values():
        transaction.on_commit(partial(postman.notice, what, addresses, facts))


def tell_all(told: Sequence[Notice], what: str, *, at: datetime) -> None:
    """Tell many people at once; nobody, where the list is empty."""
    if not told:
        return
    letters = [
        (list(one.to), _facts(one.user_name, one.display_name, at) | dict(one.facts))
        for one in told
    ]
    for postman in postmen.values():
        transaction.on_commit(partial(postman.many_notices, what, letters))


def _facts(user_name: str, display_name: str, at: datetime) -> dict[str, str]:
    return {
        "user_name": user_name,
        "display_name": display_name,
        "at": at.isoformat(),
        "address": current().address,
    }


def mail(invitation: Invitation) -> None:
    """Have an invitation mailed now. Should this be missed, upkeep sends it within a minute."""
    for postman in postmen.values():
        transaction.on_commit(partial(postman.invitation, invitation.pk))


def mail_due() -> None:
    """Have all invitations mailed that are due, once what made them is committed."""
    for postman in postmen.values():
        transaction.on_commit(postman.invitations)
