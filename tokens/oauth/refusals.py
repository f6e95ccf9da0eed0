"""What is kept of a refused request: everything for the audit log, nothing for the caller."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from accounts.audit import record
from accounts.audit.actors import UnknownActor
from accounts.audit.context import RequestFacts, request_facts
from accounts.audit.models import Outcome
from accounts.models import ServiceAccount
from tokens.oauth.errors import OAuthError


def _named(error: OAuthError) -> ServiceAccount | None:
    """The account that the refusal concerns, also where only its id was claimed."""
    account_id = error.account_id
    if account_id is None and error.claimed:
        try:
            account_id = UUID(error.claimed)
        except ValueError:
            return None
    return ServiceAccount.objects.filter(pk=account_id).first() if account_id else None


def record_token_refusal(error: OAuthError, facts: RequestFacts, now: datetime) -> None:
    account = _named(error)
    actor = UnknownActor(label=error.claimed or (account.name if account else "Not known"))
    with request_facts(facts):
        record(
            "token.refused",
            by=actor,
            subject=account,
            outcome=Outcome.REFUSED,
            reason=error.reason,
            detail={"error": error.code},
            at=now,
        )
