from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokens.doors.ping.crest.errors import BadQuery
from tokens.doors.ping.crest.filter import (
    MAX_CLAUSES,
    MAX_DEPTH,
    MAX_LENGTH,
    And,
    Comparison,
    Filter,
    Literal,
    Not,
    Op,
    Or,
    Present,
    Value,
    parse_filter,
)

pytestmark = pytest.mark.sqlite

A, B, C = Present(("a",)), Present(("b",)), Present(("c",))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("true", Literal(value=True)),
        (" ( false ) ", Literal(value=False)),
        ("a pr or b pr and c pr", Or((A, And((B, C))))),
        ("(a pr or b pr) and c pr", And((Or((A, B)), C))),
        ("!a pr and b pr", And((Not(A), B))),
        ("!(a pr and b pr)", Not(And((A, B)))),
        ("!!a pr", Not(Not(A))),
        ("A Pr AND b PR", And((Present(("A",)), B))),
        ("/name/first sw 'O\\'H'", Comparison(("name", "first"), Op.STARTS_WITH, "O'H")),
        ("a~1b/c~0d pr", Present(("a/b", "c~d"))),
        ('or eq "and"', Comparison(("or",), Op.EQUAL, "and")),
        ("a eq 'say \"hi\" \\\\'", Comparison(("a",), Op.EQUAL, 'say "hi" \\')),
        ('a co "\\u00e9\\ud83d\\ude00"', Comparison(("a",), Op.CONTAINS, "é😀")),
        ("a ge -1.5e3", Comparison(("a",), Op.GREATER_OR_EQUAL, -1500.0)),
        ("a eq null", Comparison(("a",), Op.EQUAL, None)),
        ("a eq false", Comparison(("a",), Op.EQUAL, False)),
    ],
)
def test_a_filter_reads_as_the_grammar_says(text: str, tree: Filter) -> None:
    assert parse_filter(text) == tree


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 1),
        ("   ", 4),
        ("a", 2),
        ("a like 'b'", 3),
        ("a eq", 5),
        ("a eq b", 6),
        ("a eq 01", 6),
        ("a eq NaN", 6),
        ("a eq 1e999", 6),
        ("a eq " + "9" * 50, 6),
        ("a eq 'open", 5),
        ("a eq 'x\\q'", 6),
        ('a eq "\\u0000"', 6),
        ('a eq "\\ud800"', 6),
        ('a eq "line\nbreak"', 5),
        ("a pr)", 5),
        ("(a pr", 6),
        ("a pr b pr", 6),
        ("a pr and", 9),
        ("a//b pr", 1),
        ("a~2 pr", 1),
        ("/ pr", 1),
        ("a; drop table x pr", 4),
    ],
)
def test_a_refusal_says_where_the_filter_breaks(text: str, position: int) -> None:
    with pytest.raises(BadQuery) as refusal:
        parse_filter(text)
    assert refusal.value.position == position
    assert f"(at character {position})" in refusal.value.message
    assert refusal.value.field == "_queryFilter"


@pytest.mark.parametrize(
    "text",
    [
        "(" * (MAX_DEPTH + 1) + "true" + ")" * (MAX_DEPTH + 1),
        "!" * (MAX_DEPTH + 1) + "true",
        "!(" * MAX_LENGTH,
        " or ".join(["a pr"] * (MAX_CLAUSES + 1)),
        "a eq '" + "x" * MAX_LENGTH + "'",
    ],
)
def test_a_filter_has_bounds(text: str) -> None:
    with pytest.raises(BadQuery):
        parse_filter(text)


def test_the_largest_filter_that_fits_is_read() -> None:
    assert parse_filter("(" * MAX_DEPTH + "true" + ")" * MAX_DEPTH) == Literal(value=True)
    assert len(parse_filter(" or ".join(["a pr"] * MAX_CLAUSES)).parts) == MAX_CLAUSES  # type: ignore[union-attr]


@pytest.mark.parametrize("piece", ["(", "!", '"', "'\\", " ", "a ", "a pr and ", "\\", "a/", "~"])
def test_time_grows_no_faster_than_the_text(piece: str) -> None:
    started = time.perf_counter()
    for _round in range(20):
        with pytest.raises(BadQuery):
            parse_filter((piece * MAX_LENGTH)[:MAX_LENGTH])
    assert time.perf_counter() - started < 1


@given(st.text(max_size=80))
def test_any_text_is_a_filter_or_a_refusal(text: str) -> None:
    try:
        found = parse_filter(text)
    except BadQuery:
        return
    assert found == parse_filter(f"({text})")


names = st.text("abcXYZ_~/0", min_size=1, max_size=6)
pointers = st.lists(names, min_size=1, max_size=3).map(tuple)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
values = (
    texts
    | st.integers(-(10**12), 10**12)
    | st.floats(-1e12, 1e12, allow_nan=False)
    | st.booleans()
    | st.none()
)
clauses: st.SearchStrategy[Filter] = (
    st.builds(Literal, st.booleans())
    | st.builds(Present, pointers)
    | st.builds(Comparison, pointers, st.sampled_from(Op), values)
)


def _either(inner: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.builds(Not, inner) | st.builds(And, several) | st.builds(Or, several)


@given(st.recursive(clauses, _either, max_leaves=12), st.booleans())
def test_a_tree_that_is_written_is_read_back(tree: Filter, single_quoted: bool) -> None:
    assert parse_filter(_write(tree, single_quoted)) == tree


def _write(tree: Filter, single: bool) -> str:
    match tree:
        case Literal(value=value):
            return json.dumps(value)
        case Present(pointer=pointer):
            return f"{_pointer(pointer)} pr"
        case Comparison(pointer=pointer, op=op, value=value):
            return f"{_pointer(pointer)} {op} {_value(value, single)}"
        case Not(part=part):
            return f"!({_write(part, single)})"
        case And(parts=parts):
            return " and ".join(f"({_write(part, single)})" for part in parts)
        case Or(parts=parts):
            return " or ".join(f"({_write(part, single)})" for part in parts)


def _pointer(pointer: tuple[str, ...]) -> str:
    return "/" + "/".join(name.replace("~", "~0").replace("/", "~1") for name in pointer)


def _value(value: Value, single: bool) -> str:
    written = json.dumps(value)
    if not single or not isinstance(value, str):
        return written
    return "'" + written[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"
