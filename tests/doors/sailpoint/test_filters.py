"""The grammar of `filters`, and what a field makes of it."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokens.doors.sailpoint.errors import Refused
from tokens.doors.sailpoint.filters import BadFilter, Comparison, Joined, Not, parse

pytestmark = pytest.mark.sqlite


def eq(field: str, value: str) -> Comparison:
    return Comparison(field, "eq", (value,))


def test_a_comparison_has_a_field_an_operator_and_a_value() -> None:
    assert parse('name eq "Service Accounts"') == eq("name", "Service Accounts")
    assert parse("priority eq 10") == eq("priority", "10")
    assert parse("lastUsed le 2023-02-05T10:59:27.214Z") == Comparison(
        "lastUsed", "le", ("2023-02-05T10:59:27.214Z",)
    )
    assert parse('owner.id in ("a", "b")') == Comparison("owner.id", "in", ("a", "b"))


def test_and_binds_closer_than_or_and_parentheses_closer_still() -> None:
    a, b, c = eq("a", "1"), eq("b", "2"), eq("c", "3")
    assert parse("a eq 1 or b eq 2 and c eq 3") == Joined("or", (a, Joined("and", (b, c))))
    assert parse("(a eq 1 or b eq 2) and c eq 3") == Joined("and", (Joined("or", (a, b)), c))
    assert parse("not a eq 1 and b eq 2") == Joined("and", (Not(a), b))


def test_presence_stands_before_or_behind_its_field() -> None:
    assert parse("pr email") == parse("email pr") == Comparison("email", "pr")
    assert parse("isnull lastUsed") == parse("lastUsed isnull") == Comparison("lastUsed", "isnull")
    assert parse('pr eq "x"') == eq("pr", "x")


def test_quotes_and_backslashes_are_escaped() -> None:
    assert parse(r'name eq "a \"quoted\" \\ name"') == eq("name", r'a "quoted" \ name')


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name eq",
        'name EQ "x"',
        'name eq "x',
        r'name eq "\x"',
        "name eq x y",
        "name in x",
        "name in ()",
        "name in (x",
        "name eq x AND b eq y",
        "(name eq x",
        "name eq x)",
        "1name eq x",
        "not",
        "name like x",
        "and eq x",
        "name eq x and",
        "(" * 21 + "name eq x" + ")" * 21,
        " or ".join(["name eq x"] * 101),
        f"name in ({','.join('a' * 251)})",
        f'name eq "{"x" * 8_000}"',
    ],
)
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(BadFilter):
        parse(text)


@given(st.text(alphabet='abn eqinprotd()",\\ .0', max_size=60))
def test_no_text_does_anything_else_than_that(text: str) -> None:
    with suppress(Refused):
        parse(text)
