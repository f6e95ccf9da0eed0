"""What holds for every type of the registry."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.profiles.transforms import transform_types
from accounts.profiles.transforms.base import TransformError, TransformType
from accounts.profiles.transforms.compile import compile_transform, type_names
from tests.profiles.transforms.running import outcome, problems, subject, value_of

pytestmark = pytest.mark.sqlite

LIBRARY = {"Display name of a service account": {"type": "trim"}}

OF_THE_VENDOR = [
    "accountAttribute",
    "base64Decode",
    "base64Encode",
    "concat",
    "conditional",
    "dateCompare",
    "dateFormat",
    "dateMath",
    "decomposeDiacriticalMarks",
    "displayName",
    "e164phone",
    "firstValid",
    "identityAttribute",
    "indexOf",
    "iso3166",
    "join",
    "lastIndexOf",
    "leftPad",
    "lookup",
    "lower",
    "normalizeNames",
    "randomAlphaNumeric",
    "randomNumeric",
    "reference",
    "replace",
    "replaceAll",
    "rfc5646",
    "rightPad",
    "rule",
    "split",
    "static",
    "substring",
    "trim",
    "upper",
    "usernameGenerator",
    "uuid",
]

every_type = pytest.mark.parametrize(
    ("key", "part"), list(transform_types.items()), ids=list(transform_types.keys())
)


def without_input(part: TransformType) -> dict[str, Any]:
    attributes: Any = part.sample.get("attributes", {})
    return {k: v for k, v in attributes.items() if k != "input"}


def test_all_types_of_the_vendor_are_there() -> None:
    assert sorted(type_names()) == sorted(OF_THE_VENDOR)
    operations = {part.operation for _key, part in transform_types.items()} - {""}
    assert operations == {
        "generateRandomString",
        "getEndOfString",
        "getReferenceIdentityAttribute",
    }


@every_type
def test_a_type_is_found_by_its_key(key: str, part: TransformType) -> None:
    assert key == (f"rule:{part.operation}" if part.operation else part.type)
    assert str(part.label)
    assert str(part.description).endswith(".")


@every_type
def test_its_own_sample_compiles(key: str, part: TransformType) -> None:
    compiled = compile_transform(part.sample, library=LIBRARY)
    assert compiled.notices == ()


@every_type
def test_an_attribute_it_has_not_is_refused_with_path_and_mend(
    key: str, part: TransformType
) -> None:
    # where variables may be declared, only the form of their names can be wrong
    name = "no such" if part.variables else "noSuch"
    sample: Any = part.sample
    attributes = {**sample.get("attributes", {}), name: "x"}
    ((path, message),) = problems({**sample, "attributes": attributes}, LIBRARY)
    assert path == f"$.attributes.{name}"
    assert ("variable" if part.variables else "input") in message


@every_type
def test_each_required_attribute_is_asked_for(key: str, part: TransformType) -> None:
    sample: Any = part.sample
    for attribute in part.attributes:
        if not attribute.required or (part.type == "rule" and attribute.name == "operation"):
            continue
        left = {k: v for k, v in sample["attributes"].items() if k != attribute.name}
        found = problems({**sample, "attributes": left}, LIBRARY)
        paths = {f"$.attributes.{attribute.name}"}
        assert {path for path, _message in found} <= paths | {"$.attributes"}


@every_type
@pytest.mark.parametrize("given", [None, "", "Årø 01", [], ["one"], ["one", "two"]])
def test_any_input_gives_text_nothing_or_a_clear_error(
    key: str, part: TransformType, given: Any
) -> None:
    definition = {**part.sample, "attributes": without_input(part)}
    result = outcome(definition, given, library=LIBRARY)
    if isinstance(result, TransformError):
        assert "$" in result.path
        assert str(result) == f"{result.path}: {result.cause}"
    else:
        assert result is None or isinstance(result, str)


WORK_ON_THEIR_INPUT = [
    "base64Decode",
    "base64Encode",
    "dateFormat",
    "decomposeDiacriticalMarks",
    "e164phone",
    "indexOf",
    "iso3166",
    "lastIndexOf",
    "leftPad",
    "lookup",
    "lower",
    "normalizeNames",
    "reference",
    "replace",
    "replaceAll",
    "rfc5646",
    "rightPad",
    "rule:getEndOfString",
    "split",
    "substring",
    "trim",
    "upper",
]


@pytest.mark.parametrize("key", WORK_ON_THEIR_INPUT)
def test_nothing_in_gives_nothing_out(key: str) -> None:
    part = transform_types.get(key)
    definition = {**part.sample, "attributes": without_input(part)}
    assert value_of(definition, None, library=LIBRARY) is None
    assert value_of(definition, [], library=LIBRARY) is None


@pytest.mark.parametrize("key", [k for k in WORK_ON_THEIR_INPUT if k != "dateFormat"])
def test_an_explicit_input_beats_the_implicit_one(key: str) -> None:
    part = transform_types.get(key)
    attributes = {
        **without_input(part),
        "input": {"type": "static", "attributes": {"value": "U3Rld2FyZA"}},
    }
    definition = {**part.sample, "attributes": attributes}
    plain = {**part.sample, "attributes": without_input(part)}
    expected = value_of(plain, "U3Rld2FyZA", library=LIBRARY)
    assert value_of(definition, "something else", library=LIBRARY) == expected


def test_several_values_where_one_is_needed_are_an_error_in_words() -> None:
    compiled = compile_transform({"type": "lower"})
    with pytest.raises(TransformError, match=r"holds 2 values.*join them first"):
        compiled.evaluate(subject(), ["A", "B"])
    assert compiled.evaluate(subject(), ["A"]) == "a"


def test_periodic_refresh_is_read_and_comes_up_from_within() -> None:
    def refreshed(definition: Any) -> bool:
        library = {"Nightly": {"type": "upper", "requiresPeriodicRefresh": "true"}}
        return compile_transform(definition, library=library).requires_periodic_refresh

    assert not refreshed({"type": "upper"})
    assert refreshed({"type": "upper", "requiresPeriodicRefresh": True})
    inner = {"type": "lower", "requiresPeriodicRefresh": True}
    assert refreshed({"type": "upper", "attributes": {"input": inner}})
    assert refreshed({"type": "reference", "attributes": {"id": "Nightly"}})
    assert not refreshed({"type": "upper", "requiresPeriodicRefresh": None})


def test_what_a_transform_will_ask_for_is_known_before() -> None:
    library = {
        "Mail": {
            "type": "accountAttribute",
            "attributes": {
                "sourceName": "HR",
                "attributeName": "mail",
                "accountSortAttribute": "hired",
                "accountPropertyFilter": 'status == "on" || !left.notNull()',
            },
        }
    }
    values = [
        {"type": "reference", "attributes": {"id": "Mail"}},
        {"type": "identityAttribute", "attributes": {"name": "uid"}},
        {"type": "dateMath", "attributes": {"expression": "now"}},
    ]
    compiled = compile_transform(
        {"type": "concat", "attributes": {"values": values}}, library=library
    )
    assert compiled.account_attributes == {
        ("HR", name) for name in ("mail", "hired", "status", "left")
    }
    assert compiled.identity_attributes == {"uid"}
    assert compiled.references == {"Mail"}
    assert compiled.uses_now
    assert not compiled.uses_randomness
    assert not compiled.checks_uniqueness
    assert compile_transform({"type": "uuid"}).uses_randomness
