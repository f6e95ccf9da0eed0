"""Transforms out of JSON, from SailPoint or from the editor."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.profiles.transforms.compile import compile_transform
from accounts.profiles.transforms.export import BadExport, parse_definition, parse_export
from tests.profiles.transforms.running import subject, transform, value_of

pytestmark = pytest.mark.sqlite

LOUD = {"id": "2cd7", "name": " Loud ", "type": "upper", "attributes": {}, "internal": False}
AREA = {
    "name": "Area",
    "type": "lookup",
    "attributes": {"table": {"a": "b", "default": "c"}},
    "requiresPeriodicRefresh": True,
}


def refusal(text: str | bytes) -> str:
    with pytest.raises(BadExport) as caught:
        parse_export(text)
    return caught.value.message


def test_a_list_of_transforms() -> None:
    export = parse_export(json.dumps([LOUD, AREA]))
    assert export.skipped == ()
    assert list(export.definitions) == [
        {"name": "Loud", "type": "upper", "requiresPeriodicRefresh": False, "attributes": {}},
        {
            "name": "Area",
            "type": "lookup",
            "requiresPeriodicRefresh": True,
            "attributes": {"table": {"a": "b", "default": "c"}},
        },
    ]


def test_one_alone_in_bytes_with_a_mark() -> None:
    export = parse_export(b"\xef\xbb\xbf" + json.dumps(LOUD).encode())
    assert [definition["name"] for definition in export.definitions] == ["Loud"]


def test_an_sp_config_export() -> None:
    def part(kind: str, content: Any) -> Any:
        return {
            "version": 1,
            "self": {"type": kind, "id": "x", "name": content["name"]},
            "object": content,
        }

    objects = [part("TRANSFORM", LOUD), part("SOURCE", {"name": "HR"}), part("TRANSFORM", AREA)]
    text = json.dumps({"version": 1, "timestamp": "2026-11-22", "objects": objects})
    export = parse_export(text)
    assert [definition["name"] for definition in export.definitions] == ["Loud", "Area"]
    assert export.skipped == ("SOURCE HR",)
    broken = json.dumps({"objects": [part("TRANSFORM", {"name": "x"})]})
    assert refusal(broken).startswith("$.objects[0].object.type:")


def test_the_definitions_compile_with_each_other() -> None:
    names = {"name": "Names", **transform("reference", id="Loud", input="x")}
    export = parse_export(json.dumps([names, LOUD]))
    library = {str(definition["name"]): definition for definition in export.definitions}
    assert value_of(library["Names"], library=library) == "X"


def test_other_transforms_of_an_account_profile_come_as_they_are() -> None:
    (definition,) = parse_export(
        json.dumps({"name": "mail", "transform": transform("static", value="x"), "type": "string"})
    ).definitions
    assert (definition["name"], definition["type"]) == ("mail", "static")


def test_a_generator_of_an_account_profile_brings_its_limits() -> None:
    profile = {
        "name": "userId",
        "transform": transform(
            "usernameGenerator",
            sourceCheck=True,
            patterns=["$ln${uniqueCounter}"],
            ln=transform("identityAttribute", name="lastname"),
        ),
        "attributes": {"cloudMaxSize": "100", "cloudMaxUniqueChecks": "2", "cloudRequired": "true"},
        "isRequired": False,
        "type": "string",
        "isMultiValued": False,
    }
    (definition,) = parse_export(json.dumps([profile])).definitions
    assert definition["name"] == "userId"
    of = subject(identity={"lastname": "Doe"}, taken={"Doe"})
    assert compile_transform(definition).evaluate(of) == "Doe1"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "line 1, column 1"),
        ("{\n  'a'}", "line 2, column 3"),
        ("[]", "no transforms"),
        ("5", "$: Here should be a transform"),
        ("[5]", "$[0]: Here should be"),
        ("null", "$: Here should be"),
        ('{"name": "x"}', "$.type"),
        ('[{"type": "lower"}]', "$[0].name"),
        ('[{"name": " ", "type": "lower"}]', "$[0].name"),
        ('[{"name": "x", "type": "lower", "attributes": []}]', "$[0].attributes"),
        (
            '[{"name": "x", "type": "lower", "requiresPeriodicRefresh": 1}]',
            "$[0].requiresPeriodicRefresh",
        ),
        ('[{"name": "x", "type": "lower"}, {"name": "x", "type": "upper"}]', "twice"),
        (
            '{"name": "x", "type": "lookup", "attributes": {"table": {"k": 1, "k": 2}}}',
            "“k” stands twice",
        ),
        ('{"name": "x", "type": "static", "attributes": {"value": NaN}}', "number"),
        ('{"name": "x", "type": "static", "attributes": {"value": 1' + "0" * 5000 + "}}", "number"),
        ('{"name": "x", "type": "static", "attributes": {"value": "\\ud800"}}', "character"),
        ("[" * 100_000, "nested too deeply"),
        (b"\xff\xfe", "UTF-8"),
        (" " * (10 * 1024 * 1024 + 1), "10 MiB"),
        (json.dumps([{"name": str(n), "type": "lower"} for n in range(5001)]), "5000"),
    ],
)
def test_what_is_no_export_is_named(text: str | bytes, reason: str) -> None:
    assert reason in refusal(text)


def test_the_editor_reads_one_definition_strictly() -> None:
    assert parse_definition('{"type": "lower"}') == {"type": "lower"}
    for text in ('["lower"]', '{"type": "lower", "type": "upper"}', "{", "null"):
        with pytest.raises(BadExport):
            parse_definition(text)
