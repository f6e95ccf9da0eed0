"""The tester: the value for an account or for typed values, each step, and hostile definitions."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from django.test import Client

from accounts.models import Identity, Source, Transform
from tests.factories.imports import bring, make_source, rows
from tests.transforms.test_list import ClientOf, make, reference


@pytest.fixture
def browser(client_of: ClientOf, ada: Identity) -> Client:
    return client_of(ada)


@pytest.fixture
def source(db: None) -> Source:
    source = make_source()
    bring(source, rows("SA-001,audit01,audit@x.com,Audit", "SA-002,Build Robot,b@x.com,Builds"))
    source.refresh_from_db()
    return source


def attempt(browser: Client, definition: Any, **fields: Any) -> Any:
    text = definition if isinstance(definition, str) else json.dumps(definition)
    typed = {"try_with": "typed", "definition": text}
    answer = browser.post("/transforms/try/", typed | fields)
    assert answer.status_code == 200
    return answer.context["result"]


def on(source: Source, **fields: str) -> dict[str, str]:
    return {"try_with": "account", "source": str(source.pk)} | fields


UPPER = {"type": "upper"}


def test_the_first_account_is_tried_before_anything_is_asked(
    browser: Client, source: Source
) -> None:
    page = browser.get("/transforms/new/?type=upper")
    assert page.context["result"]["values"] == ["AUDIT01"]
    assert "With the account audit01 (SA-001)" in page.content.decode()


@pytest.mark.parametrize("text", ["", "  \n"])
def test_before_anything_is_written_there_is_an_example_and_no_error(
    browser: Client, text: str
) -> None:
    answer = browser.post("/transforms/try/", {"try_with": "typed", "definition": text})
    example = answer.context["result"]["example"]
    assert attempt(browser, example, given="ABC")["values"] == ["abc"]
    page = answer.content.decode()
    assert "Nothing is written yet" in page
    assert 'class="note danger"' not in page


def test_an_account_is_found_by_id_and_by_name(browser: Client, source: Source) -> None:
    for account in ("SA-002", "build robot", " Build Robot "):
        result = attempt(browser, UPPER, **on(source, account=account, attribute="purpose"))
        assert result["values"] == ["BUILDS"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"account": "nobody"}, "has no account of this ID or name."),
        ({"attribute": "nothing"}, "It has: id, name, e-mail, purpose."),
        ({"source": ""}, "Choose a source, or type values."),
        ({"source": "00000000-0000-4000-8000-000000000000"}, "Select a valid choice."),
        ({"try_with": "nonsense"}, "Select a valid choice."),
        ({"try_with": "typed", "account_values": "a = b\nc"}, "Line 2: write name = value."),
    ],
)
def test_what_is_missing_for_a_trial_is_said(
    browser: Client, source: Source, fields: dict[str, str], message: str
) -> None:
    result = attempt(browser, UPPER, **(on(source) | fields))
    assert message in result["inputs"][0]["text"]


def test_a_source_without_accounts_says_what_to_do(browser: Client) -> None:
    result = attempt(browser, UPPER, **on(make_source()))
    assert "Import some, or type values." in result["inputs"][0]["text"]


def test_typed_values_stand_for_account_and_identity(browser: Client) -> None:
    def read(kind: str, **attributes: str) -> dict[str, Any]:
        return {"type": kind, "attributes": attributes}

    values = [
        read("accountAttribute", sourceName="HR", attributeName="unit"),
        "/",
        read("identityAttribute", name="email"),
        "/",
        UPPER,
    ]
    definition = {"type": "concat", "attributes": {"values": values}}
    result = attempt(
        browser,
        definition,
        given="in",
        account_values="unit = Sales = East\n\n",
        identity_values="email=a@x.com",
    )
    assert result["values"] == ["Sales = East/a@x.com/IN"]
    assert [row["step"].path for row in result["steps"]][-1] == "$"
    assert len(result["steps"]) == 4


def test_a_name_on_two_lines_holds_two_values(browser: Client) -> None:
    join = {
        "type": "join",
        "attributes": {
            "values": [
                {
                    "type": "accountAttribute",
                    "attributes": {"sourceName": "HR", "attributeName": "g"},
                }
            ],
            "separator": "+",
        },
    }
    assert attempt(browser, join, account_values="g=a\ng=b")["values"] == ["a+b"]


def test_the_cause_of_an_error_is_said_with_its_place(browser: Client) -> None:
    inner = {"type": "lookup", "attributes": {"table": {"a": "b"}}}
    definition = {"type": "upper", "attributes": {"input": inner}}
    result = attempt(browser, definition, given="zz")
    assert result["trial"].path == "$.attributes.input"
    assert "zz" in result["trial"].cause
    assert result["steps"][0]["step"].cause


@pytest.mark.parametrize(
    ("definition", "given", "remark"),
    [
        (UPPER, "", "Nothing comes out (null)"),
        ({"type": "static", "attributes": {"value": " x"}}, "", "begins or ends with a space"),
        (
            {"type": "replace", "attributes": {"regex": "x", "replacement": ""}},
            "x",
            "An empty text",
        ),
        (UPPER, "y" * 3000, "3,000 characters"),
    ],
)
def test_what_the_eye_does_not_see_is_said(
    browser: Client, definition: Any, given: str, remark: str
) -> None:
    assert remark in attempt(browser, definition, given=given)["remark"]


def test_a_value_that_no_attribute_can_hold_is_an_error(browser: Client) -> None:
    assert "longer than 4000" in attempt(browser, UPPER, given="y" * 4001)["trial"].cause


def test_other_transforms_are_followed_and_nothing_is_saved(browser: Client) -> None:
    make("Shout")
    before = list(Transform.objects.order_by("pk").values_list("pk", "revision"))
    result = attempt(browser, reference("Shout"), given="a")
    assert result["values"] == ["A"]
    assert any(row["step"].path.startswith("“Shout”") for row in result["steps"])
    assert list(Transform.objects.order_by("pk").values_list("pk", "revision")) == before


def test_without_javascript_a_button_tries_and_saves_nothing(
    browser: Client, source: Source
) -> None:
    text = json.dumps({"name": "Shout", "type": "upper", "attributes": {}})
    fields = on(source, account="SA-002", attribute="name") | {"definition": text}
    answer = browser.post("/transforms/new/", fields | {"action": "try"})
    page = answer.content.decode()
    assert "BUILD ROBOT" in page
    assert 'value="SA-002"' in page
    assert not Transform.objects.filter(name="Shout").exists()


def nested(depth: int) -> str:
    return '{"type":"upper","attributes":{"input":' * depth + '{"type":"upper"}' + "}}" * depth


DEEP = "[" * 100_000
WIDE = json.dumps({"type": "concat", "attributes": {"values": ["x" * 50] * 2000}})


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (nested(20), "Nest at most 16 transforms."),
        (nested(60), "Nest less deeply"),
        (nested(1000), "nested too deeply"),
        (DEEP, "nested too deeply"),
        (WIDE, "a definition has at most 64 KiB"),
        (json.dumps({"type": "upper", "x": "y" * 300_000}), "at most 64 KiB"),
        ('{"type": "leftPad", "attributes": {"length": 1' + "0" * 5000 + "}}", "far too long"),
        ('{"type": "upper", "attributes": {"input": NaN}}', "a number that is none"),
        (json.dumps({"type": "static", "attributes": {"value": "a\0b"}}), "no text may hold"),
        ('{"type": "static", "attributes": {"value": "\\ud800"}}', "no text may hold"),
    ],
)
def test_hostile_definitions_are_answered_clearly_and_at_once(
    browser: Client, definition: str, message: str
) -> None:
    begun = time.monotonic()
    result = attempt(browser, definition)
    assert time.monotonic() - begun < 3
    assert message in " ".join(str(problem) for problem in result["problems"])
    saved = browser.post("/transforms/new/", {"definition": definition, "action": "save"})
    assert saved.status_code == 200


def test_a_body_of_two_megabytes_is_refused(browser: Client) -> None:
    text = json.dumps({"type": "upper", "x": "y" * 2_000_000})
    answer = browser.post("/transforms/try/", {"definition": text})
    assert answer.status_code in (400, 413)


def test_a_catastrophic_pattern_is_given_up(browser: Client) -> None:
    attributes = {"regex": "^(a+)+(b|c)*(a*)*$(?!z)", "replacement": "x"}
    begun = time.monotonic()
    result = attempt(browser, {"type": "replace", "attributes": attributes}, given="a" * 5000 + "!")
    assert time.monotonic() - begun < 5
    assert "problems" in result or result["trial"].cause or result["values"]


def test_chains_of_references_that_multiply_are_refused(browser: Client) -> None:
    make("R0", {"type": "static", "attributes": {"value": "x"}})
    for number in range(1, 3):
        values = [reference(f"R{number - 1}")] * 9
        make(f"R{number}", {"type": "concat", "attributes": {"values": values}})
    values = [reference("R2")] * 50
    result = attempt(browser, {"type": "concat", "attributes": {"values": values}})
    assert "more than 1000 steps" in " ".join(map(str, result["problems"]))


def test_without_a_source_the_tester_says_to_type_values(browser: Client) -> None:
    page = browser.get("/transforms/new/").content.decode()
    assert '<option value="" selected>There is no source yet: type values</option>' in page
    make_source("First")
    page = browser.get("/transforms/new/").content.decode()
    assert '<option value="" selected>Choose a source</option>' in page
