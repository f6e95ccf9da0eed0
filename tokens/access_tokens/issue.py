"""The one write of the token path: claim the assertion, re-check the state, record the event."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accounts.audit.actors import ActorKind
from accounts.audit.context import RequestFacts
from accounts.audit.plain import safe_line
from tokens.access_tokens.claims import Claims

EVENT = "token.issued"
SUBJECT_TYPES = {ActorKind.SERVICE.value: "service_account"}
"""What the log calls a holder, by kind; all others are identities."""


@dataclass(frozen=True)
class Replay:
    """What makes a proof single-use: remembered until it could not be accepted anyway."""

    jti_hash: bytes
    until: datetime


@dataclass(frozen=True)
class Holder:
    """Whom a token is issued to, as the audit log names them."""

    name: str
    kind: str = ActorKind.SERVICE


@dataclass(frozen=True)
class Entry:
    """One issued token, as it is written."""

    claims: Claims
    holder: Holder
    key_id: str
    replay: Replay | None
    facts: RequestFacts
    now: datetime
    client_method: str = ""
    """By which way a client secret came, where one did: in an address it is left in logs."""


# The state was read a moment ago; between that read and this write the account may have been
# disabled or the key revoked. So the write looks again, in the same statement that claims the
# `jti`: no row comes of it unless everything still holds.
_STILL_GOOD = """
    SELECT 1 FROM tokens_credential c
    JOIN accounts_identity i ON i.id = c.identity_id
    LEFT JOIN tokens_tokengeneration g ON g.identity_id = i.id
    WHERE c.id = %(credential)s AND i.id = %(identity)s
      AND c.revoked_at IS NULL AND (c.retires_at IS NULL OR c.retires_at > %(now)s)
      AND (c.expires_at IS NULL OR c.expires_at > %(now)s)
      AND i.disabled_at IS NULL AND i.deleted_at IS NULL
      AND COALESCE(g.number, 0) + c.generation = %(generation)s
"""
_CLAIM = f"""
    INSERT INTO tokens_usedassertion (identity_id, jti_hash, expires_at)
    SELECT %(identity)s, %(jti_hash)s, %(until)s WHERE EXISTS ({_STILL_GOOD})
    ON CONFLICT (identity_id, jti_hash) DO NOTHING
    RETURNING id
"""
_COLUMNS = (
    "at, action, outcome, actor_kind, actor_id, actor_label, subject_type, subject_id,"
    " subject_label, reason, detail, address, user_agent, request_id"
)
_VALUES = (
    "%(now)s, 'token.issued', 'done', %(kind)s, %(identity_text)s, %(name)s, %(subject)s,"
    " %(identity_text)s, %(name)s, '', %(detail)s, %(address)s, %(user_agent)s, %(request_id)s"
)


def write(entry: Entry) -> bool:
    """Record that a token is issued, all or nothing.

    False if the assertion was used before or the account or key was stopped meanwhile; then
    nothing was written. On PostgreSQL this is a single statement and round trip. SQLite cannot
    write two tables in one statement, so there it is two in one transaction, without any round
    trip at all.
    """
    if entry.replay is None:
        return _write_event(_parameters(entry))
    if connection.vendor == "postgresql":
        return _write_at_once(_parameters(entry))
    return _write_in_turn(_parameters(entry))


def _parameters(entry: Entry) -> dict[str, Any]:
    claims = entry.claims
    adapt = connection.ops.adapt_datetimefield_value
    sqlite = connection.vendor == "sqlite"
    detail = {
        "scopes": list(claims.scopes),
        "kid": entry.key_id,
        "credential": str(claims.credential_id),
        "token_id": claims.token_id,
        "expires_at": claims.expires_at,
        **({"sent_by": entry.client_method} if entry.client_method else {}),
        **({"audience": claims.audience} if claims.audience else {}),
    }
    return {
        "identity": claims.subject.hex if sqlite else claims.subject,
        "credential": claims.credential_id.hex if sqlite else claims.credential_id,
        "identity_text": str(claims.subject),
        "generation": claims.generation,
        "jti_hash": entry.replay.jti_hash if entry.replay else None,
        "until": adapt(entry.replay.until) if entry.replay else None,
        "now": adapt(entry.now),
        "name": safe_line(entry.holder.name, 200),
        "kind": entry.holder.kind,
        "subject": SUBJECT_TYPES.get(entry.holder.kind, "identity"),
        "detail": json.dumps(detail),
        "address": entry.facts.address,
        "user_agent": safe_line(entry.facts.user_agent, 300),
        "request_id": entry.facts.request_id,
    }


def _write_event(parameters: dict[str, Any]) -> bool:
    """One statement on every database: nothing is claimed."""
    values = _VALUES
    if connection.vendor == "postgresql":
        values = _VALUES.replace("%(detail)s", "%(detail)s::jsonb")
    statement = f"""
        INSERT INTO accounts_event ({_COLUMNS})
        SELECT {values} WHERE EXISTS ({_STILL_GOOD}) RETURNING id
    """  # constants of this module; values are parameters
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone() is not None


def _write_at_once(parameters: dict[str, Any]) -> bool:
    statement = f"""
        WITH claim AS ({_CLAIM})
        INSERT INTO accounts_event ({_COLUMNS})
        SELECT {_VALUES.replace("%(detail)s", "%(detail)s::jsonb")} FROM claim
        RETURNING id
    """  # noqa: S608  # constants of this module; values are parameters
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone() is not None


def _write_in_turn(parameters: dict[str, Any]) -> bool:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, parameters)
        if cursor.fetchone() is None:
            return False
        cursor.execute(f"INSERT INTO accounts_event ({_COLUMNS}) VALUES ({_VALUES})", parameters)  # noqa: S608
        return True
