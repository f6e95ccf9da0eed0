from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import ServiceAccount
from tokens.credentials.models import Credential, CredentialStatus
from tokens.credentials.types.provisioning_token import PROVISIONING_TOKEN


@dataclass(frozen=True)
class Client:
    """A service account with its token of now, or the last one that it had."""

    account: ServiceAccount
    token: Credential
    state: str
    """That of the token, or of the account where that is stopped."""


def tokens() -> QuerySet[Credential]:
    found = Credential.objects.filter(
        kind=PROVISIONING_TOKEN, identity__service_account__deleted_at=None
    )
    return found.select_related("identity__service_account__owner")


def tokens_of(account_id: UUID) -> list[Credential]:
    """The newest first."""
    return list(tokens().filter(identity=account_id).order_by("-created_at", "-pk"))


def for_list(now: datetime) -> list[Client]:
    """Every client once, by name; a tenant has a handful."""
    newest: dict[UUID, Credential] = {}
    for token in tokens().order_by("created_at", "pk"):
        newest[token.identity_id] = token
    found = [client_of(token, now) for token in newest.values()]
    return sorted(found, key=lambda client: (client.account.name.casefold(), client.account.pk))


def client_of(token: Credential, now: datetime) -> Client:
    account = token.identity.service_account
    state: str = token.status_at(now)
    if state in (CredentialStatus.ACTIVE, CredentialStatus.RETIRING):
        if not token.identity.is_active:
            state = "disabled"
        elif account.ends_at is not None and account.ends_at <= now:
            state = "ended"
    return Client(account, token, state)
