"""`base64Encode`: the text in Base64 (RFC 4648 section 4)."""

from __future__ import annotations

from base64 import b64encode

from django.utils.translation import gettext_lazy as _lazy

from accounts.profiles.transforms.base import Evaluate, Node, PlainTransform
from accounts.profiles.transforms.values import growing


class Base64Encode(PlainTransform):
    type = "base64Encode"
    label = _lazy("Base64 encode")
    description = _lazy("Writes the text in Base64, by way of UTF-8.")
    sample = {"type": "base64Encode"}

    def build(self, node: Node) -> Evaluate:
        return growing(node, lambda text: b64encode(text.encode()).decode())
