"""Dates between formats, compared, and moved."""

from __future__ import annotations

from datetime import UTC, datetime
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


def converted(given: str | None, read: str = "ISO8601", write: str = "ISO8601", **more: Any) -> Any:
    definition = transform("dateFormat", inputFormat=read, outputFormat=write)
    return value_of(definition, given, **more)


@pytest.mark.parametrize(
    ("given", "read", "expected"),
    [
        ("144642632190", "EPOCH_TIME_JAVA", "1974-08-02T02:30:32.190Z"),
        ("-1", "epoch_time_java", "1969-12-31T23:59:59.999Z"),
        ("132223104000000000", "EPOCH_TIME_WIN32", "2020-01-01T00:00:00.000Z"),
        ("20201028120000.0Z", "LDAP", "2020-10-28T12:00:00.000Z"),
        ("20201028120000.Z", "LDAP", "2020-10-28T12:00:00.000Z"),
        ("20201028140000+0200", "LDAP", "2020-10-28T12:00:00.000Z"),
        ("2020102812.5Z", "LDAP", "2020-10-28T12:30:00.000Z"),
        ("9999123123.9Z", "LDAP", "9999-12-31T23:54:00.000Z"),
        ("202010281230", "LDAP", "2020-10-28T12:30:00.000Z"),
        ("12/31/2020", "PEOPLE_SOFT", "2020-12-31T00:00:00.000Z"),
        ("2020-10-28T12:00:00.000Z", "ISO8601", "2020-10-28T12:00:00.000Z"),
        ("2020-10-28T12:00:00+0200", "ISO8601", "2020-10-28T10:00:00.000Z"),
        (" 2020-10-28 ", "ISO8601", "2020-10-28T00:00:00.000Z"),
        ("4/1/1975", "M/d/yyyy", "1975-04-01T00:00:00.000Z"),
        ("20201028", "yyyyMMdd", "2020-10-28T00:00:00.000Z"),
        ("2023-11-01", "YYYY-MM-dd", "2023-11-01T00:00:00.000Z"),
        ("Jan 02 2020, 03:04:05.678", "MMM dd yyyy, HH:mm:ss.SSS", "2020-01-02T03:04:05.678Z"),
        ("january 2 2020", "MMM d yyyy", "2020-01-02T00:00:00.000Z"),
        (
            "2020.07.04 AD at 12:08:56 PDT",
            "yyyy.MM.dd G 'at' HH:mm:ss z",
            "2020-07-04T19:08:56.000Z",
        ),
        (
            "Wed, 4 Jul 2001 12:08:56 -0700",
            "EEE, d MMM yyyy HH:mm:ss Z",
            "2001-07-04T19:08:56.000Z",
        ),
        (
            "2001-07-04T12:08:56.235-07:00",
            "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
            "2001-07-04T19:08:56.235Z",
        ),
        ("2001-07-04T12:08:56Z", "yyyy-MM-dd'T'HH:mm:ssZ", "2001-07-04T12:08:56.000Z"),
        ("12 o'clock PM", "hh 'o''clock' a", "1970-01-01T12:00:00.000Z"),
        ("12 AM", "h a", "1970-01-01T00:00:00.000Z"),
        ("0 PM", "K a", "1970-01-01T12:00:00.000Z"),
        ("24", "k", "1970-01-01T00:00:00.000Z"),
        ("2020-366", "yyyy-DDD", "2020-12-31T00:00:00.000Z"),
        ("01/02/20", "MM/dd/yy", "2020-01-02T00:00:00.000Z"),
        ("01/02/46", "MM/dd/yy", "2046-01-02T00:00:00.000Z"),
        ("01/02/47", "MM/dd/yy", "1947-01-02T00:00:00.000Z"),
        ("01/02/2047", "MM/dd/yy", "2047-01-02T00:00:00.000Z"),
        ("01/11/12", "MM/dd/yyyy", "0012-01-11T00:00:00.000Z"),
        ("10.123456", "ss.SSS", "1970-01-01T00:00:10.123Z"),
        ("2018-06-25T00:00:00.000Z", "yyyy-MM-dd", "2018-06-25T00:00:00.000Z"),
    ],
)
def test_reading(given: str, read: str, expected: str) -> None:
    assert converted(given, read) == expected


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        ("ISO8601", "2001-07-04T19:08:56.235Z"),
        ("iso8601", "2001-07-04T19:08:56.235Z"),
        ("LDAP", "20010704190856.2Z"),
        ("PEOPLE_SOFT", "07/04/2001"),
        ("EPOCH_TIME_JAVA", "994273736235"),
        ("EPOCH_TIME_WIN32", "126387473362350000"),
        ("yyyy-MM-dd", "2001-07-04"),
        ("EEEE, d. MMMM yy", "Wednesday, 4. July 01"),
        ("EEE MMM L M y yyyyy", "Wed Jul 7 7 2001 02001"),
        ("h:mm a, K, k, H", "7:08 PM, 7, 19, 19"),
        ("hh 'o''clock'", "07 o'clock"),
        ("''yy", "'01"),
        ("D DDDD F u w W Y G", "185 0185 1 3 27 1 2001 AD"),
        ("ss.SSS S SSSSS", "56.235 235 00235"),
        ("z Z X XX", "UTC +0000 Z Z"),
        ("…/", "…/"),
    ],
)
def test_writing(write: str, expected: str) -> None:
    assert converted("2001-07-04T12:08:56.235-0700", write=write) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2019-12-28", "2019 52 4"),
        ("2019-12-29", "2020 1 5"),
        ("2021-01-02", "2021 1 1"),
        ("2021-01-03", "2021 2 2"),
        ("9999-12-31", "9999 53 5"),
        ("0001-01-01", "1 1 1"),
    ],
)
def test_weeks_are_those_of_the_usa(day: str, expected: str) -> None:
    assert converted(day, write="Y w W") == expected


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("yesterday", "ISO8601"),
        ("now", "ISO8601"),
        ("2020-02-30", "ISO8601"),
        ("0001-01-01T00:00+01:00", "ISO8601"),
        ("", "ISO8601"),
        ("x" * 300, "ISO8601"),
        ("2020-02-30", "yyyy-MM-dd"),
        ("13/01/2020", "MM/dd/yyyy"),
        ("2020/01/02", "yyyy-MM-dd"),
        ("202001023", "yyyyMMdd'x'"),
        ("20200102333333333333", "yyyyMMdd"),
        ("13 PM", "h a"),
        ("12 PM", "K a"),
        ("0 AM", "h a"),
        ("Foo 1", "MMM d"),
        ("2020 XYZ", "yyyy z"),
        ("99990101", "'9'yyyyyyyyMMdd"),
        ("1.5", "EPOCH_TIME_JAVA"),
        ("٣", "EPOCH_TIME_JAVA"),
        ("9223372036854775807", "EPOCH_TIME_WIN32"),
        ("20201328120000Z", "LDAP"),
        ("2020", "LDAP"),
        ("9999123123.9-0059", "LDAP"),
    ],
)
def test_what_is_no_such_date_is_an_error(given: str, read: str) -> None:
    error = failure(transform("dateFormat", inputFormat=read), given)
    assert error.path == "$"
    assert "“" in error.cause


