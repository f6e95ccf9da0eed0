"""What is kept of a refused token request: everything for the audit log, nothing for the caller."""

from __future__ import annotations

from datetime import datetime
from enum import Enum, auto
from uuid import UUID

from accounts.audit.actors import UnknownActor
from accounts.models import Identity, ServiceAccount
from tokens.edge import refusals
from tokens.oauth.errors import OAuthError

ISSUE_REFUSED = "token.refused"
INTROSPECTION_REFUSED = "token.introspection_refused"
REVOCATION_REFUSED = "token.revocation_refused"


class At(Enum):
    """The endpoint that refused."""

    TOKEN = auto()
    INTROSPECTION = auto()
    REVOCATION = auto()


def _named(error: OAuthError) -> ServiceAccount | Identity | None:
    """The account that the refusal concerns, also where only its id was claimed."""
    account_id = error.account_id
    if account_id is None and error.claimed:
        try:
            account_id = UUID(error.claimed)
        except ValueError:
            return None
    if account_id is None:
        return None
    account = ServiceAccount.objects.filter(pk=account_id).first()
    return account or Identity.objects.get_queryset().filter(pk=account_id).first()


def note(error: OAuthError, now: datetime, *, at: At = At.TOKEN) -> None:
    account = _named(error)
    refusals.note(
        INTROSPECTION_REFUSED
        if at is At.INTROSPECTION
        else REVOCATION_REFUSED
        if at is At.REVOCATION
        else ISSUE_REFUSED,
        by=UnknownActor(label=error.claimed or (account.audit_label if account else "Not known")),
        subject=account,
        code=error.code,
        reason=error.reason,
        now=now,
        detail=({"kid": error.key_id} if error.key_id else {})
        | refusals.of_part(error.part, error.credential_id),
    )
