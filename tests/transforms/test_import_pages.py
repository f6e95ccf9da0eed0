"""Import: the plan first, then its confirmation, and nothing that was not planned."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.models import Identity, Transform
from accounts.profiles import library
from tests.transforms.test_list import ClientOf, make, reference

EXPORT = [
    {"id": "1", "name": "New", "type": "upper", "attributes": {}, "internal": False},
    {"id": "2", "name": "Shout", "type": "static", "attributes": {"value": "after"}},
    {"id": "3", "name": "Same", "type": "lower", "attributes": None},
    {"id": "4", "name": "To Lower", "type": "lower", "attributes": {"input": "x"}},
    {"id": "5", "name": "Program", "type": "rule", "attributes": {"name": "Mine"}},
    {"id": "6", "name": "Caller", "type": "reference", "attributes": {"id": "Program"}},
    {"id": "7", "name": "Kind", "type": "upper", "attributes": {}},
]


@pytest.fixture
def browser(client_of: ClientOf, ada: Identity) -> Client:
    make("Shout", {"type": "static", "attributes": {"value": "before"}})
    make("Same", {"type": "lower"})
    make("Kind", {"type": "lower"})
    return client_of(ada)


def send(browser: Client, content: Any) -> Any:
    text = content if isinstance(content, str) else json.dumps(content)
    return browser.post("/transforms/import/", {"text": text})


def lines(answer: Any) -> dict[str, list[str]]:
    groups = answer.context["groups"]
    return {g["fate"]: [row["line"].name for row in g["lines"]] for g in groups}


def test_the_plan_says_what_is_new_changed_the_same_and_refused(browser: Client) -> None:
    answer = send(browser, EXPORT)
    assert lines(answer) == {
        "new": ["New"],
        "changed": ["Shout"],
        "same": ["Same"],
        "refused": ["To Lower", "Program", "Caller", "Kind"],
    }
    text = answer.content.decode()
    for part in (
        "Add 1 and change 1",
        "A built-in transform has this name",
        "Rules are programs",
        "The one that is here is of type “lower”",
        "before",
    ):
        assert part in text
    assert not Transform.objects.filter(name="New").exists()


def test_confirmed_it_is_done_as_planned(browser: Client) -> None:
    packed = send(browser, EXPORT).context["packed"]
    answer = browser.post("/transforms/import/", {"plan": packed}, follow=True)
    assert "1 transform is added, 1 is changed." in answer.content.decode()
    assert Transform.objects.get(name="Shout").definition["attributes"]["value"] == "after"
    assert Transform.objects.filter(name="New", type="upper").exists()
    assert not Transform.objects.filter(name__in=["Program", "Caller"]).exists()

    again = browser.post("/transforms/import/", {"plan": packed})
    assert "this is the plan now" in again.content.decode()
    assert lines(again)["same"] == ["New", "Shout", "Same"]


def test_what_changed_since_is_planned_anew_and_not_overwritten(browser: Client) -> None:
    packed = send(browser, EXPORT).context["packed"]
    shout = Transform.objects.get(name="Shout")
    theirs = {"type": "static", "attributes": {"value": "theirs"}}
    library.edit(by=SYSTEM, transform=shout, definition=theirs, revision=1, at=timezone.now())
    answer = browser.post("/transforms/import/", {"plan": packed})
    assert "theirs" in answer.content.decode()
    shout.refresh_from_db()
    assert shout.definition["attributes"]["value"] == "theirs"


def test_a_file_is_taken_as_sailpoint_writes_it(browser: Client) -> None:
    objects = [
        {"self": {"type": "TRANSFORM", "id": "a", "name": "New"}, "object": EXPORT[0]},
        {"self": {"type": "SOURCE", "id": "b", "name": "HR"}, "object": {"name": "HR"}},
    ]
    content = b"\xef\xbb\xbf" + json.dumps({"version": 1, "objects": objects}).encode()
    file = SimpleUploadedFile("export.json", content, "application/json")
    answer = browser.post("/transforms/import/", {"file": file})
    assert lines(answer)["new"] == ["New"]
    assert "Left out: SOURCE HR." in answer.content.decode()


def test_what_would_break_one_that_is_here_is_refused(browser: Client) -> None:
    make("Leaf", {"type": "reference", "attributes": {"id": "To Upper"}})
    make("User", {"type": "concat", "attributes": {"values": [reference("Leaf"), "!"]}})
    answer = send(browser, [{"name": "Leaf", "type": "reference", "attributes": {"id": "User"}}])
    assert lines(answer)["refused"] == ["Leaf"]
    assert "There is nothing to import." in answer.content.decode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "Choose a file, or paste its content"),
        ("{", "This is no JSON"),
        ("[]", "There are no transforms in it."),
        ("[1]", "$[0]: Here should be a transform in braces."),
        ('[{"name": "a"}]', "$[0].type: Say which type"),
        ('[{"name": "a", "type": "upper"}, {"name": "a", "type": "lower"}]', "stands in it twice"),
        ("[" * 5000, "nested too deeply"),
        ("x" * 600_000, "too long to be pasted"),
    ],
)
def test_what_is_no_export_is_said(browser: Client, content: str, message: str) -> None:
    answer = browser.post("/transforms/import/", {"text": content})
    assert answer.status_code == 200
    assert message in answer.content.decode()


def test_a_file_that_is_too_large_or_not_text_is_refused(browser: Client) -> None:
    for content, message in ((b"[" + b" " * 11_000_000, "too large"), (b"\xff\xfe\x00", "UTF-8")):
        file = SimpleUploadedFile("export.json", content)
        answer = browser.post("/transforms/import/", {"file": file})
        assert message in answer.content.decode()


@pytest.mark.parametrize("plan", ["", "nonsense", "a:b:c"])
def test_a_plan_that_was_not_made_here_is_refused(browser: Client, plan: str) -> None:
    answer = browser.post("/transforms/import/", {"plan": plan}, follow=True)
    assert "This plan is too old. Choose the export again." in answer.content.decode()


def test_names_that_look_alike_are_refused_by_name(browser: Client) -> None:
    twins = [{"name": "A  b", "type": "upper"}, {"name": "A b", "type": "lower"}]
    answer = send(browser, [*twins, {"name": "раypal\u202e", "type": "upper"}])
    assert lines(answer)["new"] == ["A b"]
    assert len(lines(answer)["refused"]) == 2
