"""Templates keep to the content security policy, and say what their parts take."""

from __future__ import annotations

import re

import pytest
from django.template import loader
from lucide import IconDoesNotExist

from console.ui.templatetags.ui import icon
from tests.architecture.sources import PROJECT, name_of

pytestmark = pytest.mark.sqlite

TEMPLATES = sorted((PROJECT / "templates").rglob("*.html"))
NAMES = [name_of(path).removeprefix("templates/") for path in TEMPLATES]

COMMENT = re.compile(r"{% comment %}.*?{% endcomment %}|{#.*?#}", re.DOTALL)
FORBIDDEN = {
    "an inline style": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "an inline script": re.compile(r"<script\b(?![^>]*\ssrc=)[^>]*>", re.IGNORECASE),
    "an event attribute": re.compile(r"\son[a-z]+\s*=|\shx-on", re.IGNORECASE),
    "a script address": re.compile(r"javascript:", re.IGNORECASE),
    "something from elsewhere": re.compile(
        r"<(?:script|link|img|iframe|form)\b[^>]*(?:src|href|action)=[\"'](?:https?:)?//",
        re.IGNORECASE,
    ),
    # help texts are ours, and Django's own hold lists
    "unescaped text": re.compile(r"(?<!\bhelp_text)\|\s*safe\b|{%\s*autoescape\s+off"),
}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_the_policy_forbids(name: str) -> None:
    text = COMMENT.sub("", (PROJECT / "templates" / name).read_text("utf-8"))
    # data in a script element is not executed
    text = re.sub(r"<script[^>]*type=\"application/json\"", '<script src=""', text)
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(text)] == []


@pytest.mark.parametrize("name", NAMES)
def test_it_compiles(name: str) -> None:
    loader.get_template(name)


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("components/")])
def test_a_component_opens_with_what_it_takes(name: str) -> None:
    text = (PROJECT / "templates" / name).read_text("utf-8").lstrip()
    assert text.startswith(("{% comment", "{#"))


@pytest.mark.parametrize("name", NAMES)
def test_a_component_sees_only_what_it_is_given(name: str) -> None:
    text = COMMENT.sub("", (PROJECT / "templates" / name).read_text("utf-8"))
    includes = re.findall(r"{%\s*include\s+[\"']components/[^%]*%}", text)
    assert [found for found in includes if not re.search(r"\bonly\s*%}$", found)] == []


def test_every_icon_exists() -> None:
    """A page of which a part is rarely shown would fail only then."""
    drawn = re.compile(r"{%\s*icon\s+\"([a-z0-9-]+)\"|\bicon=\"([a-z0-9-]+)\"")
    missing = []
    for name in NAMES:
        text = (PROJECT / "templates" / name).read_text("utf-8")
        for first, second in drawn.findall(COMMENT.sub("", text)):
            try:
                icon(first or second)
            except IconDoesNotExist:
                missing.append(f"{name}: {first or second}")
    assert missing == []
