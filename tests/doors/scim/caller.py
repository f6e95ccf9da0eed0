"""A provisioning client, and what it may do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.models import Identity, Role
from accounts.roles import assigning
from tests.doors.rest.caller import Caller as RestCaller
from tests.factories import make_account
from tests.factories.groups import make_role
from tests.oauth.program import Answer, Program

BASE = "/scim/v2"
TYPE = "application/scim+json"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
SCOPES = ("scim:users:manage", "scim:groups:manage")
PERMISSIONS = (
    *("identity.view", "identity.manage", "identity.disable"),
    *("group.view", "group.provision"),
)


def make_client(name: str, *, permissions: Sequence[str] = PERMISSIONS) -> Identity:
    account = make_account(name, scopes=list(SCOPES)).account
    role = Role.objects.filter(name="Provisioning client").first()
    if role is None or list(role.permissions) != list(permissions):
        called = f"Provisioning client {Role.objects.count() or ''}".strip()
        role = make_role(called, permissions=permissions)
    assigning.assign(by=SYSTEM, identity=account.identity, role=role, at=timezone.now())
    return account.identity


@dataclass
class Caller:
    """Calls with an access token, as clients that know OAuth do."""

    holder: Identity
    scopes: Sequence[str] = SCOPES
    program: Program = field(default_factory=Program)
    bearer: str = ""

    def token(self) -> str:
        if not self.bearer:
            self.bearer = RestCaller(self.holder, self.scopes).token()
        return self.bearer

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token()}"}

    def get(self, path: str, **query: str) -> Answer:
        asked = f"{BASE}{path}{'?' + urlencode(query) if query else ''}"
        return self.program.request("GET", asked, headers=self.headers())

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        text = body if isinstance(body, (str, bytes)) else json.dumps(body) if body else ""
        return self.program.request(
            method,
            f"{BASE}{path}",
            text,
            content_type=TYPE if text else "",
            headers=self.headers() | headers,
        )

    def create(self, user_name: str, **more: Any) -> dict[str, Any]:
        answer = self.send("POST", "/Users", user(user_name, **more))
        assert answer.status_code == 201, answer.content
        made: dict[str, Any] = answer.json()
        return made

    def create_group(self, name: str, *members: str, **more: Any) -> dict[str, Any]:
        said = {"schemas": [GROUP], "displayName": name, **more}
        said["members"] = [{"value": member} for member in members]
        answer = self.send("POST", "/Groups", said)
        assert answer.status_code == 201, answer.content
        made: dict[str, Any] = answer.json()
        return made

    def patch(self, path: str, *operations: dict[str, Any], **headers: str) -> Answer:
        said = {"schemas": [PATCH], "Operations": list(operations)}
        return self.send("PATCH", path, said, **headers)

    def found(self, path: str, text: str) -> list[dict[str, Any]]:
        answer = self.get(path, filter=text)
        assert answer.status_code == 200, answer.content
        rows: list[dict[str, Any]] = answer.json().get("Resources", [])
        return rows


def user(user_name: str, **more: Any) -> dict[str, Any]:
    return {"schemas": [USER], "userName": user_name, **more}


def replace(path: str, value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}


def told(answer: Answer) -> str:
    """Why something was refused, in the words of the protocol."""
    said = answer.json()
    assert said["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"], said
    assert int(said["status"]) == answer.status_code
    return str(said.get("scimType") or said.get("detail"))
