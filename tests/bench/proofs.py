"""Assertions in stock: signing takes longer than verifying, and is not what is measured."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

from joserfc import jws
from joserfc.jwk import import_key

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ALGORITHMS = {"RSA": "RS256", "EC": "ES256", "OKP": "Ed25519"}
LIFETIME_SECONDS = 900
"""The longest that is accepted, so that none runs out while it waits."""


def algorithm_of(jwk: dict[str, Any]) -> str:
    return ALGORITHMS[jwk["kty"]]


def forms(url: str, account: str, jwk: dict[str, Any], scope: str, count: int) -> list[bytes]:
    """The bodies of `count` token requests, each with a proof of its own."""
    key, header = import_key(jwk), {"alg": algorithm_of(jwk), "kid": jwk["kid"]}
    audience, expires = f"{url}/am/oauth2/access_token", int(time.time()) + LIFETIME_SECONDS
    bodies = []
    for _number in range(count):
        claims = {
            "iss": account,
            "sub": account,
            "aud": audience,
            "exp": expires,
            "jti": str(uuid.uuid4()),
        }
        assertion = jws.serialize_compact(
            header, json.dumps(claims), key, algorithms=[header["alg"]]
        )
        form = f"assertion={assertion}&client_id=service-account&grant_type={GRANT_TYPE}"
        bodies.append(f"{form}&scope={scope}".encode())
    return bodies
