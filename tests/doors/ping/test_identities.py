"""`managed/alpha_user`: the tenant's identities in the vendor's words (contract section 6)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.identities import actions
from accounts.models import Identity
from tests.factories import make_person
from tests.oauth.holder import Holder

pytestmark = pytest.mark.django_db

PATH = "/openidm/managed/alpha_user"


@pytest.fixture
def people(db: None) -> list[Identity]:
    return [make_person(name) for name in ("anna", "bert", "cleo")]


def ask(holder: Holder, **parameters: str) -> dict[str, Any]:
    answer = holder.get(PATH, **{"_queryFilter": "true"} | parameters)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def names(body: dict[str, Any]) -> list[str]:
    return [user["userName"] for user in body["result"]]


def test_the_envelope_is_the_vendors(holder: Holder, people: list[Identity]) -> None:
    body = ask(holder)
    assert {k: v for k, v in body.items() if k != "result"} == {
        "resultCount": 4,
        "pagedResultsCookie": None,
        "totalPagedResultsPolicy": "NONE",
        "totalPagedResults": -1,
        "remainingPagedResults": -1,
    }


def test_an_identity_is_told_in_the_vendors_words(holder: Holder, people: list[Identity]) -> None:
    (anna,) = ask(holder, _queryFilter='userName eq "anna"')["result"]
    revision = anna.pop("_rev")
    assert revision.startswith(f"{people[0].pk}-")
    assert anna == {
        "_id": str(people[0].pk),
        "userName": "anna",
        "givenName": "Anna",
        "mail": "anna@example.com",
        "cn": "Anna",
        "accountStatus": "active",
        "kind": "person",
    }


def test_identities_of_every_kind_are_listed_and_none_that_is_deleted(
    holder: Holder, people: list[Identity]
) -> None:
    actions.delete(by=SYSTEM, identity=people[1], at=timezone.now())
    assert set(names(ask(holder))) == {"anna", "cleo", "audit01"}
    assert names(ask(holder, _queryFilter='kind eq "service"')) == ["audit01"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('userName sw "b"', ["bert"]),
        ("userName sw 'b' or userName eq \"cleo\"", ["bert", "cleo"]),
        ('!(kind eq "service") and accountStatus eq "active"', ["anna", "bert", "cleo"]),
        ('mail co "EXAMPLE"', ["anna", "bert", "cleo"]),
        ("/mail pr", ["anna", "bert", "cleo"]),
        ("false", []),
        ("password pr", []),
        ('nonsense eq "x"', []),
        ("userName eq 7", []),
        ('_id eq "nonsense"', []),
    ],
)
def test_filters_are_understood(
    holder: Holder, people: list[Identity], query: str, expected: list[str]
) -> None:
    assert names(ask(holder, _queryFilter=query, _sortKeys="userName")) == expected


def test_a_disabled_one_is_inactive(holder: Holder, people: list[Identity]) -> None:
    actions.disable(by=SYSTEM, identity=people[0], at=timezone.now())
    assert names(ask(holder, _queryFilter='accountStatus eq "inactive"')) == ["anna"]
    (anna,) = ask(holder, _queryFilter='userName eq "anna"')["result"]
    assert anna["accountStatus"] == "inactive"


def test_a_manager_is_a_reference(holder: Holder, people: list[Identity]) -> None:
    Identity.objects.filter(pk=people[0].pk).update(manager=people[1])
    boss = str(people[1].pk)
    (anna,) = ask(holder, _queryFilter=f'manager/_refResourceId eq "{boss}"')["result"]
    assert anna["manager"]["_ref"] == f"managed/alpha_user/{boss}"


@pytest.mark.parametrize("fields", ["", "*"])
def test_blank_fields_are_all_fields_as_frodo_asks(
    holder: Holder, people: list[Identity], fields: str
) -> None:
    (anna,) = ask(holder, _queryFilter='userName eq "anna"', _fields=fields)["result"]
    assert {"userName", "mail", "cn"} <= set(anna)


def test_fields_that_are_named_come_with_id_and_revision(
    holder: Holder, people: list[Identity]
) -> None:
    (anna,) = ask(holder, _queryFilter='userName eq "anna"', _fields="mail,password")["result"]
    assert set(anna) == {"_id", "_rev", "mail"}


def test_pages_follow_each_other_until_the_cookie_is_null(
    holder: Holder, people: list[Identity]
) -> None:
    seen: list[str] = []
    cookie: str | None = ""
    while cookie is not None:
        more = {"_pagedResultsCookie": cookie} if cookie else {}
        body = ask(holder, _pageSize="3", _fields="", **more)
        assert body["resultCount"] == len(body["result"])
        seen += names(body)
        cookie = body["pagedResultsCookie"]
    assert sorted(seen) == ["anna", "audit01", "bert", "cleo"]


def test_a_page_that_ends_where_the_list_ends_is_the_last(
    holder: Holder, people: list[Identity]
) -> None:
    assert ask(holder, _pageSize="4")["pagedResultsCookie"] is None


def test_pages_are_in_the_order_asked_for(holder: Holder, people: list[Identity]) -> None:
    first = ask(holder, _pageSize="2", _sortKeys="-userName")
    cookie = first["pagedResultsCookie"]
    rest = ask(holder, _pageSize="2", _sortKeys="-userName", _pagedResultsCookie=cookie)
    assert names(first) + names(rest) == ["cleo", "bert", "audit01", "anna"]


def test_sorting_by_what_some_do_not_have_loses_nobody(
    holder: Holder, people: list[Identity]
) -> None:
    Identity.objects.filter(pk=people[0].pk).update(manager=people[1])
    for key in ("manager/_refResourceId", "-manager/_refResourceId"):
        first = ask(holder, _pageSize="2", _sortKeys=key)
        cookie = first["pagedResultsCookie"]
        rest = ask(holder, _pageSize="2", _sortKeys=key, _pagedResultsCookie=cookie)
        assert len(set(names(first) + names(rest))) == 4


def test_the_total_is_told_without_a_page_size_as_frodo_counts(
    holder: Holder, people: list[Identity]
) -> None:
    body = ask(holder, _pageSize="0", _totalPagedResultsPolicy="EXACT", _fields="_id")
    assert (body["totalPagedResults"], body["resultCount"]) == (4, 4)
    assert body["totalPagedResultsPolicy"] == "EXACT"


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"_queryFilter": "userName eq"},
        {"_queryFilter": "true", "_queryId": "query-all"},
        {"_queryFilter": "true", "_pagedResultsCookie": "forged"},
        {"_queryFilter": "true", "_pageSize": "2", "_pagedResultsCookie": "' OR 1=1 --"},
        {"_queryFilter": "true", "_pageSize": "-1"},
        {"_queryFilter": "true", "_sortKeys": "password"},
        {"_queryFilter": "(" * 5_000},
        {"_queryFilter": 'userName eq "\x00"'},
    ],
)
def test_a_query_that_cannot_be_read_is_answered_400(
    holder: Holder, parameters: dict[str, str]
) -> None:
    answer = holder.get(PATH, None, **parameters)
    assert answer.status_code == 400
    assert answer.json()["reason"] == "Bad Request"
    assert answer.json()["message"]


def test_one_is_read_by_its_id(holder: Holder, people: list[Identity]) -> None:
    answer = holder.get(f"{PATH}/{people[0].pk}")
    assert answer.json()["userName"] == "anna"
    assert answer.headers["ETag"] == f'"{answer.json()["_rev"]}"'


def test_its_revision_changes_with_it(holder: Holder, people: list[Identity]) -> None:
    before = holder.get(f"{PATH}/{people[0].pk}").json()["_rev"]
    actions.disable(by=SYSTEM, identity=people[0], at=timezone.now())
    assert holder.get(f"{PATH}/{people[0].pk}").json()["_rev"] != before


@pytest.mark.parametrize(
    "id_", ["nonsense", "%00", "6d8e4b6b-8182-4bd3-a828-a4a4f92daecb", "..", "%F0%9F%98%80"]
)
def test_one_that_is_not_there_is_not_found(holder: Holder, id_: str) -> None:
    answer = holder.get(f"{PATH}/{id_}")
    assert (answer.status_code, answer.json()["code"]) == (404, 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("target", ["", "?_action=create", "/{id}"])
def test_nothing_is_written_through_this_door(
    holder: Holder, people: list[Identity], method: str, target: str
) -> None:
    path = PATH + target.format(id=people[0].pk)
    body = json.dumps({"userName": "mine", "accountStatus": "inactive"})
    answer = holder.client.request(
        method, path, body, content_type="application/json", headers=holder.bearer()
    )
    assert answer.status_code == 403
    assert answer.json() == {
        "code": 403,
        "reason": "Forbidden",
        "message": "Access denied: identities are read-only in this tenant.",
    }
    people[0].refresh_from_db()
    assert people[0].user_name == "anna"
    assert Event.objects.filter(action="api.refused", subject_id=holder.id).count() == 1


def test_pretty_printing_is_a_matter_of_taste(holder: Holder) -> None:
    answer = holder.get(PATH, None, _queryFilter="true", _prettyPrint="true")
    assert b"\n  " in answer.content


def test_nothing_secret_is_ever_in_a_list(holder: Holder, people: list[Identity]) -> None:
    told = json.dumps(ask(holder, _fields="*,password,user_name_key,session_generation"))
    assert "password" not in told
    assert people[0].password not in told


def test_whoever_asks_for_no_pages_gets_the_largest_one_and_the_way_on(
    holder: Holder, people: list[Identity], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tokens.doors.ping.identities.MAX_PAGE_SIZE", 3)
    body = ask(holder, _sortKeys="userName")
    assert len(names(body)) == 3
    rest = ask(
        holder,
        _sortKeys="userName",
        _pageSize="3",
        _pagedResultsCookie=body["pagedResultsCookie"],
    )
    assert len(names(body) + names(rest)) == 4
