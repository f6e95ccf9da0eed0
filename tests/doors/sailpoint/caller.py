"""A program that holds a personal access token, and calls with what it trades that for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from accounts.models import Identity
from tests.factories.tokens import make_token
from tests.oauth.program import Answer, Program

BOUNDARY = "a-boundary"


@dataclass
class Caller:
    """Trades its token once, when it calls first."""

    holder: Identity
    scopes: Sequence[str] = ("sp:scopes:all",)
    program: Program = field(default_factory=Program)
    bearer: str = ""

    def token(self) -> str:
        if not self.bearer:
            name = f"Token {len(self.scopes)} {self.scopes[0]}"[:90]
            made = make_token(self.holder, name, scopes=self.scopes)
            form = {
                "grant_type": "client_credentials",
                "client_id": made.client_id,
                "client_secret": made.secret,
            }
            answer = self.program.post(
                "/oauth/token", urlencode(form), content_type="application/x-www-form-urlencoded"
            )
            assert answer.status_code == 200, answer.content
            self.bearer = answer.json()["access_token"]
        return self.bearer

    def get(self, path: str, **query: str) -> Answer:
        return self.program.get(path, query, headers=self.headers())

    def send(
        self, method: str, path: str, body: Any = None, *, content_type: str = "application/json"
    ) -> Answer:
        """A body of JSON; none where it is None."""
        text = "" if body is None else json.dumps(body)
        return self.program.request(
            method,
            path,
            text,
            content_type=content_type if text else "",
            headers=self.headers(),
        )

    def upload(self, path: str, content: bytes, *, part: str = "file", **fields: str) -> Answer:
        """A file in a part of a form, and other fields beside it."""
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ]
        head = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{part}"; '
            'filename="accounts.csv"\r\nContent-Type: text/csv\r\n\r\n'
        )
        body = (
            "".join(parts).encode() + head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
        )
        return self.program.post(
            path,
            body,
            content_type=f"multipart/form-data; boundary={BOUNDARY}",
            headers=self.headers(),
        )

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token()}"}


def said(answer: Answer) -> str:
    """The text of a refusal."""
    return str(answer.json()["messages"][0]["text"])
