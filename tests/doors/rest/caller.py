"""A program that holds a personal access token, and calls our API with what it trades that for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.models import Identity
from tests.factories.tokens import make_token
from tests.oauth.program import Answer, Program
from tokens.access_tokens import claims

BASE = "/api/v1"
BOUNDARY = "between-the-parts"


@dataclass
class Caller:
    """Has its access token without the way through the token endpoint."""

    holder: Identity
    scopes: Sequence[str] = ("steward:all",)
    program: Program = field(default_factory=Program)
    bearer: str = ""

    def token(self) -> str:
        if not self.bearer:
            now = timezone.now()
            made = make_token(self.holder, f"For calls {uuid4().hex}", scopes=self.scopes)
            said = claims.new_claims(
                subject=self.holder.pk,
                client_id=made.client_id,
                scopes=self.scopes,
                credential_id=made.token.pk,
                generation=0,
                now=now,
            )
            self.bearer = claims.encode(said, now)
        return self.bearer

    def get(self, path: str, **query: str) -> Answer:
        return self.program.get(f"{BASE}{path}", query, headers=self.headers())

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content_type: str = "application/json",
        **headers: str,
    ) -> Answer:
        """A body of JSON, none where it is None; headers as keywords, `if_match` for If-Match."""
        text = "" if body is None else json.dumps(body)
        return self.program.request(
            method,
            f"{BASE}{path}",
            text,
            content_type=content_type if text else "",
            headers=self.headers() | headers,
        )

    def upload(self, path: str, content: bytes, *, part: str = "file", **headers: str) -> Answer:
        """A file in a part of a form."""
        head = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{part}"; '
            'filename="accounts.csv"\r\nContent-Type: text/csv\r\n\r\n'
        )
        return self.program.request(
            "POST",
            f"{BASE}{path}",
            head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode(),
            content_type=f"multipart/form-data; boundary={BOUNDARY}",
            headers=self.headers() | headers,
        )

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.send("POST", path, body, **headers)

    def patch(self, path: str, body: Any, *, if_match: str = "*", **headers: str) -> Answer:
        return self.send("PATCH", path, body, if_match=if_match, **headers)

    def delete(self, path: str, **headers: str) -> Answer:
        return self.send("DELETE", path, **headers)

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token()}"}


def fields(answer: Answer) -> set[str]:
    """Which members a refusal names."""
    assert answer.headers["Content-Type"] == "application/problem+json", answer.content
    return {error["field"] for error in answer.json().get("errors", [])}
