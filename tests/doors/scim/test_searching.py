"""Filters, sorts and pages: by the database where they can be, and bounded where they cannot."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Identity
from tests.doors.scim.caller import Caller, told
from tests.factories import make_person
from tokens.doors.scim import storage, users

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(scim: Caller) -> list[str]:
    made = [
        scim.create("alice", externalId="1", emails=[{"value": "alice@example.com"}], title="Boss"),
        scim.create("Bob", externalId="2", active=False),
        scim.create("carol", externalId="3"),
    ]
    return [each["id"] for each in made]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('userName eq "ALICE"', ["alice"]),
        ('userName eq "al1ce"', []),
        ('externalId eq "2"', ["Bob"]),
        ('emails eq "Alice@example.com"', ["alice"]),
        ('emails[type eq "work" and value eq "alice@example.com"]', ["alice"]),
        ('emails.value eq "alice@example.com"', ["alice"]),
        ("active eq false", ["Bob"]),
        ('active eq true and userName eq "carol"', ["carol"]),
        ('userName eq "alice" or externalId eq "3"', ["alice", "carol"]),
        ('urn:ietf:params:scim:schemas:core:2.0:User:userName eq "bob"', ["Bob"]),
        ('meta.lastModified gt "2000-01-01T00:00:00Z" and active eq false', ["Bob"]),
        ('meta.lastModified lt "2000-01-01T00:00:00Z"', []),
        ('title co "oss"', ["alice"]),
        ('id eq "nonsense"', []),
    ],
)
def test_a_filter_finds(scim: Caller, people: list[str], text: str, found: list[str]) -> None:
    assert sorted(row["userName"] for row in scim.found("/Users", text)) == sorted(found)


@pytest.mark.parametrize(
    "text",
    [
        "userName eq",
        "userName frobs 1",
        'userName eq "a" or',
        "nosuchattribute pr",
        "active gt true",
        "(" * 40 + "title pr" + ")" * 40,
        "title pr and " * 200 + "title pr",
        "\x00",
    ],
)
def test_a_filter_that_is_none_is_refused(scim: Caller, text: str) -> None:
    answer = scim.get("/Users", filter=text)

    assert answer.status_code == 400, answer.content
    assert told(answer) in ("invalidFilter", "invalidValue", "invalidPath", "invalidSyntax")


@pytest.mark.parametrize(
    "value",
    ["' OR 1=1 --", "%", "_", '\\" or userName pr or userName eq \\"', "x'; DROP TABLE x; --"],
)
@pytest.mark.parametrize("attribute", ["userName", "externalId", "emails", "title", "id"])
def test_a_value_is_a_value(scim: Caller, people: list[str], attribute: str, value: str) -> None:
    assert scim.found("/Users", f'{attribute} eq "{value}"') == []


def test_what_cannot_be_read_one_by_one_is_refused(
    scim: Caller, people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "MOST_IN_MEMORY", 2)

    assert told(scim.get("/Users", filter='title co "oss"')) == "tooMany"
    assert told(scim.get("/Users", sortBy="title")) == "tooMany"
    assert told(scim.get("/")) == "tooMany"
    assert len(scim.found("/Users", 'title co "oss" and active eq false')) == 0
    assert len(scim.get("/Users", sortBy="userName").json()["Resources"]) == 3


def test_a_page_reads_as_much_with_many_rows_as_with_few(scim: Caller, people: list[str]) -> None:
    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as made:
            assert scim.get("/Users", sortBy="userName", count="50").status_code == 200
        return len(made)

    few = statements()
    for number in range(20):
        make_person(f"more{number}")
    assert statements() == few


def test_one_of_many_is_found_without_reading_the_others(
    scim: Caller, people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    page_of = users.page_of

    def counted(client: Identity, found: Any, **more: Any) -> Any:
        read.append(len(found))
        return page_of(client, found, **more)

    monkeypatch.setattr(users, "page_of", counted)
    for text in ('userName eq "alice"', 'externalId eq "1"', 'emails eq "alice@example.com"'):
        read.clear()
        assert len(scim.found("/Users", text)) == 1, text
        assert read == [1], text


@pytest.mark.parametrize("sort", ["userName", "meta.created", "title", ""])
def test_pages_by_index_and_by_cursor_are_all_of_them(
    scim: Caller, people: list[str], sort: str
) -> None:
    make_person("dave")
    asked = {"sortBy": sort} if sort else {}
    everybody = [row["id"] for row in scim.get("/Users", **asked).json()["Resources"]]
    assert len(everybody) == Identity.objects.people().count() == 4

    by_index = [
        scim.get("/Users", startIndex=str(start), count="1", **asked).json()["Resources"][0]["id"]
        for start in range(1, 5)
    ]
    assert by_index == everybody
    seen, cursor = [], ""
    while True:
        page = scim.get("/Users", cursor=cursor, count="3", **asked).json()
        seen += [row["id"] for row in page["Resources"]]
        assert page["totalResults"] == 4
        if not (cursor := page.get("nextCursor", "")):
            break
    assert seen == everybody
    back = scim.get("/Users", cursor=page["previousCursor"], count="3", **asked).json()
    assert [row["id"] for row in back["Resources"]] == everybody[:3]


def test_a_cursor_is_not_forged_nor_used_for_another_search(
    scim: Caller, people: list[str]
) -> None:
    page = scim.get("/Users", cursor="", count="1").json()
    cursor = page["nextCursor"]

    for changed in (cursor[:-3] + "AAA", "AAAA", "x" * 500):
        assert told(scim.get("/Users", cursor=changed, count="1")) == "invalidCursor"
    other = scim.get("/Users", cursor=cursor, count="1", filter="active eq true")
    assert told(other) == "invalidCursor"


def test_attributes_are_chosen(scim: Caller, people: list[str]) -> None:
    row = scim.get(f"/Users/{people[0]}", attributes="userName").json()
    assert row.keys() == {"schemas", "id", "userName"}
    row = scim.get(f"/Users/{people[0]}", excludedAttributes="emails,meta").json()
    assert not {"emails", "meta"} & row.keys()
    assert row["title"] == "Boss"
