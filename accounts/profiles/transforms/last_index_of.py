"""`lastIndexOf`: where a text stands last in another."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _lazy

from accounts.profiles.transforms.base import (
    Attribute,
    Evaluate,
    Kind,
    Node,
    PlainTransform,
)
from accounts.profiles.transforms.values import on_text


class LastIndexOf(PlainTransform):
    type = "lastIndexOf"
    label = _lazy("Last index of")
    description = _lazy(
        "Answers the place where a text stands last, counted from 0; -1 where it does not stand."
    )
    attributes = (Attribute("substring", Kind.TEXT, _lazy("The text to look for."), required=True),)
    sample = {"type": "lastIndexOf", "attributes": {"substring": "@"}}

    def build(self, node: Node) -> Evaluate:
        wanted = node.text("substring")
        return on_text(node, lambda text: str(text.rfind(wanted)))
