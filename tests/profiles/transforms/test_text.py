"""Types that change a text."""

from __future__ import annotations

from typing import Any

import pytest

from tests.profiles.transforms.running import (
    account,
    failure,
    problems,
    subject,
    transform,
    value_of,
)

pytestmark = pytest.mark.sqlite


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("lower", "ACTIVE", "active"),
        ("upper", "straße", "STRASSE"),
        ("trim", " \t\u00a0\x01Vice  President \n", "Vice  President"),
        ("base64Encode", "1234 é", "MTIzNCDDqQ=="),
        ("base64Decode", "MTIzNCDDqQ==", "1234 é"),
        ("base64Decode", "MTIz\nNCDDqQ", "1234 é"),
        ("base64Decode", "", ""),
        ("decomposeDiacriticalMarks", "Āric Dubçek Ňŵ", "Aric Dubcek Nw"),
        ("decomposeDiacriticalMarks", "ﬁne ß ø", "fine ß ø"),
    ],
)
def test_plain_operations(kind: str, given: str, expected: str) -> None:
    assert value_of({"type": kind}, given) == expected


@pytest.mark.parametrize("given", ["%%%", "abcde", "AAAA", "/w=="])
def test_what_is_no_text_in_base64_is_an_error(given: str) -> None:
    assert "Base64" in failure({"type": "base64Decode"}, given).cause


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("jOHN VON SmITh", "John von Smith"),
        ("Dr. JOHN D. O'BRIEN", "Dr. John D. O'Brien"),
        ("smith-JONES", "Smith-Jones"),
        ("MCDONALD", "McDonald"),
        ("macdonald", "MacDonald"),
        ("MACHADO MACIAS MACK MACY MACRON", "Machado Macias Mack Macy Macron"),
        ("juan DE LA cruz Y vega", "Juan de la Cruz y Vega"),
        ("henry viii", "Henry VIII"),
        ("ANN  iii", "Ann  III"),
        ("x", "X"),
        ("V", "V"),
        ("o’neill", "O’Neill"),
        ("ßen", "SSen"),
    ],
)
def test_names_get_their_capitals(given: str, expected: str) -> None:
    assert value_of({"type": "normalizeNames"}, given) == expected


@pytest.mark.parametrize(
    ("kind", "attributes", "given", "expected"),
    [
        ("leftPad", {"length": "8", "padding": "0"}, "1234", "00001234"),
        ("rightPad", {"length": 7, "padding": "x"}, "1234", "1234xxx"),
        ("leftPad", {"length": "3", "padding": "0"}, "1234", "1234"),
        ("leftPad", {"length": "6"}, "ab", "    ab"),
        ("leftPad", {"length": "6", "padding": ""}, "ab", "    ab"),
        ("leftPad", {"length": "7", "padding": "xyz"}, "ab", "xyzxyab"),
        ("rightPad", {"length": "0"}, "", ""),
    ],
)
def test_padding(kind: str, attributes: Any, given: str, expected: str) -> None:
    assert value_of(transform(kind, **attributes), given) == expected


@pytest.mark.parametrize("length", ["-1", "65537", "five", "5.5", True, None])
def test_a_length_must_be_a_number_that_fits(length: Any) -> None:
    assert problems(transform("leftPad", length=length))[0][0] == "$.attributes.length"


