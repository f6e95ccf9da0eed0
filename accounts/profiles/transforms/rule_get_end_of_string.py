"""`rule` with `getEndOfString`: the last characters."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _lazy

from accounts.profiles.transforms.base import (
    MAX_TEXT,
    Attribute,
    Evaluate,
    Kind,
    Node,
    PlainTransform,
)
from accounts.profiles.transforms.rule import UTILITY, rule_attributes
from accounts.profiles.transforms.values import on_text


class GetEndOfString(PlainTransform):
    type = "rule"
    operation = "getEndOfString"
    label = _lazy("Get end of string")
    description = _lazy("Takes the last characters of the text; a shorter text has no value.")
    attributes = (
        *rule_attributes("getEndOfString"),
        Attribute(
            "numChars",
            Kind.NUMBER,
            _lazy("How many characters."),
            required=True,
            minimum=0,
            maximum=MAX_TEXT,
        ),
    )
    sample = {
        "type": "rule",
        "attributes": {"name": UTILITY, "operation": "getEndOfString", "numChars": "4"},
    }

    def build(self, node: Node) -> Evaluate:
        count = node.number("numChars") or 0
        return on_text(node, lambda text: text[len(text) - count :] if count <= len(text) else None)
