"""The one read of the token path."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tokens.credentials.models import Credential
from tokens.credentials.types.key_pair import KEY_PAIR


@dataclass(frozen=True)
class Account:
    """What the token endpoint reads of an account, in one statement."""

    id: UUID
    name: str
    scopes: tuple[str, ...]
    generation: int
    disabled: bool
    deleted: bool
    ends_at: datetime | None


@dataclass(frozen=True)
class KeyFacts:
    """A usable key of an account."""

    credential_id: UUID
    key_id: str
    algorithm: str
    public: str


_FIELDS = (
    "pk",
    "key_id",
    "algorithm",
    "public",
    "identity__service_account__name",
    "identity__service_account__scopes",
    "identity__service_account__deleted_at",
    "identity__service_account__ends_at",
    "identity__disabled_at",
    "identity__token_generation__number",
)


def with_keys(account_id: UUID, now: datetime) -> tuple[Account, list[KeyFacts]] | None:
    """An account and its usable keys; None where there is no such account or no such key."""
    rows = list(
        Credential.objects.usable_at(now)
        .filter(identity_id=account_id, kind=KEY_PAIR, identity__service_account__isnull=False)
        .order_by("-created_at", "pk")
        .values_list(*_FIELDS)
    )
    if not rows:
        return None
    name, scopes, deleted_at, ends_at, disabled_at, generation = rows[0][4:]
    account = Account(
        id=account_id,
        name=name,
        scopes=tuple(scopes),
        generation=generation or 0,
        disabled=disabled_at is not None,
        deleted=deleted_at is not None,
        ends_at=ends_at,
    )
    return account, [KeyFacts(*row[:4]) for row in rows]
