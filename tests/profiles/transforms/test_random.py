"""Types that make something up."""

from __future__ import annotations

import string
from typing import Any
from uuid import UUID

import pytest

from accounts.profiles.transforms.rule import UTILITY
from accounts.profiles.transforms.rule_generate_random_string import SPECIAL
from tests.profiles.transforms.running import problems, subject, transform, value_of

pytestmark = pytest.mark.sqlite


def rule(operation: str, **attributes: Any) -> dict[str, Any]:
    return transform("rule", name=UTILITY, operation=operation, **attributes)


@pytest.mark.parametrize(
    ("kind", "attributes", "length", "alphabet"),
    [
        ("randomAlphaNumeric", {}, 32, string.ascii_letters + string.digits),
        ("randomAlphaNumeric", {"length": "450"}, 450, string.ascii_letters + string.digits),
        ("randomNumeric", {}, 10, string.digits),
        ("randomNumeric", {"length": 6}, 6, string.digits),
    ],
)
def test_random_texts_have_length_and_alphabet(
    kind: str, attributes: Any, length: int, alphabet: str
) -> None:
    values = [value_of(transform(kind, **attributes)) for _n in range(20)]
    assert {len(value or "") for value in values} == {length}
    assert set("".join(map(str, values))) <= set(alphabet)
    assert len(set(map(str, values))) > 10


@pytest.mark.parametrize(
    ("numbers", "special", "alphabet"),
    [
        ("true", "true", string.ascii_letters + string.digits + SPECIAL),
        ("TRUE", False, string.ascii_letters + string.digits),
        (False, "false", string.ascii_letters),
    ],
)
def test_random_strings_of_the_rule(numbers: Any, special: Any, alphabet: str) -> None:
    definition = rule(
        "generateRandomString", includeNumbers=numbers, includeSpecialChars=special, length="450"
    )
    values = "".join(str(value_of(definition)) for _n in range(20))
    assert set(values) == set(alphabet)


@pytest.mark.parametrize("length", ["0", "-1", "451", "many", ""])
def test_a_length_out_of_bounds_is_refused(length: str) -> None:
    for kind in ("randomAlphaNumeric", "randomNumeric"):
        assert problems(transform(kind, length=length))[0][0] == "$.attributes.length"


def test_a_uuid_is_one_of_version_4() -> None:
    values = {str(value_of({"type": "uuid"})) for _n in range(20)}
    assert len(values) == 20
    assert {UUID(value).version for value in values} == {4}


def test_chance_can_be_given() -> None:
    of = subject(randbelow=lambda limit: limit - 1)
    assert value_of(transform("randomNumeric", length=3), of=of) == "999"
    assert value_of({"type": "uuid"}, of=of) == "ffffffff-ffff-4fff-bfff-ffffffffffff"


@pytest.mark.parametrize(
    ("count", "given", "expected"),
    [
        ("4", "abcd1234", "1234"),
        ("8", "abcd1234", "abcd1234"),
        ("9", "abcd1234", None),
        ("16", "This is a test.", None),
        (0, "abc", ""),
    ],
)
def test_the_end_of_a_string(count: Any, given: str, expected: str | None) -> None:
    assert value_of(rule("getEndOfString", numChars=count), given) == expected
    explicit = rule("getEndOfString", numChars=count, input=given)
    assert value_of(explicit) == expected


def test_an_attribute_of_somebody_else() -> None:
    of = subject(
        identity={"boss": "corporate.admin"},
        manager={"email": "m@x"},
        others={"corporate.admin": {"phone": "+1"}},
    )

    def asked(uid: Any, name: str) -> Any:
        definition = rule("getReferenceIdentityAttribute", uid=uid, attributeName=name)
        return value_of(definition, of=of)

    assert asked("manager", "email") == "m@x"
    assert asked("corporate.admin", "phone") == "+1"
    assert asked("nobody", "phone") is None
    assert asked("manager", "phone") is None
    assert asked(transform("identityAttribute", name="boss"), "phone") == "+1"
    assert asked(transform("identityAttribute", name="none"), "phone") is None


@pytest.mark.parametrize(
    "attributes",
    [
        {"name": "Generate Random Number"},
        {"name": UTILITY},
        {"name": UTILITY, "operation": "runCode"},
        {"name": "Other", "operation": "getEndOfString", "numChars": "3"},
        {"operation": "getEndOfString", "numChars": "3"},
    ],
)
def test_no_other_rule_runs(attributes: Any) -> None:
    ((path, message),) = problems(transform("rule", **attributes))
    assert path == "$.attributes"
    assert "none is run here" in message
    assert "getEndOfString" in message
