"""Transforms by our own API."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.models import Identity, Transform
from accounts.profiles import library
from accounts.profiles.mappings import MappingDraft
from tests.doors.rest.caller import Caller, fields
from tests.factories.imports import make_source
from tests.factories.profiles import make_profile, map_all

pytestmark = pytest.mark.django_db

PAD: dict[str, Any] = {
    "name": "Four digits",
    "type": "leftPad",
    "attributes": {"length": "4", "padding": "0"},
}


def make(name: str = "Lowered", kind: str = "lower") -> Transform:
    definition = {"type": kind, "attributes": {}}
    return library.create(by=SYSTEM, name=name, definition=definition, at=timezone.now())


def test_a_transform_is_added_read_changed_and_deleted(admin: Caller) -> None:
    made = admin.post("/transforms", PAD)
    assert made.status_code == 201, made.content
    path = f"/transforms/{made.json()['id']}"
    assert made.headers["Location"] == f"/api/v1{path}"
    assert made.json().items() >= PAD.items()
    read = admin.get(path)
    assert (read.json(), read.headers["ETag"]) == (made.json(), made.headers["ETag"])
    body = {"attributes": {"length": "6"}, "requires_periodic_refresh": True}
    changed = admin.patch(path, body, if_match=made.headers["ETag"])
    assert changed.status_code == 200, changed.content
    assert changed.json().items() >= body.items()
    assert admin.patch(path, body, if_match=made.headers["ETag"]).status_code == 412
    assert admin.send("PATCH", path, body).status_code == 428
    assert admin.delete(path, if_match='"1"').status_code == 412
    assert admin.delete(path).status_code == 204
    assert admin.get(path).status_code == 404


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"name", "type"}),
        (PAD | {"name": ""}, {"name"}),
        (PAD | {"name": "x" * 101}, {"name"}),
        (PAD | {"type": "nothing"}, {"type"}),
        (PAD | {"attributes": {"length": "many"}}, {"attributes.length"}),
        (PAD | {"attributes": []}, {"attributes"}),
        (PAD | {"attributes": {"length": "4", "colour": 1}}, {"attributes.colour"}),
        (PAD | {"requires_periodic_refresh": 1}, {"requires_periodic_refresh"}),
        (PAD | {"id": str(uuid4())}, {"id"}),
        ({"name": "R", "type": "reference", "attributes": {"id": "Nobody"}}, {"attributes.id"}),
    ],
)
def test_what_cannot_be_taken_is_named(admin: Caller, body: object, wrong: set[str]) -> None:
    before = Transform.objects.count()
    answer = admin.post("/transforms", body)
    assert answer.status_code == 422, answer.content
    assert fields(answer) == wrong
    assert Transform.objects.count() == before


def test_what_is_nested_without_end_breaks_nothing(admin: Caller) -> None:
    inner: dict[str, Any] = {"type": "lower", "attributes": {}}
    for _ in range(200):
        inner = {"type": "lower", "attributes": {"input": inner}}
    answer = admin.post("/transforms", {"name": "Deep", **inner})
    assert answer.status_code in (400, 422), answer.content


def test_names_and_types_stay_and_so_does_what_is_built_in_or_used(admin: Caller) -> None:
    transform = make()
    path = f"/transforms/{transform.pk}"
    taken = admin.post("/transforms", PAD | {"name": "Lowered"})
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    assert fields(admin.patch(path, {"name": "Other"})) == {"name"}
    assert fields(admin.patch(path, {"type": "upper"})) == {"type"}
    profile = make_profile(make_source())
    map_all(profile, [MappingDraft("uid", source_attribute="name", transform=transform)])
    used = admin.delete(path)
    assert (used.status_code, used.json()["code"]) == (409, "transform_in_use")
    Transform.objects.filter(pk=transform.pk).update(built_in=True)
    for answer in (admin.patch(path, {"requires_periodic_refresh": True}), admin.delete(path)):
        assert (answer.status_code, answer.json()["code"]) == (409, "immutable")


def test_who_only_sees_changes_nothing(
    vera: Identity, ada: Identity, otto: Identity, mallory: Identity
) -> None:
    path = f"/transforms/{make().pk}"
    for caller, seen in (
        (Caller(vera), 200),
        (Caller(ada, ["steward:transforms:read"]), 200),
        (Caller(ada, ["steward:sources:manage"]), 403),
        (Caller(otto), 403),
        (Caller(mallory), 403),
    ):
        assert caller.get("/transforms").status_code == seen
        assert caller.get(path).status_code == seen
        assert caller.post("/transforms", PAD).status_code == 403
        assert caller.patch(path, {}).status_code == 403
        assert caller.delete(path).status_code == 403


def test_the_library_is_narrowed_and_paged(admin: Caller) -> None:
    for number in range(3):
        make(f"Zz {number}", "upper")
    make("Zz other")

    def names(**query: str) -> list[str]:
        answer = admin.get("/transforms", **query)
        assert answer.status_code == 200, answer.content
        return [found["name"] for found in answer.json()["items"]]

    assert names(q="zz", sort="-name") == ["Zz other", "Zz 2", "Zz 1", "Zz 0"]
    assert names(q="zz", type="upper", limit="2") == ["Zz 0", "Zz 1"]
    cursor = admin.get("/transforms", q="zz", limit="2").json()["next"]
    assert names(q="zz", limit="2", cursor=cursor) == ["Zz 2", "Zz other"]
    assert names(type="nothing") == []
    for query in ({"sort": "type"}, {"type": "x" * 61}, {"limit": "x"}):
        assert fields(admin.get("/transforms", **query)) == set(query)
