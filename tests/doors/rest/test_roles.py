"""Roles by our own API."""

from __future__ import annotations

import pytest

from accounts.models import Identity, Role, RoleAssignment
from tests.doors.rest.caller import Caller, fields
from tests.factories.groups import make_group, make_role

pytestmark = pytest.mark.django_db


def test_a_role_is_made_changed_given_taken_and_deleted(admin: Caller, otto: Identity) -> None:
    inner = make_role("Inner")
    body = {
        "name": "Outer",
        "scopes": ["fr:idm:*"],
        "permissions": ["group.view"],
        "contains": [str(inner.pk)],
    }
    made = admin.post("/roles", body)
    assert made.status_code == 201, made.content
    path = f"/roles/{made.json()['id']}"
    assert made.json()["contains"] == [{"id": str(inner.pk), "name": "Inner"}]
    changed = admin.patch(path, {"permissions": []}, if_match=made.headers["ETag"])
    assert (changed.json()["permissions"], changed.json()["scopes"]) == ([], ["fr:idm:*"])
    assert admin.patch(path, {"name": "x"}, if_match='"1"').status_code == 412

    holder = f"{path}/holders/{otto.pk}"
    assert admin.send("PUT", holder, {}).status_code == 200
    listed = admin.get(f"{path}/holders").json()["items"]
    assert [row["user_name"] for row in listed] == ["otto"]
    assert admin.delete(holder).status_code == 204
    assert admin.delete(holder).status_code == 404
    assert admin.delete(path).status_code == 204
    assert admin.get(path).status_code == 404


def test_an_inherited_role_is_not_taken_singly(admin: Caller, otto: Identity) -> None:
    role = make_role("Reader")
    make_group("Readers", roles=[role], members=[otto])
    answer = admin.delete(f"/roles/{role.pk}/holders/{otto.pk}")
    assert (answer.status_code, answer.json()["code"]) == (409, "inherited")


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"name": "x", "permissions": ["group.manage"]}, "permissions"),
        ({"name": "x", "permissions": ["nothing.at_all"]}, "permissions"),
        ({"name": "x", "scopes": ["fr:nothing"]}, "scopes"),
        ({"name": "x", "contains": ["00000000-0000-4000-8000-000000000000"]}, "contains"),
        ({"name": "x", "scopes": "fr:idm:*"}, "scopes"),
    ],
)
def test_what_cannot_be_taken_is_named(admin: Caller, body: object, wrong: str) -> None:
    before = Role.objects.count()
    answer = admin.post("/roles", body)
    assert answer.status_code == 422, answer.content
    assert fields(answer) == {wrong}
    assert Role.objects.count() == before


def test_who_sees_groups_reads_and_only_an_administrator_changes(
    vera: Identity, mallory: Identity, otto: Identity
) -> None:
    role = make_role("Reader", scopes=["fr:am:*"])
    auditor, nobody = Caller(vera), Caller(mallory)
    assert [r["name"] for r in auditor.get("/roles", q="fr:am").json()["items"]] == ["Reader"]
    assert nobody.get("/roles").status_code == 403
    for caller in (auditor, nobody):
        assert caller.post("/roles", {"name": "Mine"}).status_code == 403
        assert caller.patch(f"/roles/{role.pk}", {"name": "Mine"}).status_code == 403
        assert caller.delete(f"/roles/{role.pk}").status_code == 403
        given = caller.send("PUT", f"/roles/{role.pk}/holders/{otto.pk}", {})
        assert given.status_code == 403
    assert Role.objects.filter(name="Reader").exists()
    assert not RoleAssignment.objects.exists()
