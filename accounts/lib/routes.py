"""Routes of addresses as people read them."""

from __future__ import annotations

import re

_GROUP = re.compile(r"\(\?P<(\w+)>[^()]*\)")
_CONVERTED = re.compile(r"<\w+:(\w+)>")


def readable(route: str) -> str:
    """A route as it was matched, as an address: "/<version>/sources/<id>".

    Args:
        route: what Django calls it: with converters ("jobs/<uuid:id>/") or as an expression.
    """
    plain = _CONVERTED.sub(r"<\1>", _GROUP.sub(r"<\1>", route))
    return "/" + plain.removeprefix("^").removesuffix(r"\Z").removesuffix("$").lstrip("/")
