"""`concat`: values one after another."""

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
from accounts.profiles.transforms.values import check_length, text_of


class Concat(PlainTransform):
    type = "concat"
    label = _lazy("Concatenate")
    description = _lazy(
        "Writes texts and results one after another; what has no value adds nothing."
    )
    attributes = (
        Attribute("values", Kind.VALUES, _lazy("Texts and transforms, in order."), required=True),
    )
    sample = {
        "type": "concat",
        "attributes": {"values": ["svc-", {"type": "lower"}]},
    }

    def build(self, node: Node) -> Evaluate:
        values, path = node.lists["values"], node.path

        def concat(run: Run, given: Value) -> Value:
            pieces = []
            length = 0
            for value in values:
                text = text_of(value(run, given), path)
                if text:
                    length += len(text)
                    check_length(length, path)
                    pieces.append(text)
            return "".join(pieces)

        return concat
