"""`randomNumeric`: digits."""

from __future__ import annotations

import string
from typing import Final

from django.utils.translation import gettext_lazy as _lazy

from accounts.profiles.transforms.base import (
    Attribute,
    Evaluate,
    Kind,
    Node,
    PlainTransform,
)
from accounts.profiles.transforms.values import MAX_RANDOM, random_text

ALPHABET: Final = string.digits


class RandomNumeric(PlainTransform):
    type = "randomNumeric"
    label = _lazy("Random numeric")
    description = _lazy("Makes up digits that nobody can guess.")
    attributes = (
        Attribute(
            "length",
            Kind.NUMBER,
            _lazy("How many characters, at most 450."),
            default=10,
            minimum=1,
            maximum=MAX_RANDOM,
        ),
    )
    sample = {"type": "randomNumeric", "attributes": {"length": "6"}}

    def build(self, node: Node) -> Evaluate:
        return random_text(node, ALPHABET, node.number("length") or 10)
