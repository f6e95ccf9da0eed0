"""Callers of the introspection and revocation endpoints, as clients of the standards are."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from tests.factories.tokens import MadeToken
from tests.oauth.holder import FORM, LEFT_OUT, Holder
from tests.oauth.program import Answer, Program

INTROSPECT, REVOKE = "/oauth/introspect", "/oauth/revoke"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
INACTIVE = b'{"active": false}'


def by_key(holder: Holder, **claims: Any) -> dict[str, str]:
    """The parameters of `private_key_jwt`, fresh each time."""
    header = claims.pop("header", None)
    claims = {"aud": settings.STEWARD_PUBLIC_URL} | claims
    return {
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": holder.assertion(header=header, **claims),
    }


def by_form(made: MadeToken) -> dict[str, str]:
    return {"client_id": made.client_id, "client_secret": made.secret}


def basic(made: MadeToken) -> dict[str, str]:
    pair = base64.b64encode(f"{made.client_id}:{made.secret}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def traded(made: MadeToken, **more: str) -> str:
    """An access token for a personal access token."""
    form = by_form(made) | {"grant_type": "client_credentials"} | more
    answer = Program().post("/oauth/token", urlencode(form), content_type=FORM)
    assert answer.status_code == 200, answer.content
    return str(answer.json()["access_token"])


@dataclass
class Caller:
    """Asks about tokens, proving itself in one way."""

    holder: Holder
    client: Program = field(default_factory=Program)

    def post(self, path: str, token: str | None = None, **form: Any) -> Answer:
        sent = {"token": token} if token is not None else {}
        sent |= by_key(self.holder) | form
        parameters = {k: v for k, v in sent.items() if v is not LEFT_OUT}
        return self.client.post(path, urlencode(parameters), content_type=FORM)

    def introspect(self, token: str, **form: Any) -> Answer:
        return self.post(INTROSPECT, token, **form)

    def revoke(self, token: str, **form: Any) -> Answer:
        return self.post(REVOKE, token, **form)

    def works(self, token: str) -> bool:
        return self.holder.get("/environment/info", token).status_code == 200
