"""`rightPad`: filled up on the right to a length."""

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
from accounts.profiles.transforms.values import on_text


class RightPad(PlainTransform):
    type = "rightPad"
    label = _lazy("Pad right")
    description = _lazy(
        "Fills the text up on the right until it has a length; a longer one stays as it is."
    )
    attributes = (
        Attribute(
            "length",
            Kind.NUMBER,
            _lazy("How many characters there shall be."),
            required=True,
            minimum=0,
            maximum=MAX_TEXT,
        ),
        Attribute("padding", Kind.TEXT, _lazy("What to fill up with."), default=" "),
    )
    sample = {
        "type": "rightPad",
        "attributes": {"length": "8", "padding": "0"},
    }

    def build(self, node: Node) -> Evaluate:
        length, padding = node.number("length") or 0, node.text("padding") or " "

        def pad(text: str) -> str:
            missing = max(0, length - len(text))
            filling = (padding * (missing // len(padding) + 1))[:missing]
            return text + filling

        return on_text(node, pad)
