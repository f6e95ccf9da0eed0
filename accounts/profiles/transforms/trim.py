"""`trim`: without the blanks at both ends."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _lazy

from accounts.profiles.transforms.base import Evaluate, Node, PlainTransform
from accounts.profiles.transforms.values import on_text

BLANKS: Final = "".join(chr(c) for c in range(0x3001) if c <= 0x20 or chr(c).isspace())
"""Java takes control characters away and leaves the spaces of other scripts; we take both."""


class Trim(PlainTransform):
    type = "trim"
    label = _lazy("Trim")
    description = _lazy("Takes away the blanks at both ends of the text.")
    sample = {"type": "trim"}

    def build(self, node: Node) -> Evaluate:
        return on_text(node, lambda text: text.strip(BLANKS))
