"""A program that holds a key. It signs with joserfc, which shares no code with Steward's PyJWT."""

from __future__ import annotations

import json
import time
import uuid
import warnings
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import import_key

from tests.factories.accounts import Made
from tests.oauth.program import Answer, Program

TOKEN_PATH = "/am/oauth2/access_token"
GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
FORM = "application/x-www-form-urlencoded"

ALGORITHMS = {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}
EVERY_ALGORITHM = sorted(jws.JWSRegistry.algorithms)

LEFT_OUT: Any = object()
"""As the value of a claim: the claim is not sent."""


def audience(*, port: str = "", path: str = TOKEN_PATH) -> str:
    return f"{settings.STEWARD_PUBLIC_URL}{port}{path}"


def sign(
    claims: dict[str, Any] | str | bytes,
    jwk: dict[str, Any],
    *,
    header: dict[str, Any] | None = None,
) -> str:
    """A compact JWS over the claims, as an independent implementation makes it."""
    text = claims if isinstance(claims, (str, bytes)) else json.dumps(claims)
    # a `use` or `alg` in the key would keep joserfc from signing what a test wants signed
    key = import_key({k: v for k, v in jwk.items() if k not in {"use", "alg", "key_ops"}})
    head = header if header is not None else {"alg": ALGORITHMS[jwk["kty"]]}
    registry = jws.JWSRegistry(algorithms=EVERY_ALGORITHM, strict_check_header=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)  # the old name EdDSA is what is tested
        return jws.serialize_compact(head, text, key, registry=registry)


@dataclass
class Holder:
    """Asks for tokens as the vendor's clients do."""

    made: Made
    client: Program = field(default_factory=Program)

    @property
    def id(self) -> str:
        return str(self.made.account.pk)

    def claims(self, **changed: Any) -> dict[str, Any]:
        """Claims that hold, but for what a test changes."""
        claims: dict[str, Any] = {
            "iss": self.id,
            "sub": self.id,
            "aud": audience(),
            "exp": int(time.time()) + 180,
            "jti": str(uuid.uuid4()),
        }
        claims |= changed
        return {name: value for name, value in claims.items() if value is not LEFT_OUT}

    def assertion(self, *, header: dict[str, Any] | None = None, **changed: Any) -> str:
        return sign(self.claims(**changed), self.made.private_jwk, header=header)

    def ask(
        self, assertion: str | None = None, *, scope: str = "fr:am:* fr:idm:*", **form: Any
    ) -> Answer:
        """POST to the token endpoint, by default with a fresh assertion that holds."""
        parameters = {
            "assertion": self.assertion() if assertion is None else assertion,
            "client_id": "service-account",
            "grant_type": GRANT_TYPE,
            "scope": scope,
        } | form
        body = "&".join(f"{k}={v}" for k, v in parameters.items() if v is not LEFT_OUT)
        return self.post(body)

    def post(self, body: str | bytes, path: str = TOKEN_PATH, **headers: str) -> Answer:
        """As it stands, with literal spaces, colons and asterisks."""
        return self.client.post(path, body, content_type=FORM, headers=headers)

    def token(self, *, scope: str = "fr:am:* fr:idm:*") -> str:
        answer = self.ask(scope=scope)
        assert answer.status_code == 200, answer.content
        return str(answer.json()["access_token"])

    def get(self, path: str, token: str | None = None, **query: str) -> Answer:
        """GET a resource with a token in the header."""
        return self.client.get(path, query, headers=self.bearer(token))

    def bearer(self, token: str | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token() if token is None else token}"}
