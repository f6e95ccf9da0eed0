"""A program that proves itself by a personal access token, as this vendor's clients do."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.models import Identity
from tests.factories.tokens import MadeToken, make_token
from tests.oauth.program import Answer, Program


def basic(client_id: str, secret: str) -> str:
    return "Basic " + b64encode(f"{client_id}:{secret}".encode()).decode()


@dataclass
class Caller:
    holder: Identity
    scopes: Sequence[str] = ("useraccount",)
    program: Program = field(default_factory=Program)
    made: MadeToken | None = None

    def token(self) -> MadeToken:
        if self.made is None:
            self.made = make_token(self.holder, f"Token {self.scopes[0]}", scopes=self.scopes)
        return self.made

    def headers(self) -> dict[str, str]:
        made = self.token()
        return {
            "Authorization": basic(made.client_id, made.secret),
            "Accept": "application/json",
        }

    def get(self, path: str, **query: str) -> Answer:
        return self.program.get(path, query, headers=self.headers())

    def table(self, name: str, **query: str) -> list[dict[str, Any]]:
        """The rows of a table, with values as plain texts."""
        asked = {"sysparm_exclude_reference_link": "true"} | {
            f"sysparm_{key}": value for key, value in query.items()
        }
        answer = self.get(f"/api/now/table/{name}", **asked)
        assert answer.status_code == 200, answer.content
        found: list[dict[str, Any]] = answer.json()["result"]
        return found

    def column(self, name: str, column: str, query: str = "") -> list[Any]:
        return [row[column] for row in self.table(name, query=query, fields=column)]

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content_type: str = "application/json",
        **headers: str,
    ) -> Answer:
        text = "" if body is None else json.dumps(body)
        return self.program.request(
            method,
            path,
            text,
            content_type=content_type if text else "",
            headers=self.headers() | headers,
        )


def detail(answer: Answer) -> str:
    """Why something was refused."""
    document = answer.json()
    assert document["status"] == "failure", document
    return str(document["error"]["detail"] or document["error"]["message"])
