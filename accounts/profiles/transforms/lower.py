"""`lower`: every letter small."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _lazy

from accounts.profiles.transforms.base import Evaluate, Node, PlainTransform
from accounts.profiles.transforms.values import growing


class Lower(PlainTransform):
    type = "lower"
    label = _lazy("Lower case")
    description = _lazy("Writes every letter small.")
    sample = {"type": "lower"}

    def build(self, node: Node) -> Evaluate:
        return growing(node, str.lower)
