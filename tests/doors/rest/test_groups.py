"""Groups by our own API: the rules are the console's."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import Event, Group, Identity, Membership
from tests.doors.rest.caller import Caller, fields
from tests.factories.groups import make_group, make_role

pytestmark = pytest.mark.django_db


def test_a_group_is_made_read_changed_and_deleted(admin: Caller, otto: Identity) -> None:
    role = make_role("Reader")
    made = admin.post(
        "/groups", {"name": "Night shift", "manager": str(otto.pk), "roles": [str(role.pk)]}
    )
    assert made.status_code == 201, made.content
    group = made.json()
    assert made.headers["Location"] == f"/api/v1/groups/{group['id']}"
    assert group["roles"] == [{"id": str(role.pk), "name": "Reader"}]
    assert group["manager"] == {"id": str(otto.pk), "name": otto.display_name}

    path = f"/groups/{group['id']}"
    read = admin.get(path)
    assert read.json() == group
    changed = admin.patch(path, {"description": "At night"}, if_match=read.headers["ETag"])
    assert changed.status_code == 200, changed.content
    assert changed.json() == group | {
        "description": "At night",
        "revision": 2,
        "changed_at": changed.json()["changed_at"],
    }
    assert changed.headers["ETag"] == '"2"'

    assert admin.delete(path, if_match='"2"').status_code == 204
    assert admin.get(path).status_code == 404
    assert list(Event.objects.filter(subject_type="group").values_list("action", flat=True)) == [
        "group.created",
        "group.edited",
        "group.deleted",
    ]


def test_null_takes_away_and_what_is_not_sent_stays(admin: Caller, otto: Identity) -> None:
    group = make_group("Night shift", manager=otto)
    path = f"/groups/{group.pk}"
    assert admin.patch(path, {"description": "x"}).json()["manager"]["id"] == str(otto.pk)
    assert admin.patch(path, {"manager": None}).json()["manager"] is None


def test_nobody_writes_over_what_somebody_else_did(admin: Caller) -> None:
    group = make_group("Night shift")
    path, seen = f"/groups/{group.pk}", '"1"'
    assert admin.patch(path, {"name": "First"}, if_match=seen).status_code == 200
    for tag in ("2", '"', "", '"2" "3"', "W/2"):
        assert admin.patch(path, {"name": "Second"}, if_match=tag).status_code == 400, tag
    for tag in (seen, '"1", "7"', 'W/"2"', '"nothing"'):
        answer = admin.patch(path, {"name": "Second"}, if_match=tag)
        assert answer.status_code == 412, tag
        assert answer.json()["code"] == "edit_conflict"
    assert admin.send("PATCH", path, {"name": "Second"}).status_code == 428
    assert admin.delete(path, if_match=seen).status_code == 412
    assert admin.patch(path, {"name": "Second"}, if_match='"1", "2"').status_code == 200
    assert Group.objects.get().name == "Second"


def test_who_may_not_is_refused_as_in_the_console(otto: Identity, mallory: Identity) -> None:
    group = make_group("Night shift", manager=otto)
    path = f"/groups/{group.pk}"
    manager, nobody = Caller(otto), Caller(mallory)

    assert manager.get(path).status_code == 200
    assert nobody.get(path).status_code == 404
    assert nobody.get("/groups").json() == {"items": [], "next": None}
    for caller in (manager, nobody):
        assert caller.post("/groups", {"name": "Mine"}).status_code == 403
        assert caller.patch(path, {"name": "Mine"}).status_code == 403
        assert caller.delete(path).status_code == 403
        assert caller.send("PUT", f"{path}/members/{otto.pk}", {}).status_code == 403
    assert Group.objects.get().name == "Night shift"
    assert Event.objects.filter(action="api.refused").count() == 8


def test_members_come_and_go(admin: Caller, otto: Identity) -> None:
    group = make_group("Night shift")
    member = f"/groups/{group.pk}/members/{otto.pk}"
    until = (timezone.now() + timedelta(days=3)).replace(microsecond=0)

    assert admin.send("PUT", member, {}).json()["until"] is None
    put = admin.send("PUT", member, {"until": until.isoformat()})
    assert put.status_code == 200, put.content
    assert Membership.objects.get().until == until
    listed = admin.get(f"/groups/{group.pk}/members", q="ott").json()["items"]
    assert [row["user_name"] for row in listed] == ["otto"]
    assert admin.delete(member).status_code == 204
    assert admin.delete(member).status_code == 404
    assert admin.send("PUT", f"/groups/{group.pk}/members/{uuid4()}", {}).status_code == 404


def test_a_member_sees_only_themselves_in_it(admin: Caller, otto: Identity, vera: Identity) -> None:
    group = make_group("Night shift")
    for person in (otto, vera):
        admin.send("PUT", f"/groups/{group.pk}/members/{person.pk}", {})
    path = f"/groups/{group.pk}/members"
    assert [m["user_name"] for m in Caller(otto).get(path).json()["items"]] == ["otto"]
    assert [m["user_name"] for m in Caller(vera).get(path).json()["items"]] == ["otto", "vera"]


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "a" * 101}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"name": 7}, "name"),
        ({"name": "x", "manager": "otto"}, "manager"),
        ({"name": "x", "manager": "{00000000-0000-4000-8000-000000000000}"}, "manager"),
        ({"name": "x", "manager": str(uuid4())}, "manager"),
        ({"name": "x", "parent": str(uuid4())}, "parent"),
        ({"name": "x", "roles": [str(uuid4())]}, "roles"),
        ({"name": "x", "may_be_requested": "yes"}, "may_be_requested"),
        ({"name": "x", "approvers": "anyone"}, "approvers"),
        ({"name": "x", "nam": "y"}, "nam"),
    ],
)
def test_what_cannot_be_taken_is_named(admin: Caller, body: object, wrong: str) -> None:
    answer = admin.post("/groups", body)
    assert answer.status_code == 422, answer.content
    assert {field.partition(".")[0] for field in fields(answer)} == {wrong}
    assert not Group.objects.exists()


def test_a_taken_name_and_a_group_with_children_are_conflicts(admin: Caller) -> None:
    parent = make_group("Shifts")
    make_group("Night shift", parent=parent)
    taken = admin.post("/groups", {"name": "SHIFTS"})
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    held = admin.delete(f"/groups/{parent.pk}")
    assert (held.status_code, held.json()["code"]) == (409, "has_children")


def test_pages_follow_each_other_whatever_is_added(admin: Caller) -> None:
    for number in range(7):
        make_group(f"Group {number}")
    names: list[str] = []
    query = {"limit": "3", "sort": "-name", "fields": "name"}
    while True:
        page = admin.get("/groups", **query).json()
        names += [group["name"] for group in page["items"]]
        assert all(group.keys() == {"name"} for group in page["items"])
        make_group(f"Later {len(names)}")
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert names == [f"Group {number}" for number in reversed(range(7))]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "201"},
        {"limit": "x"},
        {"sort": "id"},
        {"fields": "name,secret"},
        {"fields": "name,"},
        {"cursor": "forged"},
        {"q": "a\0b"},
        {"offset": "3"},
        {"show": "all"},
    ],
)
def test_a_parameter_that_cannot_be_read_is_named(admin: Caller, query: dict[str, str]) -> None:
    answer = admin.get("/groups", **query)
    assert answer.status_code == 422, answer.content
    assert fields(answer) == set(query)
