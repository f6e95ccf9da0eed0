"""A secret in all the forms in which it might have been written down."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus


def every_form(secret: bytes) -> set[bytes]:
    """As it is, in hex, in both alphabets of base64 at its three alignments, and escaped."""
    forms = {secret, secret.hex().encode(), secret.hex().upper().encode()}
    forms |= {repr(secret)[2:-1].encode()}
    for shift in range(3):
        # what stands before it moves it; the characters at both ends hold bits of its neighbours
        text = base64.b64encode(b"\0" * shift + secret)
        inner = text[(shift * 4 + 2) // 3 :].rstrip(b"=")
        inner = inner[: len(secret) * 4 // 3 - 1]
        forms |= {inner, inner.translate(bytes.maketrans(b"+/", b"-_"))}
    try:
        text_ = secret.decode()
    except UnicodeDecodeError:
        return forms
    escaped = (quote(text_), quote_plus(text_), quote(text_, safe=""), json.dumps(text_)[1:-1])
    return forms | {form.encode() for form in escaped}
