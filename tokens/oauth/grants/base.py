from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from tokens.access_tokens.issue import Replay
from tokens.oauth.accounts import Account

Form = Mapping[str, str]
"""The request's parameters, each known to come once (RFC 6749 section 3.2)."""


@dataclass(frozen=True)
class Proof:
    """What a grant has proved: who asks, with which credential, and what makes it single-use."""

    account: Account
    credential_id: UUID
    key_id: str
    replay: Replay


@dataclass(frozen=True)
class Asked:
    """The circumstances of a request that a proof may be bound to."""

    now: datetime
    audiences: frozenset[str]
    """Canonical forms of what an assertion may name as its audience."""


class Grant(Protocol):
    """A way to get a token. It proves who asks and nothing more.

    Whether that account may have a token, and with which scopes, is decided by the endpoint for
    all grants alike: a grant has no way round it.
    """

    name: str
    """The `grant_type`."""
    client_id: str
    """The built-in public client that uses it."""

    def prove(self, form: Form, asked: Asked) -> Proof:
        """Check the proof in the form.

        Raises:
            InvalidRequest, InvalidGrant: with the reason for the audit log.
        """
        ...
