from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from tokens.access_tokens.issue import Replay
from tokens.oauth.accounts import Account
from tokens.oauth.client_auth import ClientSecret

Form = Mapping[str, str]
"""The request's parameters, each known to come once (RFC 6749 section 3.2)."""


@dataclass(frozen=True)
class Proof:
    """What a grant has proved: who asks, with which credential, and what makes it single-use."""

    account: Account
    credential_id: UUID
    key_id: str
    """The key's `kid`, or the name of a token."""
    client_id: str
    generation: int
    """What the access token carries, so that it can be revoked with all issued before it."""
    replay: Replay | None = None
    """None where the same proof may be used again and again."""
    scopes: Sequence[str] | None = None
    """What the credential itself is bound to; None where only the account's scopes count."""
    lifetime_seconds: int | None = None
    """How long the access token lives; None for the usual time."""


@dataclass(frozen=True)
class Asked:
    """The circumstances of a request that a proof may be bound to."""

    now: datetime
    audiences: frozenset[str]
    """Canonical forms of what an assertion may name as its audience."""
    client: ClientSecret | None = None
    """What the client proved itself with."""


class Grant(Protocol):
    """A way to get a token. It proves who asks and nothing more.

    Whether that account may have a token, and with which scopes, is decided by the endpoint for
    all grants alike: a grant has no way round it.
    """

    name: str
    """The `grant_type`."""
    client_id: str | None
    """The built-in public client that uses it; None where clients authenticate."""

    def prove(self, form: Form, asked: Asked) -> Proof:
        """Check the proof in the form.

        Raises:
            InvalidRequest, InvalidGrant, InvalidClient: with the reason for the audit log.
        """
        ...
