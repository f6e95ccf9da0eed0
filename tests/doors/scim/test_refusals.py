"""What this door does not let pass, and how it says so."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.models import Event, Group, Identity
from tests.doors.scim.caller import (
    BASE,
    BULK,
    PATCH,
    TYPE,
    USER,
    Caller,
    make_client,
    replace,
    told,
    user,
)
from tests.factories import make_person
from tests.oauth.program import Program
from tokens.doors.scim import calls
from tokens.doors.scim.resources import MOST_BYTES, MOST_OPERATIONS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/Users", "/ServiceProviderConfig", "/Schemas", "/nothing", "/"])
def test_nobody_is_let_in_without_a_token(db: None, path: str) -> None:
    answer = Program().get(f"{BASE}{path}")

    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == TYPE
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert told(answer)


def test_a_token_in_the_address_is_refused(scim: Caller) -> None:
    answer = Program().get(f"{BASE}/Users", {"access_token": scim.token()})

    assert answer.status_code == 400
    assert "header" in told(answer)


@pytest.mark.parametrize("scopes", [["steward:all"], ["useraccount"], ["sp:scopes:all"]])
def test_scopes_of_other_doors_open_nothing_here(
    client_account: Identity, scopes: list[str]
) -> None:
    answer = Caller(client_account, scopes).get("/Users")

    assert answer.status_code == 403
    assert told(answer)


def test_a_narrow_scope_reads_and_changes_nothing(client_account: Identity, otto: Identity) -> None:
    scim = Caller(client_account, ["scim:users:read"])

    assert scim.get(f"/Users/{otto.pk}").status_code == 200
    assert scim.patch(f"/Users/{otto.pk}", replace("active", False)).status_code == 403
    assert scim.send("POST", "/Users", user("bjensen")).status_code == 403
    assert scim.get("/Groups").status_code == 403
    assert [row["meta"]["resourceType"] for row in scim.get("/").json()["Resources"]] == ["User"]
    bulk = {"method": "DELETE", "path": f"/Users/{otto.pk}"}
    answer = scim.send("POST", "/Bulk", {"schemas": [BULK], "Operations": [bulk]})
    assert answer.json()["Operations"][0]["status"] == "403"
    assert Identity.objects.get_queryset().get(pk=otto.pk).is_active
    assert Event.objects.filter(action="api.refused", actor_id=str(client_account.pk)).count() >= 3


def test_a_client_without_the_permission_carries_its_scope_in_vain(otto: Identity) -> None:
    scim = Caller(make_client("Reader", permissions=["identity.view"]))

    assert scim.get(f"/Users/{otto.pk}").status_code == 200
    assert scim.patch(f"/Users/{otto.pk}", replace("title", "Boss")).status_code == 403
    assert scim.send("POST", "/Groups", {"displayName": "Mine"}).status_code == 403


def test_nobody_sees_what_another_client_calls_somebody(scim: Caller, otto: Identity) -> None:
    other = Caller(make_client("Other directory"))
    assert scim.patch(f"/Users/{otto.pk}", replace("externalId", "0001")).status_code < 300
    assert other.patch(f"/Users/{otto.pk}", replace("externalId", "xyz")).status_code < 300

    assert scim.get(f"/Users/{otto.pk}").json()["externalId"] == "0001"
    assert other.get(f"/Users/{otto.pk}").json()["externalId"] == "xyz"
    assert other.found("/Users", 'externalId eq "0001"') == []
    assert [each["id"] for each in scim.found("/Users", 'externalId eq "0001"')] == [str(otto.pk)]


def test_one_external_id_is_of_one_user(scim: Caller) -> None:
    scim.create("bjensen", externalId="0001")
    answer = scim.send("POST", "/Users", user("jsmith", externalId="0001"))

    assert (answer.status_code, told(answer)) == (409, "uniqueness")
    assert not Identity.objects.people().filter(user_name="jsmith").exists()
    scim.create_group("Guides", externalId="0001")


def test_a_stale_entity_tag_changes_nothing(scim: Caller, otto: Identity) -> None:
    where = f"/Users/{otto.pk}"
    tag = scim.get(where).json()["meta"]["version"]
    assert scim.patch(where, replace("title", "Guide"), if_match=tag).status_code < 300

    for answer in (
        scim.patch(where, replace("title", "Boss"), if_match=tag),
        scim.send("PUT", where, user("otto", title="Boss"), if_match=tag),
        scim.send("DELETE", where, if_match=tag),
    ):
        assert answer.status_code == 412, answer.content
    assert scim.get(where).json()["title"] == "Guide"
    now = scim.get(where)
    same = scim.program.request(
        "GET", f"{BASE}{where}", headers=scim.headers() | {"if-none-match": now.headers["ETag"]}
    )
    assert same.status_code == 304


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/Users/nonsense", 404),
        ("GET", "/Users/00000000-0000-4000-8000-000000000000", 404),
        ("GET", "/Printers", 404),
        ("GET", "/Users/../Groups", 404),
        ("PUT", "/Users", 405),
        ("DELETE", "/Groups", 405),
        ("POST", "/ServiceProviderConfig", 405),
        ("GET", "/Me", 501),
    ],
)
def test_what_is_not_there(scim: Caller, method: str, path: str, status: int) -> None:
    answer = scim.send(method, path, {"schemas": [USER]} if method in ("PUT", "POST") else None)

    assert answer.status_code == status
    assert told(answer)


def test_a_huge_body_is_not_read(scim: Caller) -> None:
    body = json.dumps(user("bjensen", title="x" * MOST_BYTES))
    answer = scim.send("POST", "/Users", body)

    assert answer.status_code == 413
    assert told(answer)
    assert not Identity.objects.people().exists()


def test_a_bulk_of_ten_thousand_is_refused_as_a_whole(scim: Caller) -> None:
    one = {"method": "POST", "path": "/Groups", "bulkId": "a", "data": {"displayName": "x"}}
    for count in (MOST_OPERATIONS + 1, 5_000):
        body = {"schemas": [BULK], "Operations": [one] * count}
        assert scim.send("POST", "/Bulk", body).status_code == 413
    assert not Group.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"null",
        b'{"schemas": []}',
        b'{"userName": "a\\u0000b"}',
        b'{"userName": "\\ud800"}',
        b'{"userName": ["x"]}',
        b"[" * 50_000,
        b'{"userName": "' + b"\xff" * 9 + b'"}',
        json.dumps({"schemas": [USER], "userName": "x y!"}).encode(),
        json.dumps({"schemas": [USER], "userName": "x", "emails": [{"value": "no"}]}).encode(),
        json.dumps({"schemas": [USER], "userName": "x", "title": "t" * 999}).encode(),
    ],
)
def test_a_body_that_is_none_is_refused_and_writes_nothing(scim: Caller, body: bytes) -> None:
    answer = scim.program.request(
        "POST", f"{BASE}/Users", body, content_type=TYPE, headers=scim.headers()
    )
    assert answer.status_code == 400, answer.content
    assert told(answer)
    assert not Identity.objects.people().exists()


def test_a_body_of_another_type_is_refused(scim: Caller) -> None:
    answer = scim.program.request(
        "POST", f"{BASE}/Users", "<user/>", content_type="text/xml", headers=scim.headers()
    )
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": "id", "value": "00000000-0000-4000-8000-000000000000"},
        {"op": "remove", "path": "userName"},
        {"op": "replace", "path": "emails[" * 400, "value": "x"},
        {"op": "replace", "path": "(" * 300 + ")" * 300, "value": "x"},
        {"op": "frobnicate", "path": "title", "value": "x"},
    ],
)
def test_a_patch_that_cannot_be_is_refused(
    scim: Caller, otto: Identity, operation: dict[str, Any]
) -> None:
    before = scim.get(f"/Users/{otto.pk}").json()
    answer = scim.patch(f"/Users/{otto.pk}", operation)

    assert answer.status_code == 400, answer.content
    assert scim.get(f"/Users/{otto.pk}").json() == before


def test_what_a_client_may_not_choose_it_does_not_get(scim: Caller, otto: Identity) -> None:
    """Levels, roles and groups are not this door's: they are dropped, as what is not announced."""
    boss = make_person("boss", levels=["auditor"])
    said = {"roles": [{"value": "admin"}], "levels": ["admin"], "entitlements": [{"value": "x"}]}
    made = scim.create("bjensen", groups=[{"value": "x"}], **said)
    scim.patch(f"/Users/{otto.pk}", {"op": "add", "value": said})

    for pk in (made["id"], otto.pk):
        assert not Identity.objects.get_queryset().get(pk=pk).levels
    assert boss.levels == {"auditor"}


def test_whoever_calls_too_often_waits(scim: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls.limit, "wait", lambda _client: 7)
    answer = scim.get("/Users")

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert told(answer)


def test_a_patch_without_operations_is_none(scim: Caller, otto: Identity) -> None:
    answer = scim.send("PATCH", f"/Users/{otto.pk}", {"schemas": [PATCH]})
    assert answer.status_code == 400
