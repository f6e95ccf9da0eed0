"""The one read of the token path."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import LevelAssignment
from tokens.credentials.types.key_pair import KEY_PAIR
from tokens.edge.database import first_read


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


# Written out, because this is asked for every token: building it anew each time from a queryset
# takes longer than everything else that a token request does. What "usable" means is said once
# more here; a test holds it against `Credential.objects.usable_at`.
_WITH_KEYS = """
    SELECT c.id, c.key_id, c.algorithm, c.public,
           s.name, s.scopes, s.deleted_at, s.ends_at, i.disabled_at, i.deleted_at, g.number
    FROM tokens_credential c
    JOIN accounts_identity i ON i.id = c.identity_id
    JOIN accounts_serviceaccount s ON s.identity_id = c.identity_id
    LEFT JOIN tokens_tokengeneration g ON g.identity_id = c.identity_id
    WHERE c.identity_id = %(account)s AND c.kind = %(kind)s AND c.revoked_at IS NULL
      AND (c.expires_at IS NULL OR c.expires_at > %(now)s)
      AND (c.retires_at IS NULL OR c.retires_at > %(now)s)
    ORDER BY c.created_at DESC, c.id
"""


def with_keys(account_id: UUID, now: datetime) -> tuple[Account, list[KeyFacts]] | None:
    """An account and its usable keys; None where there is no such account or no such key."""
    sqlite = connection.vendor == "sqlite"
    parameters = {
        "account": account_id.hex if sqlite else account_id,
        "kind": KEY_PAIR,
        "now": connection.ops.adapt_datetimefield_value(now),
    }
    rows = first_read(lambda: _ask(parameters))
    if not rows:
        return None
    name, scopes, deleted_at, ends_at, disabled_at, buried_at, generation = rows[0][4:]
    account = Account(
        id=account_id,
        name=name,
        scopes=tuple(json.loads(scopes)),
        generation=generation or 0,
        disabled=disabled_at is not None,
        deleted=deleted_at is not None or buried_at is not None,
        ends_at=_time(ends_at),
    )
    return account, [KeyFacts(UUID(str(row[0])), *row[1:4]) for row in rows]


def levels_of(account_id: UUID) -> frozenset[str]:
    """The user levels that an account holds."""
    held = LevelAssignment.objects.filter(identity_id=account_id).values_list("level", flat=True)
    return frozenset(held)


def _ask(parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_WITH_KEYS, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _time(stored: datetime | None) -> datetime | None:
    """SQLite has no type for times; they are kept there in UTC, without saying so."""
    return stored.replace(tzinfo=UTC) if stored and stored.tzinfo is None else stored