@pytest.mark.parametrize(
    ("kind", "substring", "given", "expected"),
    [
        ("indexOf", "admin_", "admin_jsmith", "0"),
        ("indexOf", "b", "abcabcabc", "1"),
        ("lastIndexOf", "b", "abcabcabc", "7"),
        ("indexOf", "z", "abc", "-1"),
        ("lastIndexOf", "z", "abc", "-1"),
    ],
)
def test_places_are_told_as_text(kind: str, substring: str, given: str, expected: str) -> None:
    assert value_of(transform(kind, substring=substring), given) == expected


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"begin": 2, "end": 4}, "cd"),
        ({"begin": 1, "end": 3, "beginOffset": 1, "endOffset": 2}, "cde"),
        ({"begin": 4}, "ef"),
        ({"begin": -1, "end": 2}, "ab"),
        ({"begin": -1, "beginOffset": 3}, "abcdef"),
        ({"begin": 2, "end": -1}, "cdef"),
        ({"begin": 2, "end": -1, "endOffset": -3}, "cdef"),
        ({"begin": "0", "end": "99"}, "abcdef"),
        ({"begin": 99}, ""),
        ({"begin": 4, "end": 2}, ""),
        ({"begin": 1, "beginOffset": -5, "end": 2}, "ab"),
        ({"begin": 3, "end": 1, "endOffset": -5}, ""),
    ],
)
def test_substring(attributes: Any, expected: str) -> None:
    assert value_of(transform("substring", **attributes), "abcdef") == expected


def test_a_place_may_be_calculated() -> None:
    before = transform("substring", begin=0, end=transform("indexOf", substring="@"))
    after = transform("substring", begin=transform("indexOf", substring="@"), beginOffset=1)
    assert value_of(before, "audit01@company.com") == "audit01"
    assert value_of(after, "audit01@company.com") == "company.com"
    assert value_of(before, "no mail") == "no mail"
    assert value_of(after, "no mail") == "no mail"
    wrong = transform("substring", begin=transform("lower"))
    assert "begin" in failure(wrong, "abc").cause
    assert "begin" in failure(transform("substring", begin=account("none")), "abc").cause


@pytest.mark.parametrize(
    ("delimiter", "index", "given", "expected"),
    [
        (":", 1, "abc:123", "123"),
        (" ", 3, "The quick brown fox jumped", "fox"),
        (",", 0, ",b", ""),
        (".", 1, "a.b", "b"),
        ("|", "1", "a|b", "b"),
        (", ", 1, "a, b", "b"),
        ("[;,]\\s*", 2, "a; b,c", "c"),
        ("", 0, "abc", None),
        ("x", 0, "", ""),
        ("b*", 0, "abc", "a"),
        ("\\d", 1, "é1ü2", "ü"),
    ],
)
def test_split_counts_from_zero(delimiter: str, index: Any, given: str, expected: Any) -> None:
    definition = transform("split", delimiter=delimiter, index=index)
    if expected is None:
        assert problems(definition)[0][0] == "$.attributes.delimiter"
    else:
        assert value_of(definition, given) == expected


@pytest.mark.parametrize(("given", "index"), [("a,b,,", 2), ("a", 1), (",,,", 0)])
def test_a_piece_that_is_not_there_is_an_error_unless_it_may_be_missing(
    given: str, index: int
) -> None:
    definition = transform("split", delimiter=",", index=index)
    assert "counting starts at 0" in failure(definition, given).cause
    definition["attributes"]["throws"] = "false"
    assert value_of(definition, given) is None
    definition["attributes"] |= {"delimiter": "[,]"}
    assert value_of(definition, given) is None


def test_concat_leaves_out_what_has_no_value() -> None:
    of = subject({"first": "Ada", "none": None, "many": ["x"]})
    values = [account("first"), " ", account("none"), None, 5, True, account("many")]
    assert value_of(transform("concat", values=values), of=of) == "Ada 5truex"
    assert value_of(transform("concat", values=[])) == ""


def test_join_separates_all_values_and_those_of_lists() -> None:
    of = subject({"groups": ["a", "b"], "none": None, "empty": ""})
    values = ["x", account("groups"), account("none"), account("empty")]
    assert value_of(transform("join", values=values), of=of) == "x,a,b,"
    assert value_of(transform("join", values=values, separator=" | "), of=of) == "x | a | b | "
    assert value_of(transform("join", values=["a", "b"], separator=""), of=of) == "ab"


def test_characters_outside_of_the_first_plane_count_as_one() -> None:
    assert value_of(transform("substring", begin=0, end=1), "𝒜da") == "𝒜"
    assert value_of(transform("indexOf", substring="d"), "𝒜da") == "1"
