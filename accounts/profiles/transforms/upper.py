"""`upper`: every letter a capital."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _lazy

from accounts.profiles.transforms.base import Evaluate, Node, PlainTransform
from accounts.profiles.transforms.values import growing


class Upper(PlainTransform):
    type = "upper"
    label = _lazy("Upper case")
    description = _lazy("Writes every letter as a capital.")
    sample = {"type": "upper"}

    def build(self, node: Node) -> Evaluate:
        return growing(node, str.upper)
