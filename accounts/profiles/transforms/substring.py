"""`substring`: a part of a text, by its places."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.profiles.transforms.base import (
    MAX_TEXT,
    Attribute,
    Evaluate,
    Kind,
    Node,
    PlainTransform,
    Run,
    Value,
)
from accounts.profiles.transforms.reading import number_of
from accounts.profiles.transforms.values import shown, text_of


class Substring(PlainTransform):
    type = "substring"
    label = _lazy("Substring")
    description = _lazy(
        "Takes the characters from one place up to another, counted from 0; places beyond the "
        "text stand for its end."
    )
    attributes = (
        Attribute(
            "begin",
            Kind.NUMBER_OR_VALUE,
            _lazy("The place of the first character; -1 is the start, whatever the offset."),
            required=True,
            minimum=-1,
            maximum=MAX_TEXT,
        ),
        Attribute(
            "beginOffset",
            Kind.NUMBER,
            _lazy("Added to begin, unless that is -1."),
            default=0,
            minimum=-MAX_TEXT,
            maximum=MAX_TEXT,
        ),
        Attribute(
            "end",
            Kind.NUMBER_OR_VALUE,
            _lazy("The place after the last character; -1 is the end of the text."),
            default=-1,
            minimum=-1,
            maximum=MAX_TEXT,
        ),
        Attribute(
            "endOffset",
            Kind.NUMBER,
            _lazy("Added to end, unless that is -1."),
            default=0,
            minimum=-MAX_TEXT,
            maximum=MAX_TEXT,
        ),
    )
    sample = {
        "type": "substring",
        "attributes": {
            "begin": 0,
            "end": {"type": "indexOf", "attributes": {"substring": "@"}},
        },
    }

    def build(self, node: Node) -> Evaluate:
        read, path = node.input, node.path
        begin, end = _place(node, "begin"), _place(node, "end")
        begin_offset = node.number("beginOffset") or 0
        end_offset = node.number("endOffset") or 0

        def substring(run: Run, given: Value) -> Value:
            text = text_of(read(run, given), path)
            if text is None:
                return None
            first, last = begin(run, given), end(run, given)
            start = 0 if first == -1 else max(0, first + begin_offset)
            stop = len(text) if last == -1 else max(0, last + end_offset)
            return text[start:stop]

        return substring


def _place(node: Node, name: str) -> Callable[[Run, Value], int]:
    """How to read a place: a number, or what a nested transform answers."""
    nested = node.nested.get(name)
    if nested is None:
        number = node.number(name)
        place = -1 if number is None else number
        return lambda _run, _given: place

    def read(run: Run, given: Value) -> int:
        text = text_of(nested(run, given), node.path)
        result = number_of(text)
        if result is None or result < -1:
            raise node.error(
                _("“%(name)s” needs a whole number from -1 on, and got “%(text)s”.")
                % {"name": name, "text": shown(text or "")}
            )
        return result

    return read
