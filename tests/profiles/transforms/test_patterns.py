"""Regular expressions: what they do, what is refused, and that none of them can run away."""

from __future__ import annotations

import time
from typing import Any

import pytest

from accounts.profiles.transforms.base import TransformTooCostly
from tests.profiles.transforms.running import failure, outcome, problems, transform, value_of

pytestmark = pytest.mark.sqlite


def replace(regex: str, replacement: str, given: str) -> Any:
    return value_of(transform("replace", regex=regex, replacement=replacement), given)


@pytest.mark.parametrize(
    ("regex", "replacement", "given", "expected"),
    [
        ("IIQ", "Cloud", "Working with IIQ and IIQ", "Working with Cloud and Cloud"),
        ("[^a-zA-Z]", "", "10 lazy dogs", "lazydogs"),
        (r"(\w+)\.(\w+)", "$2 $1", "john.doe", "doe john"),
        (r"(?<first>\w+) (?<last>\w+)", "${last}, ${first}", "Ada Love", "Love, Ada"),
        (r"(a)", "$12", "ab", "a2b"),
        ("(a)" * 12, "$12", "a" * 12, "a"),
        ("a", "[$0]", "aba", "[a]b[a]"),
        ("a", r"\$\\", "aba", r"$\b$" + "\\"),
        ("(a)|(b)", "<$2>", "ab", "<><b>"),
        ("$", "!", "abc", "abc!"),
        ("^", ">", "é", ">é"),
        (r"\b", "|", "ab cd", "|ab| |cd|"),
        ("a*", "-", "baac", "-b--c-"),
        ("x*", "-", "aé", "-a-é-"),
        (r"\s+", " ", "a \t b", "a b"),
        (r"\p{L}", "x", "aé1", "xx1"),
        (r"\p{Alpha}", "x", "aé1", "xé1"),
        (r"[\p{Punct}\p{Space}]", "", "a-b. c", "abc"),
        (r"\P{Alpha}", "", "a1é", "a"),
        (r"\p{InCombiningDiacriticalMarks}", "", "e\u0301", "e"),
        (r"[\p{InCombiningDiacriticalMarks}]+", "", "e\u0301\u0300x", "ex"),
        (r"\p{IsLatin}", "x", "aж", "xж"),
        (r"\u00e9", "e", "é", "e"),
        (r"\Qa.b\E", "-", "a.b axb", "- axb"),
        (r"(?i)ab", "-", "AB ab", "- -"),
        (r"b\Z", "-", "ab", "a-"),
        ("[.]", "-", "a.b", "a-b"),
        (r"[&-]", "", "a&b-c", "abc"),
        ("a", "", "b", "b"),
    ],
)
def test_java_syntax(regex: str, replacement: str, given: str, expected: str) -> None:
    assert replace(regex, replacement, given) == expected


@pytest.mark.parametrize(
    ("regex", "reason"),
    [
        ("(?=a)", "ahead or behind"),
        ("(?<!a)b", "ahead or behind"),
        (r"(a)\1", "back to a group"),
        (r"(?<n>a)\k<n>", "back to a group"),
        ("a++", "possessive"),
        ("(?>a)", "atomic"),
        ("[a-z&&[^b]]", "Intersections"),
        ("[a[bc]]", "Brackets within"),
        ("[]a]", "bracket"),
        (r"\h", "escape"),
        (r"[\P{Alpha}]", "negate"),
        (r"\pL{9}", "repeat less"),
        (r"\C", "escape"),
        ("(?x) a", "flag"),
        ("(", "no regular expression"),
        ("[z-a]", "no regular expression"),
        ("a\\", "no regular expression"),
        (r"\p{NoSuch}", "no regular expression"),
        ("a{1001}", "repeat less"),
        (r"(\pL{100}){10}", "repeat less"),
        ("|".join(f"word{n}" for n in range(300)), "Shorten"),
        ("", "empty"),
    ],
)
def test_what_cannot_be_run_safely_is_refused_by_name(regex: str, reason: str) -> None:
    ((path, message),) = problems(transform("replace", regex=regex, replacement=""))
    assert path == "$.attributes.regex"
    assert reason in message
    ((path, _message),) = problems(transform("replaceAll", table={regex: ""}))
    assert path == f'$.attributes.table["{regex}"]'


@pytest.mark.parametrize("replacement", ["$", "$x", "$1", "${name}", "a\\"])
def test_a_replacement_that_means_nothing_is_refused(replacement: str) -> None:
    for regex in ("a", "a+"):
        ((path, _m),) = problems(transform("replace", regex=regex, replacement=replacement))
        assert path == "$.attributes.replacement"


def test_replace_all_works_through_its_table_in_order() -> None:
    def replaced(table: Any, given: str) -> Any:
        return value_of(transform("replaceAll", table=table), given)

    assert replaced({"-": " ", '"': "'", "ñ": "n"}, 'Jose-Piñon "x"') == "Jose Pinon 'x'"
    assert replaced({"[.]": "-", "[a-zA-z]": ""}, "ad512.777.1234") == "512-777-1234"
    assert replaced({"a": "b", "b": "c"}, "ab") == "cc"
    assert replaced({"a": None, "5": 6}, "a5") == "6"
    assert value_of(transform("replaceAll"), "as it is") == "as it is"


@pytest.mark.parametrize(
    "regex", ["(a+)+$", "(a|a)*b", "(.*)(.*)(.*)(.*)x", "(a?){30}a{30}b", "(x+x+)+y", "a.*b|a"]
)
def test_no_pattern_runs_away(regex: str) -> None:
    definition = transform("replace", regex=regex, replacement="-")
    begun = time.thread_time()
    result = outcome(definition, "a" * 60_000 + "!")
    assert isinstance(result, str | TransformTooCostly)
    # backtracking would take years; the bound is the limit and a last match, with much room
    assert time.thread_time() - begun < 3


def test_many_quick_replacements_share_one_limit() -> None:
    quadratic = transform("replace", regex="a.*b|a", replacement="a")
    definition = quadratic
    for _n in range(12):
        definition = {**quadratic, "attributes": {**quadratic["attributes"], "input": definition}}
    begun = time.thread_time()
    error = failure(definition, "a" * 60_000)
    assert isinstance(error, TransformTooCostly)
    assert time.thread_time() - begun < 3


def test_a_large_pattern_takes_short_texts_only() -> None:
    definition = transform("replace", regex=r"(\pL\pN?){1,2}!", replacement="")
    assert value_of(definition, "é1!") == ""
    assert "too long for so large" in failure(definition, "é" * 60_000).cause


def test_growth_stops_before_it_fills_the_memory() -> None:
    for regex in ("a", "[a]", "x*"):
        error = failure(transform("replace", regex=regex, replacement="b" * 60_000), "a" * 60_000)
        assert isinstance(error, TransformTooCostly)
        assert "65536 characters" in error.cause


def test_there_may_be_a_hundred_patterns_and_no_more() -> None:
    table = {f"[a]{{{n}}}": "" for n in range(1, 102)}
    messages = {message for _path, message in problems(transform("replaceAll", table=table))}
    assert messages == {"Use at most 100 regular expressions."}
    literals = {f"word{n:03}": "x" for n in range(500)}
    assert value_of(transform("replaceAll", table=literals), "word007 word499") == "x x"
