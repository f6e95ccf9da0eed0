"""`replaceAll`: several patterns replaced, one after another."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _lazy

from accounts.profiles.transforms.base import (
    Attribute,
    Evaluate,
    Kind,
    Node,
    PlainTransform,
    Run,
    Value,
)
from accounts.profiles.transforms.grammar.replacing import replacer_of
from accounts.profiles.transforms.values import text_of


class ReplaceAll(PlainTransform):
    type = "replaceAll"
    label = _lazy("Replace all")
    description = _lazy(
        "Replaces every match of several regular expressions, in the order of the table."
    )
    attributes = (
        Attribute("table", Kind.TABLE, _lazy("Each regular expression with its replacement.")),
    )
    sample = {
        "type": "replaceAll",
        "attributes": {"table": {"[ _]+": "-", "ß": "ss"}},
    }

    def build(self, node: Node) -> Evaluate:
        read, path = node.input, node.path
        operations = [
            replacer_of(node, regex, replacement or "", at=(place, place))
            for regex, replacement in node.table("table").items()
            for place in (f'table["{regex}"]',)
        ]

        def replace(run: Run, given: Value) -> Value:
            text = text_of(read(run, given), path)
            if text is None:
                return None
            for operation in operations:
                text = operation(text, run)
            return text

        return replace
