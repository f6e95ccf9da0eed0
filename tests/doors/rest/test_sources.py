"""Sources by our own API."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Identity, Source, SourceSecret
from tests.doors.rest.caller import Caller, fields
from tests.factories import make_person
from tests.factories.imports import make_source
from tests.factories.profiles import make_profile

pytestmark = pytest.mark.django_db

FILE: dict[str, Any] = {"name": "Payroll", "connector": "delimited_file"}
LDAP: dict[str, Any] = {
    "name": "Directory",
    "connector": "ldap",
    "config": {"host": "ldap.example.com", "bind_dn": "cn=reader", "base_dn": "dc=example,dc=com"},
    "secrets": {"password": "first secret"},
}


def test_a_source_is_made_read_changed_and_deleted(
    admin: Caller, ada: Identity, otto: Identity
) -> None:
    made = admin.post("/sources", FILE | {"start": "service_accounts"})
    assert made.status_code == 201, made.content
    source = made.json()
    path = f"/sources/{source['id']}"
    assert made.headers["Location"] == f"/api/v1{path}"
    assert source["owner"]["id"] == str(ada.pk)
    assert (source["status"], source["accounts"]) == ("no_accounts", 0)
    read = admin.get(path)
    assert (read.json(), read.headers["ETag"]) == (source, made.headers["ETag"])
    body = {"owner": str(otto.pk), "description": "x", "config": {"delimiter": ";"}}
    changed = admin.patch(path, body, if_match=made.headers["ETag"])
    assert changed.status_code == 200, changed.content
    assert changed.json()["owner"]["id"] == str(otto.pk)
    assert changed.json()["config"] == source["config"] | {"delimiter": ";"}
    back = admin.patch(path, {"config": {"delimiter": None}}).json()
    assert (back["config"], back["description"]) == (source["config"], "x")
    stale = admin.patch(path, {"name": "Other"}, if_match=made.headers["ETag"])
    assert (stale.status_code, stale.json()["code"]) == (412, "edit_conflict")
    assert admin.send("PATCH", path, {"name": "Other"}).status_code == 428
    assert admin.delete(path, if_match='"0"').status_code == 412
    assert admin.delete(path).status_code == 204
    assert admin.get(path).status_code == 404


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"name", "connector"}),
        (FILE | {"name": ""}, {"name"}),
        (FILE | {"name": "a" * 101}, {"name"}),
        (FILE | {"name": "a\u202eb"}, {"name"}),
        (FILE | {"connector": "jdbc"}, {"connector"}),
        (FILE | {"owner": str(uuid4())}, {"owner"}),
        (FILE | {"delete_threshold_percent": 0}, {"delete_threshold_percent"}),
        (FILE | {"delete_threshold_percent": "5"}, {"delete_threshold_percent"}),
        (FILE | {"delete_threshold_percent": 101}, {"delete_threshold_percent"}),
        (FILE | {"deletion_disabled": 1}, {"deletion_disabled"}),
        (FILE | {"config": {"delimiter": ";;;"}}, {"config.delimiter"}),
        (FILE | {"config": {"delimiter": {"a": []}}}, {"config.delimiter"}),
        (FILE | {"config": {"merge_rows": "yes"}}, {"config.merge_rows"}),
        (FILE | {"config": {"nothing": 1}}, {"config.nothing"}),
        (FILE | {"config": []}, {"config"}),
        (FILE | {"secrets": {"password": "x"}}, {"secrets.password"}),
        (FILE | {"secrets": {"password": "x" * 4001}}, {"secrets.password"}),
        (FILE | {"colour": "red"}, {"colour"}),
    ],
)
def test_what_cannot_be_taken_is_named(admin: Caller, body: object, wrong: set[str]) -> None:
    answer = admin.post("/sources", body)
    assert answer.status_code == 422, answer.content
    assert fields(answer) == wrong
    assert not Source.objects.exists()


def test_a_taken_name_and_a_source_in_use_are_conflicts(admin: Caller) -> None:
    source = make_source("Payroll")
    taken = admin.post("/sources", FILE | {"name": "PAYROLL"})
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    make_profile(source)
    used = admin.delete(f"/sources/{source.pk}")
    assert (used.status_code, used.json()["code"]) == (409, "source_in_use")


def test_a_secret_goes_in_and_never_out(admin: Caller, vera: Identity) -> None:
    made = admin.post("/sources", LDAP)
    assert made.status_code == 201, made.content
    assert made.json()["secrets_set"] == ["password"]
    path = f"/sources/{made.json()['id']}"
    for answer in (made, admin.get(path), admin.get("/sources")):
        assert b"first secret" not in answer.content
    sealed = bytes(SourceSecret.objects.get().blob)
    assert admin.patch(path, {"description": "kept"}).status_code == 200
    assert bytes(SourceSecret.objects.get().blob) == sealed
    moved = admin.patch(path, {"config": {"host": "elsewhere.example.com"}})
    assert (moved.status_code, fields(moved)) == (422, {"secrets.password"})
    body = {"config": {"host": "elsewhere.example.com"}, "secrets": {"password": "second"}}
    assert admin.patch(path, body).status_code == 200
    watched = Caller(vera).get(path).json()
    assert (watched["config"], watched["secrets_set"]) == (None, None)


def test_who_owns_sources_sees_and_changes_their_own(ada: Identity) -> None:
    bea = make_person("bea", levels=["source_subadmin"])
    caller, other = Caller(bea), make_source("Other")
    made = caller.post("/sources", FILE)
    assert made.status_code == 201, made.content
    assert made.json()["owner"]["id"] == str(bea.pk)
    own = f"/sources/{made.json()['id']}"
    assert [found["name"] for found in caller.get("/sources").json()["items"]] == ["Payroll"]
    assert caller.patch(own, {"description": "mine"}).status_code == 200
    for owner in (str(ada.pk), None):
        refused = caller.post("/sources", {**FILE, "name": "X", "owner": owner})
        assert (refused.status_code, fields(refused)) == (422, {"owner"})
        assert caller.patch(own, {"owner": owner}).status_code == 422
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/accounts"), ("GET", "/attributes")):
        assert caller.send(method, f"/sources/{other.pk}{path}").status_code == 404
    assert caller.patch(f"/sources/{other.pk}", {"description": "x"}).status_code == 404
    assert caller.delete(own).status_code == 204


def test_who_only_sees_changes_nothing(
    vera: Identity, otto: Identity, mallory: Identity, ada: Identity
) -> None:
    path = f"/sources/{make_source().pk}"
    for person, seen in ((vera, 200), (otto, 403), (mallory, 403)):
        caller = Caller(person)
        assert caller.get("/sources").status_code == seen
        assert caller.get(path).status_code == seen
        assert caller.post("/sources", FILE).status_code == 403
        assert caller.patch(path, {"description": "x"}).status_code == 403
        assert caller.delete(path).status_code == 403
    reader = Caller(ada, ["steward:sources:read"])
    assert reader.get(path).status_code == 200
    assert reader.delete(path).status_code == 403
    assert Caller(ada, ["idn:sources:manage"]).get(path).status_code == 403
    assert Source.objects.get().description == ""


def test_an_administrator_may_say_that_nobody_owns_it(admin: Caller) -> None:
    assert admin.post("/sources", FILE | {"owner": None}).json()["owner"] is None


def test_the_list_is_narrowed_and_paged(admin: Caller, otto: Identity) -> None:
    for number in range(5):
        make_source(f"Source {number}")
    Source.objects.filter(name="Source 3").update(owner=otto)

    def names(**query: str) -> list[str]:
        answer = admin.get("/sources", **query)
        assert answer.status_code == 200, answer.content
        return [source["name"] for source in answer.json()["items"]]

    assert names(q="CE 2") == ["Source 2"]
    assert names(owner=str(otto.pk)) == ["Source 3"]
    assert names(sort="-name", limit="2") == ["Source 4", "Source 3"]
    cursor = admin.get("/sources", limit="4").json()["next"]
    assert names(limit="4", cursor=cursor) == ["Source 4"]
    for query in ({"sort": "id"}, {"owner": "me"}, {"q": "x" * 201}):
        answer = admin.get("/sources", **query)
        assert (answer.status_code, fields(answer)) == (422, set(query))


def test_many_sources_cost_as_many_statements_as_few(admin: Caller) -> None:
    admin.get("/sources")
    counts = []
    for until in (2, 8):
        for number in range(Source.objects.count(), until):
            make_source(f"Source {number}")
        with CaptureQueriesContext(connection) as captured:
            assert len(admin.get("/sources").json()["items"]) == until
        counts.append(len(captured))
    assert counts[0] == counts[1]
