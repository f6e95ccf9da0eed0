"""Every call of our REST API, of the Table API and of SCIM, with the token of every kind of caller,
held against what the document says that it needs, and against one table.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

import pytest

from accounts.models import Identity
from tests.authorization.conftest import Examples
from tests.authorization.test_every_caller import ADMINISTRATOR, TABLE
from tests.doors.rest.caller import Caller
from tests.doors.scim.caller import PATCH
from tests.doors.scim.caller import Caller as ScimCaller
from tests.doors.servicenow.caller import Caller as TableCaller
from tests.factories import make_account, make_person
from tokens.doors.rest.document import openapi
from tokens.doors.servicenow.tables import tables

pytestmark = [pytest.mark.django_db, pytest.mark.postgres, pytest.mark.timeout(1500)]

NOWHERE: Final = "00000000-0000-4000-8000-000000000000"
KINDS: Final = (
    *("administrator", "auditor", "owner", "other owner", "approver", "basic user"),
    "service account",
)
CREATED_BY: Final = dict.fromkeys(["sys_user_group", "sys_user_grmember"], ADMINISTRATOR)
"""Of the tables in which records are made, who makes them."""
WITH_BODY: Final = ("POST", "PUT", "PATCH")
CHANGING: Final = ("PUT", "PATCH", "DELETE")
NOTHING: Final = "0" * 32
READS_PEOPLE: Final = frozenset({"administrator", "auditor"})
"""Of these kinds, who sees identities and groups by permission."""
PATCH_OF_NOTHING: Final = {
    "schemas": [PATCH],
    "Operations": [{"op": "replace", "path": "displayName", "value": "x"}],
}
"""No user and no group, but what a change of one may be."""
STRANGERS: Final = frozenset({"other owner", "approver", "basic user", "service account"})
"""To whom nothing of what there is belongs."""
FOR_PEOPLE: Final = frozenset({("DELETE", "/requests/delegation")})
"""What a service account has not, whatever it may do."""
AT_ONCE: Final = 50
"""Calls of one token: a hundred in ten seconds are let through."""


@pytest.fixture
def holders(world: Examples, ada: Identity, vera: Identity) -> dict[str, Identity]:
    """One of each kind, as in the table of every caller."""
    owner = Identity.objects.get(pk=world["uuid", "identity_id"])
    approver, other = make_person("approver"), make_person("other")
    make_account("theirs", owner=other)
    owner.manager = approver
    owner.save(update_fields=["manager"])
    scopes = ["steward:all", "useraccount"]
    return {
        "administrator": ada,
        "auditor": vera,
        "owner": owner,
        "other owner": other,
        "approver": approver,
        "basic user": make_person("basic"),
        "service account": make_account("machine", scopes=scopes).account.identity,
    }


def operations() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Method, path with ids of nothing, and the permissions of which any one is enough."""
    for path, item in openapi()["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict) and "operationId" in operation:
                needed = frozenset(operation.get("x-permissions", ()))
                numbers = {
                    each["name"]
                    for each in operation.get("parameters", ())
                    if each["in"] == "path" and each["schema"].get("type") == "integer"
                }
                yield method.upper(), _nowhere(path.removeprefix("/api/v1"), numbers), needed


def _nowhere(path: str, numbers: Collection[str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda part: "987654321" if part[1] in numbers else NOWHERE, path)


@pytest.mark.parametrize("kind", KINDS)
def test_our_own_api(holders: dict[str, Identity], kind: str) -> None:
    """With every scope, it is the person's permissions that open a call, or do not."""
    wrong, calls = {}, list(operations())
    for start in range(0, len(calls), AT_ONCE):
        caller = Caller(holders[kind])
        for method, address, needed in calls[start : start + AT_ONCE]:
            answer = caller.send(method, address, None if method == "GET" else {})
            assert answer.status_code < 500, (method, address, answer.content)
            assert answer.status_code not in (401, 429), (method, address, answer.content)
            expected = not needed or any(kind in TABLE.get(mark, ADMINISTRATOR) for mark in needed)
            if kind == "service account" and (method, address) in FOR_PEOPLE:
                expected = False
            if (answer.status_code != 403) is not expected:
                wrong[f"{method} {address} {sorted(needed)}"] = answer.status_code
    assert wrong == {}


@pytest.mark.parametrize("kind", KINDS)
def test_our_own_api_without_a_scope(holders: dict[str, Identity], kind: str) -> None:
    """Nor do permissions, where the token lacks the scope."""
    wrong, calls = {}, list(operations())
    for start in range(0, len(calls), AT_ONCE):
        caller = Caller(holders[kind], scopes=["useraccount"])
        for method, address, _needed in calls[start : start + AT_ONCE]:
            answer = caller.send(method, address, None if method == "GET" else {})
            if answer.status_code != 403:
                wrong[f"{method} {address}"] = answer.status_code
    assert wrong == {}


@pytest.mark.parametrize("kind", KINDS)
def test_tables(holders: dict[str, Identity], kind: str) -> None:
    """Everybody lists what is theirs to see; records are made by those whom the table names."""
    caller, wrong = TableCaller(holders[kind]), {}
    for name in tables:
        where = f"/api/now/table/{name}"
        made = 400 if kind in CREATED_BY.get(name, frozenset()) else 403
        expected = {("GET", where): 200, ("POST", where): made}
        expected |= {(method, f"{where}/{NOTHING}"): 404 for method in ("GET", *CHANGING)}
        for (method, address), status in expected.items():
            answer = caller.send(method, address, {"x": "y"} if method in WITH_BODY else None)
            if answer.status_code != status:
                wrong[f"{method} {address}"] = answer.status_code
    assert wrong == {}


@pytest.mark.parametrize("kind", KINDS)
def test_provisioning(holders: dict[str, Identity], kind: str) -> None:
    """With the scopes of a directory, people read who may see them, and administrators write."""
    caller = ScimCaller(holders[kind])
    reads, writes = kind in READS_PEOPLE, kind in ADMINISTRATOR
    wrong = {}
    for noun in ("Users", "Groups"):
        calls = {("GET", f"/{noun}"): 200 if reads else 403}
        calls |= {("POST", f"/{noun}"): 400 if writes else 403}
        calls |= {("GET", f"/{noun}/{NOWHERE}"): 404 if reads else 403}
        for method in CHANGING:
            calls[method, f"/{noun}/{NOWHERE}"] = 404 if writes else 403
        for (method, address), status in calls.items():
            body = PATCH_OF_NOTHING if method in WITH_BODY else None
            answer = caller.send(method, address, body)
            if answer.status_code != status:
                wrong[f"{method} {address}"] = answer.status_code
    assert wrong == {}


def test_records_that_are_there(holders: dict[str, Identity], world: Examples) -> None:
    """Who sees all changes no more than by their rights; to a stranger nothing is there."""
    callers = {kind: TableCaller(holders[kind]) for kind in KINDS}
    seen = {name: callers["administrator"].column(name, "sys_id") for name in tables}
    there = {name: ids[0] for name, ids in seen.items() if ids}
    there["sys_user"] = world["uuid", "account_id"].hex
    assert there.keys() == tables.keys() - {"sys_user_role_contains"}
    wrong = {}
    for name, sys_id in there.items():
        where = f"/api/now/table/{name}/{sys_id}"
        for kind in KINDS:
            found = callers[kind].send("GET", where).status_code
            if found != (404 if kind in STRANGERS else 200) and kind != "owner":
                wrong[f"{kind} GET {name}"] = found
            for method in CHANGING if kind != "administrator" else ():
                body = {"active": "false", "name": "Mine"} if method in WITH_BODY else None
                changed = callers[kind].send(method, where, body).status_code
                if changed not in ({404} if kind in STRANGERS else {403, 404}):
                    wrong[f"{kind} {method} {name}"] = changed
    assert wrong == {}
