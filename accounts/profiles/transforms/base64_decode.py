"""`base64Decode`: the text that was written in Base64 (RFC 4648 section 4)."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.profiles.transforms.base import Evaluate, Node, PlainTransform
from accounts.profiles.transforms.values import on_text, shown


class Base64Decode(PlainTransform):
    type = "base64Decode"
    label = _lazy("Base64 decode")
    description = _lazy(
        "Reads Base64, with or without padding; what it held must be text in UTF-8."
    )
    sample = {"type": "base64Decode", "attributes": {"input": "U3Rld2FyZA=="}}

    def build(self, node: Node) -> Evaluate:
        def decode(text: str) -> str:
            packed = "".join(text.split()).rstrip("=")
            try:
                plain = b64decode(packed + "=" * (-len(packed) % 4), validate=True).decode()
            except (Error, ValueError):
                message = _("“%(text)s” is no text in Base64.") % {"text": shown(text)}
                raise node.error(message) from None
            if "\x00" in plain:
                raise node.error(_("The Base64 holds binary data, not text."))
            return plain

        return on_text(node, decode)
