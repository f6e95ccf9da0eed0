"""Contract section 10.2, with the skew of RB-16 and RB-17."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.oauth.holder import LEFT_OUT, Holder

pytestmark = pytest.mark.django_db


def expiry(holder: Holder, **changed: Any) -> int:
    return holder.ask(holder.assertion(**changed)).status_code


@pytest.mark.parametrize("ahead", [1, 180, 899, 900, 950, -50])
def test_an_expiry_up_to_900_seconds_ahead_is_accepted_with_60_of_skew(
    holder: Holder, ahead: int
) -> None:
    assert expiry(holder, exp=int(time.time()) + ahead) == 200


@pytest.mark.parametrize("ahead", [-61, -3600, 970, 3600, 10**9])
def test_an_expiry_beyond_either_end_is_refused(holder: Holder, ahead: int) -> None:
    assert expiry(holder, exp=int(time.time()) + ahead) == 400


@pytest.mark.parametrize(
    "wrong", [LEFT_OUT, None, True, False, "soon", [], {}, 0, -1, 2**53, 10**400, 1e300, -(10**30)]
)
def test_an_expiry_that_is_no_sensible_number_is_refused(holder: Holder, wrong: Any) -> None:
    assert expiry(holder, exp=wrong) == 400


def test_a_number_as_text_is_no_number(holder: Holder) -> None:
    assert expiry(holder, exp=str(int(time.time()) + 100)) == 400


def test_a_fraction_of_a_second_is_accepted(holder: Holder) -> None:
    assert expiry(holder, exp=time.time() + 100.5) == 200


@pytest.mark.parametrize("name", ["iat", "nbf"])
@pytest.mark.parametrize(("ahead", "status"), [(-3600, 200), (8, 200), (50, 200), (90, 400)])
def test_a_clock_that_is_a_little_fast_is_forgiven(
    holder: Holder, name: str, ahead: int, status: int
) -> None:
    assert expiry(holder, **{name: int(time.time()) + ahead}) == status


@pytest.mark.parametrize("name", ["iat", "nbf"])
@pytest.mark.parametrize("wrong", [None, True, "now", [], 10**400])
def test_other_times_are_numbers_as_well_where_they_are_sent(
    holder: Holder, name: str, wrong: Any
) -> None:
    assert expiry(holder, **{name: wrong}) == 400
