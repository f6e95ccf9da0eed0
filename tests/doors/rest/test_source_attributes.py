"""The account schema of a source by our own API."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Identity, SchemaAttribute, Source
from accounts.sources import schema
from tests.at_once import at_once
from tests.doors.rest.caller import Caller, fields
from tests.factories import make_person
from tests.factories.imports import bring, make_source, rows
from tests.oauth.program import Program

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(db: None) -> Source:
    return make_source()


def path_of(source: Source, name: str = "") -> str:
    below = f"/{source.attributes.get(name=name).pk}" if name else ""
    return f"/sources/{source.pk}/attributes{below}"


def test_attributes_are_listed_in_the_order_of_the_columns(admin: Caller, source: Source) -> None:
    found = admin.get(path_of(source)).json()["items"]
    assert [row["name"] for row in found] == ["id", "name", "e-mail", "purpose"]
    assert [row["is_account_id"] for row in found] == [True, False, False, False]
    backwards = admin.get(path_of(source), sort="-position", limit="1").json()
    assert backwards["items"] == [found[-1]]
    assert admin.get(path_of(source, "purpose")).json() == found[-1]


def test_an_attribute_is_added_changed_and_removed(admin: Caller, source: Source) -> None:
    body = {"name": "groups", "is_entitlement": True, "is_multi_valued": True}
    made = admin.post(path_of(source), body)
    assert made.status_code == 201, made.content
    path = path_of(source, "groups")
    assert made.headers["Location"] == f"/api/v1{path}"
    tag = made.headers["ETag"]
    assert admin.get(path).headers["ETag"] == tag
    changed = admin.patch(path, {"type": "LONG", "is_entitlement": False}, if_match=tag)
    assert changed.status_code == 200, changed.content
    assert changed.json() == made.json() | {"type": "LONG", "is_entitlement": False}
    assert admin.patch(path, {"name": "x"}, if_match=tag).status_code == 412
    assert admin.delete(path, if_match=tag).status_code == 412
    assert admin.delete(path).status_code == 204
    assert admin.delete(path).status_code == 404


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, "name"),
        ({"name": "="}, "name"),
        ({"name": "a" * 101}, "name"),
        ({"name": "ID"}, "name"),
        ({"name": "x", "type": "TEXT"}, "type"),
        ({"name": "x", "type": "INT", "is_account_id": True}, "type"),
        ({"name": "x", "is_multi_valued": "no"}, "is_multi_valued"),
        ({"name": "x", "description": "y" * 501}, "description"),
        ({"name": "x", "position": 1}, "position"),
    ],
)
def test_what_cannot_be_taken_is_named(
    admin: Caller, source: Source, body: object, wrong: str
) -> None:
    answer = admin.post(path_of(source), body)
    assert answer.status_code == 422, answer.content
    assert fields(answer) == {wrong}
    assert source.attributes.count() == 4


def test_what_accounts_need_stays(admin: Caller, source: Source) -> None:
    assert admin.delete(path_of(source, "id")).status_code == 409
    bring(source, rows("SA-001,audit01,a@example.com,Audit"))
    renamed = admin.patch(path_of(source, "purpose"), {"name": "reason"})
    assert (renamed.status_code, renamed.json()["code"]) == (409, "schema_in_use")
    assert admin.patch(path_of(source, "purpose"), {"description": "Why"}).status_code == 200


def test_who_only_sees_changes_nothing(vera: Identity, ada: Identity, source: Source) -> None:
    stranger = make_person("cleo", levels=["source_subadmin"])
    path = path_of(source, "purpose")
    for caller, seen, refused in (
        (Caller(vera), 200, 403),
        (Caller(ada, ["steward:sources:read"]), 200, 403),
        (Caller(stranger), 404, 404),
    ):
        assert caller.get(path).status_code == seen
        assert caller.get(path_of(source)).status_code == seen
        assert caller.post(path_of(source), {"name": "x"}).status_code == refused
        assert caller.patch(path, {"description": "x"}).status_code == refused
        assert caller.delete(path).status_code == refused
    assert len(schema.attributes_of(source)) == 4


def test_an_attribute_of_another_source_is_none(admin: Caller, source: Source) -> None:
    other = make_source("Other")
    row = other.attributes.get(name="purpose")
    for number in (row.pk, 0, 2**63, "9" * 100):
        path = f"{path_of(source)}/{number}"
        assert admin.get(path).status_code == 404
        assert admin.patch(path, {"name": "x"}).status_code == 404
        assert admin.delete(path).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_many_that_remove_it_at_once_one_does_and_none_breaks() -> None:
    source, ada = make_source(), make_person("ada", levels=["admin"])
    caller = Caller(ada, program=Program(own_connection=True))
    caller.token()
    path = path_of(source, "purpose")
    answers: list[Any] = at_once([lambda: caller.delete(path)] * 5)
    assert {answer.status_code for answer in answers} <= {204, 404}, answers
    assert sum(answer.status_code == 204 for answer in answers) == 1
    assert not SchemaAttribute.objects.filter(name="purpose").exists()