@pytest.mark.parametrize(
    ("attribute", "pattern"),
    [
        ("inputFormat", "yyyy-bb"),
        ("outputFormat", "yyyy-bb"),
        ("inputFormat", "yyyy 'open"),
        ("outputFormat", "'"),
        ("inputFormat", "yyyy ww"),
        ("inputFormat", " "),
        ("outputFormat", "y" * 21),
        ("outputFormat", "-" * 101),
        ("inputFormat", "EPOCH"),
    ],
)
def test_a_format_that_means_nothing_is_refused(attribute: str, pattern: str) -> None:
    ((path, _message),) = problems(transform("dateFormat", **{attribute: pattern}))
    assert path == f"$.attributes.{attribute}"


def compared(first: Any, second: Any, operator: str, **facts: Any) -> Any:
    definition = transform(
        "dateCompare",
        firstDate=first,
        secondDate=second,
        operator=operator,
        positiveCondition="yes",
        negativeCondition="no",
    )
    return value_of(definition, of=subject(facts))


@pytest.mark.parametrize(
    ("operator", "answers"),
    [("LT", "yes no no"), ("lte", "yes yes no"), ("gT", "no no yes"), ("GTE", "no yes yes")],
)
def test_dates_compare(operator: str, answers: str) -> None:
    middle = "2026-11-22T12:30:15.123456Z"
    dates = ("2020-01-01", middle, "2030-01-01T00:00:00.000Z")
    assert [compared(date, "now", operator) for date in dates] == answers.split()
    assert [compared(account("d"), "NOW", operator, d=date) for date in dates] == answers.split()
    assert [compared(date, middle, operator) for date in dates] == answers.split()


def test_a_date_to_compare_may_be_now_by_calculation() -> None:
    moved = transform("dateMath", expression="now+1d")
    assert compared(moved, "now", "gt") == "yes"
    assert compared(account("d"), "2000-01-01", "gt", d="now") == "yes"


def test_a_date_that_is_missing_or_none_is_an_error() -> None:
    definition = transform(
        "dateCompare",
        firstDate=account("d"),
        secondDate="now",
        operator="gt",
        positiveCondition=account("e"),
        negativeCondition="no",
    )
    assert "“firstDate” has no value" in failure(definition).cause
    assert "ISO 8601" in failure(definition, of=subject({"d": "31.12.2020"})).cause
    assert value_of(definition, of=subject({"d": "2099-01-01", "e": "far"})) == "far"
    assert problems(
        {**definition, "attributes": {**definition["attributes"], "operator": "eq"}}
    ) == [("$.attributes.operator", "“eq” is none of: LT, LTE, GT, GTE.")]
    fixed = {**definition["attributes"], "secondDate": "31.12.2020"}
    assert problems({**definition, "attributes": fixed})[0][0] == "$.attributes.secondDate"


