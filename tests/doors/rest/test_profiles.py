"""Identity profiles by our own API."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Identity, IdentityProfile, Source
from tests.doors.rest.caller import Caller, fields
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import FOUR, make_profile

pytestmark = pytest.mark.django_db

TWO = rows("SA-1,one,a@example.com,A", "SA-2,two,b@example.com,B")
MAPPINGS: list[dict[str, Any]] = [
    {"attribute": name, "source_attribute": column} for name, column in FOUR.items()
]


@pytest.fixture
def source(db: None) -> Source:
    source = make_source()
    bring(source, TWO)
    return source


def new(source: Source, **more: Any) -> dict[str, Any]:
    return {"name": "Programs", "source": str(source.pk), "kind": "service"} | more


def test_a_profile_is_made_read_changed_and_deleted(
    admin: Caller, ada: Identity, source: Source
) -> None:
    made = admin.post("/profiles", new(source))
    assert made.status_code == 201, made.content
    path = f"/profiles/{made.json()['id']}"
    assert made.headers["Location"] == f"/api/v1{path}"
    assert made.json()["owner"]["id"] == str(ada.pk)
    assert (made.json()["priority"], made.json()["refresh_required"]) == (10, True)
    assert admin.get(path).json() == made.json()
    body = {"priority": 5, "vanished_policy": "remove", "owner": None}
    changed = admin.patch(path, body, if_match=made.headers["ETag"])
    assert changed.status_code == 200, changed.content
    assert changed.json().items() >= body.items()
    assert changed.json()["name"] == "Programs"
    assert admin.patch(path, body, if_match=made.headers["ETag"]).status_code == 412
    assert admin.send("PATCH", path, body).status_code == 428
    assert admin.delete(path, if_match='"0"').status_code == 412
    assert admin.delete(path).status_code == 204
    assert admin.get(path).status_code == 404


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({"name": ""}, "name"),
        ({"name": "a" * 101}, "name"),
        ({"source": str(uuid4())}, "source"),
        ({"source": "x"}, "source"),
        ({"kind": "robot"}, "kind"),
        ({"owner": str(uuid4())}, "owner"),
        ({"priority": 0}, "priority"),
        ({"priority": 10**9}, "priority"),
        ({"invite_policy": "never"}, "invite_policy"),
        ({"invite_policy": "on_state"}, "invite_state"),
        ({"invite_policy": "on_state", "invite_state": "nowhere"}, "invite_state"),
        ({"vanished_policy": "keep"}, "vanished_policy"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_taken_is_named(
    admin: Caller, source: Source, more: dict[str, Any], wrong: str
) -> None:
    answer = admin.post("/profiles", new(source) | more)
    assert answer.status_code == 422, answer.content
    assert fields(answer) == {wrong}
    assert not IdentityProfile.objects.exists()


def test_a_source_has_one_profile_and_a_name_is_taken_once(admin: Caller, source: Source) -> None:
    make_profile(source, name="Programs")
    taken = admin.post("/profiles", new(source, name="Other"))
    assert (taken.status_code, taken.json()["code"]) == (422, "already_authoritative")
    named = admin.post("/profiles", new(make_source("Two")))
    assert (named.status_code, named.json()["code"]) == (409, "name_taken")


def test_mappings_are_replaced_as_they_were_read(admin: Caller, source: Source) -> None:
    path = f"/profiles/{admin.post('/profiles', new(source)).json()['id']}"
    empty = admin.get(f"{path}/mappings")
    assert empty.json() == {"mappings": []}
    tag = empty.headers["ETag"]
    body = {"mappings": [*MAPPINGS, {"attribute": "displayName", "definition": UPPER}]}
    put = admin.send("PUT", f"{path}/mappings", body, if_match=tag)
    assert put.status_code == 200, put.content
    assert [row["attribute"] for row in put.json()["mappings"]] == [*FOUR, "displayName"]
    assert put.json()["mappings"][-1]["definition"] == UPPER
    assert admin.get(f"{path}/mappings").headers["ETag"] == put.headers["ETag"] != tag
    assert admin.send("PUT", f"{path}/mappings", body, if_match=tag).status_code == 412
    assert admin.send("PUT", f"{path}/mappings", body).status_code == 428


UPPER = {
    "type": "upper",
    "attributes": {
        "input": {
            "type": "accountAttribute",
            "attributes": {"sourceName": "Service Accounts", "attributeName": "name"},
        }
    },
}


@pytest.mark.parametrize(
    ("mappings", "wrong"),
    [
        ([{"attribute": "uid"}], "mappings.uid"),
        ([{"attribute": "nothing", "source_attribute": "name"}], "mappings.nothing"),
        ([{"attribute": "uid", "source_attribute": "nothing"}], "mappings.uid"),
        ([MAPPINGS[0], MAPPINGS[0]], "mappings.uid"),
        ([MAPPINGS[0] | {"source": str(uuid4())}], "mappings.0.source"),
        ([MAPPINGS[0] | {"transform": str(uuid4())}], "mappings.0.transform"),
        ([MAPPINGS[0] | {"transform": "Lower"}], "mappings.0.transform"),
        ([MAPPINGS[0] | {"definition": []}], "mappings.0.definition"),
        ([MAPPINGS[0]] * 201, "mappings"),
    ],
)
def test_a_mapping_that_cannot_be_taken_is_named(
    admin: Caller, source: Source, mappings: Any, wrong: str
) -> None:
    profile = make_profile(source)
    path = f"/profiles/{profile.pk}"
    for method, where in (("PUT", "/mappings"), ("POST", "/preview")):
        answer = admin.send(method, path + where, {"mappings": mappings}, if_match="*")
        assert answer.status_code == 422, answer.content
        assert fields(answer) == {wrong}
    assert profile.mappings.count() == len(FOUR)


def test_a_definition_that_is_wrong_says_where(admin: Caller, source: Source) -> None:
    path = f"/profiles/{make_profile(source).pk}/mappings"
    wrong = {"type": "leftPad", "attributes": {"length": "many"}}
    body = {"mappings": [{"attribute": "uid", "source_attribute": "name", "definition": wrong}]}
    answer = admin.send("PUT", path, body, if_match="*")
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_transform")
    assert all("uid" in field for field in fields(answer)), answer.content


def test_a_preview_shows_what_would_become_of_an_account(
    admin: Caller, vera: Identity, source: Source
) -> None:
    path = f"/profiles/{make_profile(source).pk}/preview"
    for caller in (admin, Caller(vera)):
        first = caller.get(path)
        assert first.status_code == 200, first.content
        assert (first.json()["account_id"], first.json()["user_name"]) == ("SA-1", "one")
    assert admin.get(path, account="SA-2").json()["user_name"] == "two"
    assert fields(admin.get(path, account="SA-3")) == {"account"}
    body = {"account": "SA-2", "mappings": [{"attribute": "uid", "source_attribute": "id"}]}
    other = admin.post(path, body)
    assert (other.status_code, other.json()["user_name"]) == (200, "SA-2")
    assert other.json()["is_complete"] is False
    assert Caller(vera, ["steward:profiles:manage"]).post(path, body).status_code == 403
    empty = make_profile(make_source("Empty"))
    assert fields(admin.get(f"/profiles/{empty.pk}/preview")) == {"account"}


def test_who_only_sees_changes_nothing(
    vera: Identity, ada: Identity, otto: Identity, source: Source
) -> None:
    path = f"/profiles/{make_profile(source).pk}"
    for caller, seen in (
        (Caller(vera), 200),
        (Caller(ada, ["steward:profiles:read"]), 200),
        (Caller(ada, ["steward:transforms:manage"]), 403),
        (Caller(otto), 403),
    ):
        for place in ("/profiles", path, f"{path}/mappings", f"{path}/preview"):
            assert caller.get(place).status_code == seen, place
        assert caller.post("/profiles", new(source)).status_code == 403
        assert caller.patch(path, {}).status_code == 403
        assert (
            caller.send("PUT", f"{path}/mappings", {"mappings": []}, if_match="*").status_code
            == 403
        )
        assert caller.post(f"{path}/preview", {"mappings": []}).status_code == 403
        assert caller.delete(path).status_code == 403
    profile = IdentityProfile.objects.get()
    assert (profile.deleted_at, profile.mappings.count()) == (None, len(FOUR))


def test_the_list_is_narrowed_and_costs_as_many_statements_as_few(admin: Caller) -> None:
    admin.get("/profiles")
    counts = []
    for until in (2, 6):
        for number in range(IdentityProfile.objects.count(), until):
            make_profile(make_source(f"Source {number}"), name=f"Profile {number}")
        with CaptureQueriesContext(connection) as captured:
            assert len(admin.get("/profiles").json()["items"]) == until
        counts.append(len(captured))
    assert counts[0] == counts[1]
    (found,) = admin.get("/profiles", q="file 3").json()["items"]
    assert found["name"] == "Profile 3"
    backwards = admin.get("/profiles", sort="-name", limit="1").json()["items"]
    assert backwards[0]["name"] == "Profile 5"
    for query in ({"sort": "id"}, {"q": "x" * 201}):
        assert fields(admin.get("/profiles", **query)) == set(query)
    assert admin.get(f"/profiles/{uuid4()}").status_code == 404
