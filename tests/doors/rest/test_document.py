"""The OpenAPI document says of each operation what it takes to call it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from jsonschema_rs import validator_for

from accounts.authorization.permissions import Permission
from accounts.models import Identity
from tests.doors.rest.caller import Caller
from tokens.doors.rest import document
from tokens.doors.rest.api import NOUNS, operations
from tokens.doors.rest.operations import PREFIX, Operation
from tokens.scopes.files import installed

README = Path(__file__).parents[3] / "README.md"
pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]

OURS = {name for name in installed() if name.startswith("steward:")} - {"steward:all"}


@cache
def by_name() -> dict[str, dict[str, object]]:
    return {
        found["operationId"]: found | {"path": path, "method": method.upper()}
        for path, methods in document.openapi()["paths"].items()
        for method, found in methods.items()
    }


def test_every_operation_is_in_the_document_with_its_scope_and_permissions() -> None:
    described = by_name()
    assert described.keys() == {operation.name for operation in operations()}
    assert len(described) == len(operations())
    for operation in operations():
        found = described[operation.name]
        assert found["security"] == [{document.SECURITY: [operation.scope]}]
        assert found["x-permissions"] == list(operation.needs)
        assert operation.needs
        assert found["summary"]


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.name)
def test_the_catalogue_knows_which_scope_opens_an_operation(operation: Operation) -> None:
    path = str(by_name()[operation.name]["path"])
    assert operation.scope in OURS
    assert installed().needed_for(operation.method, path) == operation.scope
    assert operation.scope.endswith(":read") is (operation.method == "GET")


def test_every_scope_opens_something_and_names_the_permissions_behind_it() -> None:
    """Unless everybody may do some of it; then the rest is refused where it is asked for."""
    assert {operation.scope for operation in operations()} == OURS
    for name in OURS:
        scope = installed().get(name)
        assert scope is not None
        needed = {need for each in operations() if each.scope == name for need in each.needs}
        everybodys = needed & {
            Permission.CONSOLE_OPEN,
            Permission.SERVICE_ACCOUNT_VIEW,
            Permission.TOKEN_OWN,
            Permission.REQUEST_ASK,
            Permission.KEY_CLAIM,
        }
        assert scope.permissions == (set() if everybodys else needed), name


def test_the_readme_names_every_noun() -> None:
    text = " ".join(README.read_text().split())
    _before, _title, section = text.partition("## Our REST API ")
    named = section.partition(" In the console alone ")[0].lower()
    assert [noun.title for noun in NOUNS if noun.title.lower() not in named] == []


def test_the_document_is_what_the_address_answers(mallory: Identity) -> None:
    answer = Caller(mallory, ["sp:scopes:default"]).get("/openapi.json")
    assert answer.status_code == 200
    assert answer.json() == document.openapi()


def test_the_document_is_made_once(mallory: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    document.openapi()["paths"].clear()  # what somebody does to theirs is nobody else's
    monkeypatch.setattr(document, "_made", None)
    assert document.openapi()["paths"]
    assert Caller(mallory, ["sp:scopes:default"]).get("/openapi.json").status_code == 200


def test_every_refusal_is_documented_as_a_problem() -> None:
    for found in by_name().values():
        responses = found["responses"]
        assert isinstance(responses, dict)
        assert {"401", "403", "406", "422", "429", "503"} <= responses.keys()
        for status, said in responses.items():
            if status >= "400":
                assert list(said["content"]) == ["application/problem+json"]


def test_every_noun_says_what_it_is_about() -> None:
    tags = {tag["name"]: tag["description"] for tag in document.openapi()["tags"]}
    assert tags == {noun.title: noun.about for noun in NOUNS}
    assert all(noun.about.endswith(".") for noun in NOUNS)
    assert all(path.startswith(f"{PREFIX}/") for path in document.openapi()["paths"])


def test_every_schema_is_one() -> None:
    """JSON Schema 2020-12, which OpenAPI 3.1 uses as it is."""
    for name, schema in document.openapi()["components"]["schemas"].items():
        validator_for({"$defs": {name: schema}, "components": document.openapi()["components"]})
