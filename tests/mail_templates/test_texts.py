"""What an administrator may write into a mail, and what becomes of it."""

from __future__ import annotations

import pytest

from accounts.lib.errors import DomainError
from accounts.mail_templates import texts
from accounts.mail_templates.kinds import kinds
from accounts.mail_templates.queries import default_of
from accounts.mail_templates.texts import Text

KIND = kinds.get("invitation")
GOOD = "Hello {{ name }}\n{{ link }}"


@pytest.mark.parametrize("name", list(kinds.keys()))
def test_every_default_text_is_one_that_could_be_typed(name: str) -> None:
    kind = kinds.get(name)
    default = default_of(kind)

    assert texts.clean(kind, default) == default
    sent = texts.render(default, kind.samples())
    assert "{{" not in sent.subject + sent.body
    assert "\n" not in sent.subject


@pytest.mark.parametrize(
    ("subject", "body", "field", "said"),
    [
        ("", GOOD, "subject", "cannot be empty"),
        ("Hi", "", "body", "cannot be empty"),
        ("Hi", "Hello", "body", "put {{ link }} into the text"),
        ("Hi {{ link }}", GOOD, "subject", "for the text alone"),
        ("Hi", GOOD + "{{ password }}", "body", "no placeholder {{ password }}"),
        ("Hi", GOOD + "{{ name.__class__ }}", "body", "Braces are for placeholders"),
        ("Hi", GOOD + "{{ name|safe }}", "body", "Braces are for placeholders"),
        ("Hi", GOOD + "{% load log %}", "body", "Braces are for placeholders"),
        ("Hi", GOOD + "{# a #}", "body", "Braces are for placeholders"),
        ("Hi", GOOD + "{{ name", "body", "Braces are for placeholders"),
        ("Hi {{ name } }", GOOD, "subject", "Braces are for placeholders"),
        ("Hi\r\nBcc: eve@example.com", GOOD, "subject", ""),
        ("Hi\nX: y", GOOD, "subject", ""),
        ("Hi\x00", GOOD, "subject", ""),
        ("Hi\u202e", GOOD, "subject", ""),
        ("Hi", GOOD + "\x07", "body", ""),
        ("x" * 201, GOOD, "subject", ""),
        ("Hi", GOOD + "x" * 5000, "body", ""),
    ],
)
def test_what_could_not_be_sent_is_refused(subject: str, body: str, field: str, said: str) -> None:
    with pytest.raises(DomainError) as refused:
        texts.clean(KIND, Text(subject, body))

    assert refused.value.field == field
    assert said in refused.value.message


def test_a_value_is_never_looked_at_again() -> None:
    evil = {
        "name": "{{ link }}",
        "user_name": "a\r\nBcc: eve@example.com\n\nClick http://evil.example",
        "link": "https://steward.example.com/x",
    }

    sent = texts.render(Text("For {{ user_name }}", "{{ name }} {{ user_name }}"), evil)

    assert sent.subject.splitlines() == [sent.subject]
    assert sent.body.startswith("{{ link }} a")
    assert len(sent.body.strip().splitlines()) == 1


def test_a_name_without_a_value_leaves_nothing() -> None:
    assert texts.render(Text("a{{ b }}c", "d"), {}).subject == "ac"


def test_spaces_in_the_braces_do_not_matter() -> None:
    text = Text("{{name}}{{  name }}", "{{link}}")

    assert texts.clean(KIND, text) == text
    assert texts.render(text, {"name": "x", "link": "y"}) == Text("xx", "y\n")


def test_a_long_text_of_braces_is_refused_at_once() -> None:
    with pytest.raises(DomainError):
        texts.clean(KIND, Text("Hi", "{{ " * 1600 + "{{ link }}"))
