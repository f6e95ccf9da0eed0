"""`replace`: every match of a pattern replaced."""

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


class Replace(PlainTransform):
    type = "replace"
    label = _lazy("Replace")
    description = _lazy(
        "Replaces every match of a regular expression; $1 in the replacement is its first group."
    )
    attributes = (
        Attribute("regex", Kind.TEXT, _lazy("The regular expression."), required=True),
        Attribute("replacement", Kind.TEXT, _lazy("What stands for a match."), required=True),
    )
    sample = {
        "type": "replace",
        "attributes": {"regex": "^svc[-_]", "replacement": ""},
    }

    def build(self, node: Node) -> Evaluate:
        read, path = node.input, node.path
        operation = replacer_of(
            node, node.text("regex"), node.text("replacement"), at=("regex", "replacement")
        )

        def replace(run: Run, given: Value) -> Value:
            text = text_of(read(run, given), path)
            return None if text is None else operation(text, run)

        return replace
