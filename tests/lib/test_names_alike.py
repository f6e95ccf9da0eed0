from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.lib.names import MAX_SKELETON, BadText, clean_name, skeleton

pytestmark = pytest.mark.sqlite


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Payroll", "pAYROLL"),
        ("Café", "Cafe\u0301"),
        ("CI bot", "ci\u00a0 bot "),
        ("CI bot", "C\u200bI bot"),
        ("full", "ｆｕｌｌ"),
        ("copa", "\u0441\u043e\u0440\u0430"),  # all Cyrillic
        ("BOT", "\u0412\u041e\u0422"),  # all Cyrillic, and only the capitals look alike
        ("bot", "\u0432\u043e\u0442"),  # so the small ones count as the same name too
        ("node-10", "node\u2013lO"),
        ("modern", "modem"),
        ("Straße", "STRASSE"),
    ],
)
def test_what_looks_the_same_counts_as_the_same(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Kari", "Karl"), ("Neil", "Nell"), ("resume", "résumé"), ("CI bot", "CIbot"), ("a_b", "a-b")],
)
def test_what_people_tell_apart_stays_apart(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


@given(st.text(max_size=40))
def test_the_key_of_a_key_is_the_key(text: str) -> None:
    assert skeleton(skeleton(text)) == skeleton(text)


@given(st.text(max_size=40))
def test_case_makes_no_difference_to_a_clean_name(text: str) -> None:
    try:
        name = clean_name(text)
    except BadText:
        return
    assert skeleton(name.casefold()) == skeleton(name)


def test_letters_that_unfold_to_many_do_not_outgrow_the_column() -> None:
    assert len(skeleton("ﷺ" * 100)) == MAX_SKELETON
    assert skeleton("ﷺ" * 100) != skeleton("ﷺ" * 99)


def test_what_no_database_can_hold_is_not_in_a_key() -> None:
    assert skeleton("a\0\ud800b") == "ab"
    assert skeleton("\0\ud800" * 1000).isalnum()


def test_the_key_of_megabytes_costs_nothing() -> None:
    started = time.perf_counter()
    assert len(skeleton("\u0301" * 2_000_000)) <= MAX_SKELETON
    assert time.perf_counter() - started < 1


def test_a_thousand_keys_take_no_time_that_anyone_notices() -> None:
    skeleton("warm")
    started = time.perf_counter()
    for number in range(1000):
        skeleton(f"nightly export of the payroll {number}")
    assert time.perf_counter() - started < 2
