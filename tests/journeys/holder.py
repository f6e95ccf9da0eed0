"""Whoever holds a key: signs assertions with another JOSE implementation, and calls the API."""

from __future__ import annotations

import json
import time
import uuid
from pathlib import Path
from typing import Any

import httpx
from joserfc import jwk, jwt

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ALGORITHMS = {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}


class Holder:
    """A program with an account's id and private key."""

    def __init__(self, base_url: str, account_id: str, key: dict[str, Any]) -> None:
        self.base_url, self.account_id, self.key = base_url, account_id, key

    @classmethod
    def of_file(cls, base_url: str, account_id: str, path: Path) -> Holder:
        return cls(base_url, account_id, json.loads(path.read_text()))

    def assertion(self) -> str:
        algorithm = ALGORITHMS[self.key["kty"]]
        claims = {
            "iss": self.account_id,
            "sub": self.account_id,
            "aud": f"{self.base_url}/am/oauth2/access_token",
            "exp": int(time.time()) + 180,
            "jti": str(uuid.uuid4()),
        }
        key = jwk.import_key(self.key)
        return jwt.encode({"alg": algorithm}, claims, key, algorithms=[algorithm])

    def ask(self, scope: str = "fr:idm:*") -> httpx.Response:
        """One token request."""
        form = {
            "grant_type": GRANT,
            "client_id": "service-account",
            "assertion": self.assertion(),
            "scope": scope,
        }
        return httpx.post(f"{self.base_url}/am/oauth2/access_token", data=form, timeout=20)

    def token(self, scope: str = "fr:idm:*") -> str:
        answer = self.ask(scope)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token

    def list_identities(self, token: str) -> httpx.Response:
        return httpx.get(
            f"{self.base_url}/openidm/managed/alpha_user",
            params={"_queryFilter": "true"},
            headers={"Authorization": f"Bearer {token}"},
            timeout=20,
        )
