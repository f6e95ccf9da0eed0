"""Reads access tokens with joserfc and the published keys, as another resource server would."""

from __future__ import annotations

from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet

from tests.oauth.program import Program


def published_keys() -> KeySet:
    return KeySet.import_key_set(Program().get("/.well-known/jwks.json").json())


def read(token: str) -> jwt.Token:
    """Raises: the signature is not by a published key."""
    return jwt.decode(token, published_keys(), algorithms=["ES256"])


def claims_of(token: str) -> dict[str, Any]:
    return dict(read(token).claims)
