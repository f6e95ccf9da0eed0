"""`split`: one of the pieces between delimiters."""

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
from accounts.profiles.transforms.grammar.java_regex import Pattern, literal_of, pattern_of
from accounts.profiles.transforms.values import LONG, text_of


class Split(PlainTransform):
    type = "split"
    label = _lazy("Split")
    description = _lazy(
        "Cuts the text at a delimiter and takes one of the pieces; empty pieces at the end do "
        "not count."
    )
    attributes = (
        Attribute(
            "delimiter",
            Kind.TEXT,
            _lazy("One character as it is, or a regular expression."),
            required=True,
        ),
        Attribute(
            "index",
            Kind.NUMBER,
            _lazy("Which piece, counted from 0."),
            required=True,
            minimum=0,
            maximum=MAX_TEXT,
        ),
        Attribute(
            "throws",
            Kind.BOOLEAN,
            _lazy("Whether it is an error that there is no such piece."),
            default=True,
        ),
    )
    sample = {
        "type": "split",
        "attributes": {"delimiter": ":", "index": 1, "throws": False},
    }

    def build(self, node: Node) -> Evaluate:
        read, path = node.input, node.path
        cut = _cutter(node, node.text("delimiter"))
        index, throws = node.number("index") or 0, node.flag("throws")

        def split(run: Run, given: Value) -> Value:
            text = text_of(read(run, given), path)
            if text is None:
                return None
            if len(text) > LONG:
                run.check_time(path)
            pieces = cut(text, run)
            if index < len(pieces):
                return pieces[index]
            if not throws:
                return None
            raise node.error(
                _(
                    "There is no piece %(index)d, only %(count)d: counting starts at 0. Write "
                    "“throws”: false where a piece may be missing."
                )
                % {"index": index, "count": len(pieces)}
            )

        return split


def _cutter(node: Node, delimiter: str) -> Callable[[str, Run], list[str]]:
    """How to cut; as in Java, empty pieces at the end are left out."""
    if not delimiter:
        node.refuse(_("Write at least one character."), at="delimiter")
    plain = delimiter if len(delimiter) == 1 else literal_of(delimiter)
    if plain:
        return lambda text, _run: _without_empty_end(text.split(plain)) if text else [text]
    pattern, path = pattern_of(node, delimiter, at="delimiter"), node.path
    return lambda text, run: _cut(pattern, text, run, path)


def _cut(pattern: Pattern, text: str, run: Run, path: str) -> list[str]:
    pieces = []
    end = 0
    for match in pattern.matches(text, run, path):
        start, stop = match.span()
        if stop == 0:
            continue  # nothing before the text, also not an empty piece
        pieces.append(text[end:start])
        end = stop
    if not pieces:
        return [text]
    return _without_empty_end([*pieces, text[end:]])


def _without_empty_end(pieces: list[str]) -> list[str]:
    while pieces and not pieces[-1]:
        pieces.pop()
    return pieces
