"""Which of several accounts a value comes from."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.profiles.transforms.base import TransformTooCostly
from tests.profiles.transforms.running import (
    account,
    failure,
    problems,
    subject,
    transform,
    value_of,
)

pytestmark = pytest.mark.sqlite


def test_of_several_accounts_the_oldest_with_a_value_counts() -> None:
    of = subject({"dept": None, "n": "1"}, {"dept": "Sales", "n": "2"}, {"dept": "IT", "n": "3"})
    assert value_of(account("dept"), of=of) == "Sales"
    assert value_of(account("dept", accountSortDescending=True), of=of) == "IT"
    assert value_of(account("dept", accountReturnFirstLink="true"), of=of) is None
    assert value_of(account("n", accountReturnFirstLink=True), of=of) == "1"
    assert value_of(account("dept"), "ignored", of=subject()) is None
    assert value_of(account("none"), of=of) is None


def test_the_order_of_the_facts_does_not_matter() -> None:
    accounts = subject({"n": "old"}, {"n": "new"}).accounts_by_source["Service Accounts"]
    turned = subject(accounts_by_source={"Service Accounts": list(reversed(accounts))})
    assert value_of(account("n"), of=turned) == "old"


def test_any_attribute_sorts_and_accounts_without_it_come_last() -> None:
    of = subject({"n": "1"}, {"n": "2", "rank": "b"}, {"n": "3", "rank": ["a", "z"]})
    assert value_of(account("n", accountSortAttribute="rank"), of=of) == "3"
    down = account("n", accountSortAttribute="rank", accountSortDescending="TRUE")
    assert value_of(down, of=of) == "2"
    assert value_of(account("n", accountSortAttribute="none"), of=of) == "1"
    assert value_of(account("n", accountSortAttribute="displayName"), of=of) == "1"


def test_several_values_stay_several_and_numbers_become_text() -> None:
    of = subject({"groups": ["a", None, 5], "count": 7, "on": True, "none": []})
    assert value_of(account("groups"), of=of) == ["a", "5"]
    assert value_of(account("count"), of=of) == "7"
    assert value_of(account("on"), of=of) == "true"
    assert value_of(account("none"), of=of) is None


def test_a_source_is_found_by_its_name_before_its_id() -> None:
    made = subject({"n": "1"}).accounts_by_source["Service Accounts"]
    of = subject(accounts_by_source={"AD": made, "id1": made})

    def source(**attributes: str) -> Any:
        return value_of(transform("accountAttribute", attributeName="n", **attributes), of=of)

    assert source(sourceName="AD", sourceId="unknown") == "1"
    assert source(applicationName="AD [source]") == "1"
    assert source(applicationId="id1") == "1"
    assert source(sourceId="id1") == "1"
    ((path, _message),) = problems(transform("accountAttribute", attributeName="n"))
    assert path == "$.attributes.sourceName"


@pytest.mark.parametrize(
    ("expression", "kept"),
    [
        ('status == "on"', ["1", "3"]),
        ("(status == 'on')", ["1", "3"]),
        ('status != "on"', ["2"]),
        ('!(status == "on")', ["2"]),
        ('!status.startsWith("o")', []),
        ('status.startsWith("of")', ["2"]),
        ('status.endsWith("f")', ["2"]),
        ('status.contains("O")', []),
        ('status.containsIgnoreCase("O")', ["1", "2", "3"]),
        ('status.equalsIgnoreCase("ON")', ["1", "3"]),
        ('status == "on" && dept == "IT"', ["3"]),
        ('status == "off" || dept == "IT"', ["2", "3"]),
        ('dept == "IT" || status == "off" && dept == "x"', ["3"]),
        ('(dept == "IT" || status == "off") && !(groups.contains("Adm"))', ["3"]),
        ('groups.contains("Adm")', ["2"]),
        ('groups == "All Users"', ["2", "3"]),
        ('groups.containsAll({"All Users", "Admins"})', ["2"]),
        ('groups.containsAny({"Admins"})', ["2"]),
        ('n.in({"1","3"})', ["1", "3"]),
        ('groups.containsAny("Admins")', ["2"]),
        ("dept.isNull()", ["1"]),
        ("dept == null", ["1"]),
        ("dept.notNull()", ["2", "3"]),
        ("dept != null", ["2", "3"]),
        ("dept.isEmpty()", ["1", "2"]),
        ("n == 2", ["2"]),
        ("locked == true", ["3"]),
        (r'quote == "say \"hi\""', ["1"]),
        ('e-mail == "a@b"', ["1"]),
        ('nativeIdentity == ""', ["1", "2", "3"]),
    ],
)
def test_filters_choose_accounts(expression: str, kept: list[str]) -> None:
    of = subject(
        {"n": "1", "status": "on", "quote": 'say "hi"', "e-mail": "a@b"},
        {"n": "2", "status": "off", "dept": "", "groups": ["All Users", "Admins"]},
        {"n": "3", "status": "on", "dept": "IT", "groups": ["All Users"], "locked": True},
    )
    found = []
    for descending in (False, True):
        definition = account(
            "n", accountPropertyFilter=expression, accountSortDescending=descending
        )
        found.append(value_of(definition, of=of))
    assert found == ([kept[0], kept[-1]] if kept else [None, None])


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("status > 5", "Greater and less"),
        ("status", "cannot be read"),
        ("status ==", "cannot be read"),
        ('status == "on" &&', "cannot be read"),
        ('status == "on" extra', "cannot be read"),
        ('(status == "on"', "cannot be read"),
        ('status == "on', "cannot be read"),
        ("status == on", "double quotes"),
        ('status.matches("a+")', "matches"),
        ('status.startsWith("a", "b")', "cannot be read"),
        ("status.startsWith(null)", "cannot be read"),
        ("status.in({})", "cannot be read"),
        ('__import__("os")', "cannot be read"),
        ('status.getClass().getName() == "x"', "getClass"),
        ("(" * 18 + 'a == "b"' + ")" * 18, "16 deep"),
        ("!" * 40 + 'a == "b"', "16 deep"),
        ('a == "' + "b" * 2000 + '"', "Shorten"),
    ],
)
def test_a_filter_beyond_the_grammar_is_refused(expression: str, reason: str) -> None:
    ((path, message),) = problems(account("n", accountPropertyFilter=expression))
    assert path == "$.attributes.accountPropertyFilter"
    assert reason in message


def test_the_database_filter_knows_id_and_name_only() -> None:
    made = subject({"n": "1"}, {"n": "2"}).accounts_by_source["Service Accounts"]
    assert (
        value_of(
            account("n", accountFilter='!(nativeIdentity.startsWith("*DEL"))'),
            of=subject(accounts_by_source={"Service Accounts": made}),
        )
        == "1"
    )
    ((path, message),) = problems(account("n", accountFilter='status == "on"'))
    assert path == "$.attributes.accountFilter"
    assert "accountPropertyFilter" in message


def test_a_value_that_cannot_be_kept_is_an_error() -> None:
    error = failure(account("long"), of=subject({"long": "x" * 65_537}))
    assert isinstance(error, TransformTooCostly)
    many = subject({"long": ["x" * 40_000, "y" * 40_000]})
    assert isinstance(failure(account("long"), of=many), TransformTooCostly)
    assert "half a character" in failure(account("odd"), of=subject({"odd": "a\ud800"})).cause
    assert "half a character" in failure({"type": "lower"}, "a\udfff").cause
    assert isinstance(failure({"type": "trim"}, "x" * 65_537), TransformTooCostly)


def test_identity_attributes_and_display_names() -> None:
    of = subject(identity={"uid": "jdoe", "firstname": "Jonathan", "lastname": " Doe "})
    assert value_of(transform("identityAttribute", name="uid"), of=of) == "jdoe"
    assert value_of(transform("identityAttribute", name="none"), of=of) is None
    assert value_of({"type": "displayName"}, of=of) == "Jonathan Doe"
    assert value_of(transform("displayName", input="input"), of=of) == "Jonathan Doe"
    of = subject(identity={"preferredName": "John", "firstname": "Jonathan", "lastname": "Doe"})
    assert value_of({"type": "displayName"}, of=of) == "John Doe"
    assert value_of({"type": "displayName"}, of=subject(identity={"lastname": "Doe"})) == "Doe"
    assert value_of({"type": "displayName"}) is None
