"""Types that choose between values."""

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


def first(*values: Any, **more: Any) -> dict[str, Any]:
    return transform("firstValid", values=list(values), **more)


BROKEN = transform("lookup", input="x", table={"y": "z"})


def test_the_first_value_that_is_there_counts() -> None:
    of = subject({"none": None, "empty": "", "list": [], "some": ["a", "b"]})
    assert value_of(first(account("none"), account("list"), "last"), of=of) == "last"
    assert value_of(first(account("empty"), "last"), of=of) == ""
    assert value_of(first(None, account("some"), "last"), of=of) == ["a", "b"]
    assert value_of(first(None, account("none")), of=of) is None
    assert value_of(first(), of=of) is None


def test_an_error_stops_unless_errors_are_ignored() -> None:
    error = failure(first(BROKEN, "fallback"))
    assert error.path == "$.attributes.values[0]"
    assert value_of(first(BROKEN, "fallback", ignoreErrors="true")) == "fallback"
    assert value_of(first(BROKEN, ignoreErrors=True)) is None
    assert value_of(first(account("none"), "last", ignoreErrors=True)) == "last"


def test_what_cost_too_much_is_never_ignored() -> None:
    grown = transform("replace", input="a" * 1000, regex="a", replacement="b" * 100)
    assert "65536" in failure(first(grown, "fallback", ignoreErrors=True)).cause


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("512", "Austin"),
        ("281", "Houston"),
        ("x", "Unknown"),
        ("", "Unknown"),
        ("default", "Unknown"),
    ],
)
def test_lookup_answers_from_its_table_or_its_default(given: str, expected: str) -> None:
    table = {"512": "Austin", "281": "Houston", "default": "Unknown"}
    assert value_of(transform("lookup", table=table), given) == expected


def test_lookup_without_default_fails_and_says_for_what() -> None:
    definition = transform("lookup", table={"a": "1", "b": None, "c": 5})
    assert value_of(definition, "b") is None
    assert value_of(definition, "c") == "5"
    assert "no key “A\ufffd\ufffd" in failure(definition, "A\n\u202e").cause
    long = failure(definition, "x" * 5000).cause
    assert len(long) < 200


@pytest.mark.parametrize("table", [[], "x", {"a": {"type": "lower"}}, {"a": ["x"]}])
def test_a_table_holds_texts_only(table: Any) -> None:
    assert problems(transform("lookup", table=table))[0][0].startswith("$.attributes.table")


def test_a_reference_answers_what_the_other_answers() -> None:
    library = {
        "Mail name": transform("split", delimiter="@", index=0),
        "Loud": transform("upper", input=transform("reference", id="Mail name")),
    }
    by_name = transform("reference", id="Loud")
    assert value_of(by_name, "ada@x", library=library) == "ADA"
    with_input = transform("reference", id="Loud", input=account("mail"))
    assert (
        value_of(with_input, "ignored", of=subject({"mail": "otto@x"}), library=library) == "OTTO"
    )
    # the form of a mapping in an exported identity profile
    mapping = {
        **by_name,
        "attributes": {**by_name["attributes"], "input": account("mail", sourceId="2c91")},
    }
    assert value_of(mapping, of=subject({"mail": "vera@x"}), library=library) == "VERA"


def test_an_error_within_a_reference_names_it() -> None:
    library = {"Area": transform("concat", values=[transform("lookup", table={})])}
    error = failure(transform("reference", id="Area"), "x", library=library)
    assert error.path == "“Area” $.attributes.values[0]"


def test_a_reference_into_nothing_is_refused() -> None:
    assert problems(transform("reference", id="Gone")) == [
        ("$.attributes.id", "There is no transform called “Gone”.")
    ]
    twice = transform("concat", values=[transform("reference", id="Bad")] * 2)
    found = problems(twice, {"Bad": {"type": "nothing"}})
    assert [path for path, _message in found] == ["“Bad” $.type"]
