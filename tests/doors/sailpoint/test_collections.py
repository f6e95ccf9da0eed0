"""Collections: pages, totals, filters and orders, and a refusal of all else."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Identity
from tests.doors.sailpoint.caller import Caller, said
from tests.factories import make_person
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import make_profile, process

pytestmark = pytest.mark.django_db

COLLECTIONS = [
    "/sources/v1",
    "/accounts/v1",
    "/identities/v1",
    "/public-identities/v1",
    "/identity-profiles/v1",
    "/transforms/v1",
    "/task-status/v1",
    "/personal-access-tokens/v1",
    "/oauth-clients/v1",
]


@pytest.fixture
def caller(ada: Identity) -> Caller:
    return Caller(ada)


@pytest.fixture
def sources(db: None) -> None:
    for name in ("Charlie", "Alpha", "Bravo"):
        make_source(name)


def names(caller: Caller, **query: str) -> list[str]:
    answer = caller.get("/sources/v1", **query)
    assert answer.status_code == 200, answer.content
    return [each["name"] for each in answer.json()]


def test_a_page_is_an_array_and_the_total_a_header(caller: Caller, sources: None) -> None:
    assert names(caller) == ["Alpha", "Bravo", "Charlie"]
    answer = caller.get("/sources/v1", limit="1", offset="1", count="true")
    assert [each["name"] for each in answer.json()] == ["Bravo"]
    assert answer.headers["X-Total-Count"] == "3"
    assert "X-Total-Count" not in caller.get("/sources/v1", limit="1").headers
    assert names(caller, limit="0") == []
    assert names(caller, offset="2000000000") == []


def test_the_total_counts_what_the_filter_lets_through(caller: Caller, sources: None) -> None:
    answer = caller.get("/sources/v1", filters='name sw "A" or name co "rav"', count="true")
    assert [each["name"] for each in answer.json()] == ["Alpha", "Bravo"]
    assert answer.headers["X-Total-Count"] == "2"


def test_rows_stand_in_the_order_asked_for(caller: Caller, sources: None) -> None:
    assert names(caller, sorters="-name") == ["Charlie", "Bravo", "Alpha"]
    assert names(caller, sorters="created") == ["Charlie", "Alpha", "Bravo"]
    assert names(caller, sorters="type,-created") == ["Bravo", "Alpha", "Charlie"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ('type eq "DelimitedFile"', ["Alpha", "Bravo", "Charlie"]),
        ('type eq "LDAP"', []),
        ('not (name in ("Alpha", "Bravo"))', ["Charlie"]),
        ('name ne "Alpha" and created gt 2020-01-01', ["Bravo", "Charlie"]),
        ("authoritative eq true", []),
        ("authoritative eq false and owner.id isnull", ["Alpha", "Bravo", "Charlie"]),
        ('status eq "SOURCE_STATE_HEALTHY"', []),
        ('status eq "SOURCE_STATE_UNCHECKED_SOURCE_NO_ACCOUNTS"', ["Alpha", "Bravo", "Charlie"]),
        ('id eq "no-id"', []),
        ('id ne "no-id"', ["Alpha", "Bravo", "Charlie"]),
    ],
)
def test_sources_are_filtered_by_what_they_are(
    caller: Caller, sources: None, filters: str, found: list[str]
) -> None:
    assert names(caller, filters=filters) == found


@pytest.mark.sqlite
@pytest.mark.parametrize("path", COLLECTIONS)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "251"),
        ("limit", "-1"),
        ("limit", "ten"),
        ("limit", "١"),
        ("offset", "-1"),
        ("offset", "99999999999"),
        ("count", "yes"),
        ("filters", "secret_hash isnull"),
        ("filters", 'password co "a"'),
        ("filters", "name"),
        ("sorters", "password"),
        ("sorters", "name,,"),
        ("fields", "name"),
    ],
)
def test_what_is_not_supported_is_refused(caller: Caller, path: str, name: str, value: str) -> None:
    answer = caller.get(path, **{name: value})
    assert answer.status_code == 400, answer.content
    assert name in said(answer)


@pytest.mark.sqlite
def test_a_parameter_stands_once(caller: Caller) -> None:
    answer = caller.program.get("/sources/v1?limit=1&limit=2", headers=caller.headers())
    assert answer.status_code == 400


def test_twenty_rows_cost_as_many_statements_as_three(caller: Caller) -> None:
    source = make_source()
    profile = make_profile(source)

    def costs(people: int) -> dict[str, int]:
        lines = [f"SA-{n:03},svc{n:03},svc{n}@example.com,Report" for n in range(people)]
        bring(source, rows(*lines))
        process(profile)
        make_person(f"person{people}")
        make_profile(make_source(f"Source {people}"))
        found = {}
        for path in COLLECTIONS:
            caller.get(path, limit="1")
            with CaptureQueriesContext(connection) as seen:
                answer = caller.get(path)
            assert answer.status_code == 200, answer.content
            found[path] = len(seen)
        return found

    few = costs(3)
    many = costs(20)
    assert many == few
