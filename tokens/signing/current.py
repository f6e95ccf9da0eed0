"""The key that signs now, and the keys that are published; the first is made when it is needed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tokens.signing import actions, keys


def signer(now: datetime) -> keys.Signer:
    """The newest key that signs already; one is made where there is none."""
    if found := keys.signer(now):
        return found
    actions.ensure_key(at=now)
    if found := keys.signer(now, fresh=True):
        return found
    raise LookupError("There is no signing key, although one was just made.")


def jwks(now: datetime) -> dict[str, Any]:
    """What verifies the tokens that are issued now: never an empty set."""
    signer(now)
    return keys.published()
