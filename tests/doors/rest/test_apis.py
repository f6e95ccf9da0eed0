"""The tenant's own APIs, and all scopes, by our own API."""

from __future__ import annotations

import pytest

from accounts.models import Identity
from tests.doors.rest.caller import Caller, fields
from tests.factories import make_account
from tests.factories.apis import make_api, make_scope
from tokens.models import Api, ApiScope

pytestmark = pytest.mark.django_db


def test_an_api_and_its_scopes_are_made_changed_and_removed(admin: Caller) -> None:
    made = admin.post("/apis", {"name": "Payroll", "audience": "https://pay.example.com"})
    assert made.status_code == 201, made.content
    path = f"/apis/{made.json()['id']}"
    changed = admin.patch(path, {"description": "Pays"}, if_match=made.headers["ETag"])
    assert (changed.status_code, changed.json()["description"]) == (200, "Pays")
    assert admin.patch(path, {"name": "x"}, if_match='"1"').status_code == 412

    scope = admin.post(f"{path}/scopes", {"name": "pay:all", "description": "All of it."})
    assert scope.status_code == 201, scope.content
    assert scope.headers["Location"] == f"/api/v1{path}/scopes/{scope.json()['id']}"
    body = {"name": "pay:read", "description": "Read.", "parent": scope.json()["id"]}
    below = admin.post(f"{path}/scopes", body).json()
    assert below["parent"]["name"] == "pay:all"
    one = f"{path}/scopes/{below['id']}"
    assert admin.patch(one, {"restricted": True}).json()["restricted"] is True
    assert admin.patch(one, {"parent": below["id"]}).status_code == 422
    listed = admin.get(f"{path}/scopes").json()["items"]
    assert [each["name"] for each in listed] == ["pay:all", "pay:read"]
    names = [each["scope"] for each in admin.get("/scopes").json()["items"]]
    assert {"pay:read", "fr:am:*", "steward:all"} <= set(names)
    assert admin.delete(one).status_code == 204
    assert admin.delete(path).status_code == 204
    assert not Api.objects.exists()


def test_what_a_scope_was_given_to_has_it_no_more_when_it_is_removed(admin: Caller) -> None:
    api = make_api()
    scope = make_scope(api, "pay:read")
    account = make_account("loader", scopes=["fr:am:*", "pay:read"]).account
    assert admin.delete(f"/apis/{api.pk}/scopes/{scope.pk}").status_code == 204
    account.refresh_from_db()
    assert account.scopes == ["fr:am:*"]


def test_who_may_not_change_the_tenant_only_reads(vera: Identity, mallory: Identity) -> None:
    api = make_api()
    auditor, nobody = Caller(vera), Caller(mallory)
    assert [each["name"] for each in auditor.get("/apis", q="pay").json()["items"]] == ["Payroll"]
    assert nobody.get("/apis").status_code == 403
    assert nobody.get("/scopes").status_code == 200
    for caller in (auditor, nobody):
        body = {"name": "x", "audience": "https://x.example.com"}
        assert caller.post("/apis", body).status_code == 403
        assert caller.patch(f"/apis/{api.pk}", {"name": "x"}).status_code == 403
        assert caller.delete(f"/apis/{api.pk}").status_code == 403
        scope = {"name": "pay:x", "description": "x"}
        assert caller.post(f"/apis/{api.pk}/scopes", scope).status_code == 403
    assert not ApiScope.objects.exists()


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"name": "x", "audience": "no address"}, "audience"),
        ({"name": "x"}, "audience"),
        (
            {
                "name": "x",
                "audience": "https://x.example.com",
                "account": "00000000-0000-4000-8000-000000000000",
            },
            "account",
        ),
    ],
)
def test_what_cannot_be_taken_is_named(admin: Caller, body: object, wrong: str) -> None:
    answer = admin.post("/apis", body)
    assert answer.status_code == 422, answer.content
    assert fields(answer) == {wrong}
