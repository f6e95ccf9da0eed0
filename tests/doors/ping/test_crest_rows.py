from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db.models import Q

from accounts.models import Identity
from tests.factories import make_person
from tokens.doors.ping.crest.errors import BadQuery
from tokens.doors.ping.crest.filter import parse_filter
from tokens.doors.ping.crest.page import SortKey
from tokens.doors.ping.crest.pointer import Pointer
from tokens.doors.ping.crest.translate import (
    Column,
    Derived,
    Kind,
    Part,
    cookie_values,
    to_order,
    to_q,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PARTS: dict[Pointer, Part] = {
    ("_id",): Column("id", Kind.UUID),
    ("userName",): Column("user_name"),
    ("givenName",): Column("first_name"),
    ("disabled",): Column("disabled_at", Kind.TIME, nullable=True),
    ("created",): Column("created_at", Kind.TIME),
    ("accountStatus",): Derived(
        {"active": Q(disabled_at=None), "inactive": Q(disabled_at__isnull=False)}
    ),
}


@pytest.fixture
def people(db: None) -> list[Identity]:
    """Seven people; two are disabled at one time, and one has no first name."""
    names = ["ann", "Ben", "cy_1", "cyx1", "d100", "eve", "zoe"]
    made = [make_person(name, first_name="Sam") for name in names]
    Identity.objects.filter(user_name="eve").update(first_name="")
    Identity.objects.filter(user_name__in=["ann", "zoe"]).update(
        disabled_at=NOON, disabled_by="ada"
    )
    for hours, person in enumerate(made):
        Identity.objects.filter(pk=person.pk).update(created_at=NOON + timedelta(hours=hours))
    return made


@pytest.fixture
def found(people: list[Identity]) -> Callable[[str], list[str]]:
    def names(text: str) -> list[str]:
        rows = Identity.objects.filter(to_q(parse_filter(text), PARTS)).order_by("created_at")
        return [row.user_name for row in rows]

    return names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("true", ["ann", "Ben", "cy_1", "cyx1", "d100", "eve", "zoe"]),
        ("false", []),
        ("!true or userName eq 'eve'", ["eve"]),
        ("userName eq 'ben'", []),
        ("userName eq 'Ben'", ["Ben"]),
        ("userName co 'E'", ["Ben", "eve", "zoe"]),
        ("userName sw 'b' or userName sw 'Z'", ["Ben", "zoe"]),
        ("userName sw 'cy_'", ["cy_1"]),
        ("userName co '%'", []),
        ("userName co '\\\\'", []),
        ("!(userName co 'e') and userName co '1'", ["cy_1", "cyx1", "d100"]),
        ("givenName pr", ["ann", "Ben", "cy_1", "cyx1", "d100", "zoe"]),
        ("!givenName pr", ["eve"]),
        ("givenName eq null", ["eve"]),
        ("disabled pr", ["ann", "zoe"]),
        ("disabled eq '2026-11-22T12:00:00Z'", ["ann", "zoe"]),
        ("!disabled eq '2026-11-22T12:00:00Z'", ["Ben", "cy_1", "cyx1", "d100", "eve"]),
        ("created ge '2026-11-22T17:00:00Z'", ["eve", "zoe"]),
        ("created lt '2026-11-22T13:30:00+01:00'", ["ann"]),
        ("accountStatus eq 'inactive'", ["ann", "zoe"]),
        ("accountStatus sw 'ACT'", ["Ben", "cy_1", "cyx1", "d100", "eve"]),
        ("accountStatus eq 'gone'", []),
        ("accountStatus pr and userName eq 'ann'", ["ann"]),
    ],
)
def test_a_filter_finds_rows(
    found: Callable[[str], list[str]], text: str, names: list[str]
) -> None:
    assert found(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "password pr",
        "password sw 'pbkdf2'",
        "user_name eq 'ann'",
        "manager/password pr",
        "userName/x pr",
        "userName__startswith eq 'a'",
        "userName eq 5",
        "userName eq true",
        "created co '2026'",
        "created eq 'yesterday'",
        "created gt '2026-11-22T00:00:00'",
        "created gt '2026-99-99T00:00:00Z'",
        "created gt 99999999999999999999999999",
        "_id eq 'x'",
        "_id gt null",
        "accountStatus eq 1",
    ],
)
def test_what_is_unknown_or_of_another_kind_matches_nothing(
    found: Callable[[str], list[str]], text: str
) -> None:
    assert found(text) == []


def test_an_id_is_found_whole_and_in_part(
    people: list[Identity], found: Callable[[str], list[str]]
) -> None:
    assert found(f"_id eq '{people[1].pk}'") == ["Ben"]
    assert found(f"_id eq '{str(people[1].pk).upper()}'") == ["Ben"]
    assert "Ben" in found(f"_id sw '{str(people[1].pk)[:10]}'")


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [SortKey(("userName",))],
        [SortKey(("givenName",), descending=True)],
        [SortKey(("disabled",)), SortKey(("userName",), descending=True)],
        [SortKey(("disabled",), descending=True), SortKey(("givenName",))],
        [SortKey(("_id",), descending=True)],
    ],
)
@pytest.mark.parametrize("page_size", [1, 2, 3, 7])
def test_pages_hold_every_row_once_and_in_order(
    people: list[Identity], keys: list[SortKey], page_size: int
) -> None:
    order = to_order(keys, PARTS, key=Column("id", Kind.UUID))
    rows = Identity.objects.order_by(*order.expressions())
    whole = list(rows.values_list("id", flat=True))
    paged: list[UUID] = []
    page = list(rows.values_list("id", *order.paths())[:page_size])
    while page:
        paged += [row[0] for row in page]
        after = order.after(cookie_values(page[-1][1:]))
        page = list(rows.filter(after).values_list("id", *order.paths())[:page_size])
    assert paged == whole
    assert len(paged) == len(people)


def test_rows_without_a_value_come_first_on_every_database(people: list[Identity]) -> None:
    order = to_order([SortKey(("disabled",)), SortKey(("created",))], PARTS)
    rows = Identity.objects.order_by(*order.expressions())
    assert [row.user_name for row in rows] == ["Ben", "cy_1", "cyx1", "d100", "eve", "ann", "zoe"]


@pytest.mark.parametrize("name", ["password", "accountStatus", "user_name"])
def test_only_known_columns_can_be_sorted_by(name: str) -> None:
    with pytest.raises(BadQuery, match="cannot be sorted by this field"):
        to_order([SortKey((name,))], PARTS)


@pytest.mark.parametrize("last", [[], ["ann"], [None, "x"], ["ann", "no uuid"], [5, None]])
def test_a_cookie_that_does_not_fit_the_order_is_refused(last: list[str | int | None]) -> None:
    order = to_order([SortKey(("userName",))], PARTS)
    with pytest.raises(BadQuery, match="not one of this query"):
        order.after(last)
