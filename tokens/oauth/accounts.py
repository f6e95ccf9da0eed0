"""The one read of the token path."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Subquery

from accounts.identities.models import IdentityKind
from accounts.models import LevelAssignment, Membership, RoleAssignment, TenantSetting
from tokens.access_tokens.lifetimes import LONGEST
from tokens.credentials.models import Credential, CredentialStatus
from tokens.credentials.types.key_pair import KEY_PAIR
from tokens.credentials.types.personal_access_token import PERSONAL_ACCESS_TOKEN
from tokens.edge.database import first_read

NOBODY = UUID(int=0)
"""No identity and no credential. It is looked for where the id is none, so that this takes as
long."""


@dataclass(frozen=True)
class Account:
    """What the token endpoint reads of an account, in one statement.

    `kind` is that of its identity; people have no record of a service account.
    """

    id: UUID
    name: str
    scopes: tuple[str, ...]
    generation: int
    disabled: bool
    deleted: bool
    ends_at: datetime | None
    kind: str = IdentityKind.SERVICE
    has_roles: bool = False
    """Whether it belongs to a group or has a role: what they carry is then read apart."""
    longest_seconds: int = LONGEST.default
    """How long the tenant lets any access token live."""

    def why_stopped(self, now: datetime) -> str:
        """Why it may do nothing at `now`; empty if it may."""
        if self.deleted:
            return "The account is deleted."
        if self.disabled:
            return "The account is disabled."
        if self.ends_at is not None and self.ends_at <= now:
            return "The account has ended."
        return ""


@dataclass(frozen=True)
class TokenFacts:
    """A personal access token of an account."""

    credential_id: UUID
    name: str
    secret_hash: bytes
    scopes: tuple[str, ...]
    access_token_seconds: int
    expires_at: datetime | None
    status: CredentialStatus


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
           s.name, s.scopes, s.deleted_at, s.ends_at, i.disabled_at, i.deleted_at, g.number,
           EXISTS (SELECT 1 FROM accounts_membership m WHERE m.identity_id = i.id)
           OR EXISTS (SELECT 1 FROM accounts_roleassignment r WHERE r.identity_id = i.id),
           (SELECT t.value FROM accounts_tenantsetting t WHERE t.name = %(longest)s)
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
        "longest": LONGEST.name,
    }
    rows = first_read(lambda: _ask(parameters))
    if not rows:
        return None
    name, scopes, deleted_at, ends_at, disabled_at, buried_at, *more = rows[0][4:]
    generation, has_roles, longest = more
    account = Account(
        id=account_id,
        name=name,
        scopes=tuple(json.loads(scopes)),
        generation=generation or 0,
        disabled=disabled_at is not None,
        deleted=deleted_at is not None or buried_at is not None,
        ends_at=_time(ends_at),
        has_roles=bool(has_roles),
        longest_seconds=LONGEST.default if longest is None else int(json.loads(longest)),
    )
    return account, [KeyFacts(UUID(str(row[0])), *row[1:4]) for row in rows]


HAS_ROLES = Exists(Membership.objects.filter(identity=OuterRef("identity"))) | Exists(
    RoleAssignment.objects.filter(identity=OuterRef("identity"))
)
"""Of a credential: whether its identity belongs to a group or has a role."""


def levels_of(account_id: UUID) -> frozenset[str]:
    """The user levels that an account holds."""
    held = LevelAssignment.objects.filter(identity_id=account_id).values_list("level", flat=True)
    return frozenset(held)


def with_token(token_id: UUID, now: datetime) -> tuple[Account, TokenFacts] | None:
    """A personal access token in whatever state and whose it is; None where there is none."""
    longest = TenantSetting.objects.filter(name=LONGEST.name).values("value")
    found = (
        Credential.objects.filter(pk=token_id, kind=PERSONAL_ACCESS_TOKEN)
        .select_related("identity__service_account", "identity__token_generation")
        .annotate(longest=Subquery(longest), has_roles=HAS_ROLES)
    )
    token = first_read(found.first)
    if token is None:
        return None
    identity = token.identity
    service = getattr(identity, "service_account", None)
    generation = getattr(identity, "token_generation", None)
    allowed = token.longest  # type: ignore[attr-defined]  # annotated above
    account = Account(
        id=identity.pk,
        name=service.name if service else identity.user_name,
        scopes=tuple(service.scopes) if service else (),
        generation=generation.number if generation else 0,
        disabled=identity.disabled_at is not None,
        deleted=identity.deleted_at is not None or bool(service and service.deleted_at),
        ends_at=service.ends_at if service else None,
        kind=identity.kind,
        has_roles=token.has_roles,  # type: ignore[attr-defined]  # it is annotated above
        longest_seconds=LONGEST.default if allowed is None else int(allowed),
    )
    assert token.access_token_seconds is not None  # the table says so
    assert token.secret_hash is not None
    facts = TokenFacts(
        credential_id=token.pk,
        name=token.name,
        secret_hash=bytes(token.secret_hash),
        scopes=tuple(token.scopes),
        access_token_seconds=token.access_token_seconds,
        expires_at=token.expires_at,
        status=token.status_at(now),
    )
    return account, facts


def _ask(parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_WITH_KEYS, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _time(stored: datetime | None) -> datetime | None:
    """SQLite has no type for times; they are kept there in UTC, without saying so."""
    return stored.replace(tzinfo=UTC) if stored and stored.tzinfo is None else stored