def moved(expression: str, given: str | None = None, *, up: bool = False, **more: Any) -> Any:
    return value_of(transform("dateMath", expression=expression, roundUp=up), given, **more)


@pytest.mark.parametrize(
    ("expression", "up", "expected"),
    [
        ("now", False, "2026-11-22T12:30"),
        ("now/h", False, "2026-11-22T12:00"),
        ("now/h", True, "2026-11-22T13:00"),
        ("now+1w", False, "2026-11-29T12:30"),
        ("now+1y+1M+2d-4h+1m-3s/s", False, "2027-12-24T08:31"),
        ("now-5d/d", False, "2026-11-17T00:00"),
        ("now/y", False, "2026-01-01T00:00"),
        ("now/y", True, "2027-01-01T00:00"),
        ("now/M", True, "2026-12-01T00:00"),
        ("now/m", True, "2026-11-22T12:31"),
        ("now/M+1d", False, "2026-11-02T00:00"),
        ("now + 1 d", False, "2026-11-23T12:30"),
    ],
)
def test_now_moves_and_rounds(expression: str, up: bool, expected: str) -> None:
    assert moved(expression, up=up) == expected


@pytest.mark.parametrize(
    ("expression", "given", "expected"),
    [
        ("+3M", "2020-11-30T12:00:00.000Z", "2021-02-28T12:00"),
        ("+1y", "2020-02-29", "2021-02-28T00:00"),
        ("-1M", "2020-03-31", "2020-02-29T00:00"),
        ("+12h/s", "2020-10-28T12:00:00.000Z", "2020-10-29T00:00"),
        ("", "2020-10-28T12:00:00+02:00", "2020-10-28T10:00"),
        ("+1d", "now", "2026-11-23T12:30"),
        ("now", "2020-10-28", "2026-11-22T12:30"),
        ("+1d", None, None),
    ],
)
def test_a_date_moves_and_now_beats_the_input(expression: str, given: Any, expected: Any) -> None:
    if expression:
        assert moved(expression, given) == expected
    else:
        assert moved("+0d", given) == expected


def test_a_date_to_move_must_be_one() -> None:
    assert "ISO 8601" in failure(transform("dateMath", expression="+1d"), "31.12.2020").cause


def test_rounding_up_goes_on_even_from_the_start_of_a_unit() -> None:
    assert moved("/d", "2020-01-01", up=True) == "2020-01-02T00:00"


@pytest.mark.parametrize(
    "expression", ["now/w", "now+w", "now+1x", "+1d+", "later", "now+1234567d", "now" + "+1d" * 51]
)
def test_an_expression_that_means_nothing_is_refused(expression: str) -> None:
    ((path, _message),) = problems(transform("dateMath", expression=expression))
    assert path == "$.attributes.expression"


@pytest.mark.parametrize("expression", ["now+999999y", "now-999999M", "now+999999w", "now-9999y"])
def test_a_date_that_leaves_the_calendar_is_an_error(expression: str) -> None:
    error = failure(transform("dateMath", expression=expression))
    assert "1 to 9999" in error.cause


def test_the_end_of_the_calendar_is_no_crash() -> None:
    at_the_end = subject(now=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
    for unit in "yMdhms":
        definition = transform("dateMath", expression=f"now/{unit}", roundUp=True)
        assert "1 to 9999" in failure(definition, of=at_the_end).cause


def test_the_lifecycle_state_of_the_vendors_guide() -> None:
    def date(**attributes: Any) -> Any:
        return transform("dateFormat", outputFormat="ISO8601", **attributes)

    def compare(first: Any, second: Any, operator: str) -> Any:
        return transform(
            "dateCompare",
            firstDate=first,
            secondDate=second,
            operator=operator,
            positiveCondition="true",
            negativeCondition="false",
        )

    minutes = "yyyy-MM-dd'T'HH:mm"
    end = date(inputFormat="yyyy-MM-dd", input=account("end_date"))

    def now(expression: str) -> Any:
        return date(inputFormat=minutes, input=transform("dateMath", expression=expression))

    definition = transform(
        "static",
        inPast=compare(now("now"), end, "gte"),
        Within7Days=compare(end, now("now+7d"), "lte"),
        Within25Days=compare(end, now("now+25d"), "lte"),
        value="#if($inPast=='false' && $Within7Days == 'true')inactivePendingTermination"
        "#elseif($inPast == 'false' && $Within25Days == 'true')activePendingTermination"
        "#elseif($inPast == 'false')active#{else}terminated#end",
    )
    today = datetime(2023, 11, 7, 9, tzinfo=UTC)
    days = ("2023-11-01", "2023-11-09", "2023-11-25", "2023-12-25")
    states = [value_of(definition, of=subject({"end_date": day}, now=today)) for day in days]
    assert states == [
        "terminated",
        "inactivePendingTermination",
        "activePendingTermination",
        "active",
    ]
