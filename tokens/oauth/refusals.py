"""What is kept of a refused token request: everything for the audit log, nothing for the caller."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from accounts.audit.actors import UnknownActor
from accounts.models import Identity, ServiceAccount
from tokens.edge import refusals
from tokens.oauth.errors import OAuthError

ACTION = "token.refused"


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


def note(error: OAuthError, now: datetime) -> None:
    account = _named(error)
    refusals.note(
        ACTION,
        by=UnknownActor(label=error.claimed or (account.audit_label if account else "Not known")),
        subject=account,
        code=error.code,
        reason=error.reason,
        now=now,
        detail=({"kid": error.key_id} if error.key_id else {})
        | refusals.of_part(error.part, error.credential_id),
    )
