"""JSON pointers as the query conventions write them: a leading slash is optional."""

import re
from typing import Final

from django.utils.translation import gettext as _

from tokens.doors.ping.crest.errors import BadQuery

Pointer = tuple[str, ...]

MAX_POINTER: Final = 256
"""Characters."""

ESCAPE: Final = re.compile(r"~(.?)", re.DOTALL)
ESCAPED: Final = {"0": "~", "1": "/"}


def parse_pointer(text: str, *, field: str, position: int | None = None) -> Pointer:
    """The names on the way to a value (RFC 6901, ~0 and ~1 undone).

    Raises:
        BadQuery: it is empty, too long or has an empty name or a stray tilde in it.
    """
    if len(text) > MAX_POINTER:
        raise BadQuery(_("A field name is too long"), field=field, position=position)
    names = text.removeprefix("/").split("/")
    if not all(names):
        raise BadQuery(_("A field name is empty"), field=field, position=position)
    return tuple(ESCAPE.sub(lambda m: _unescaped(m, field, position), name) for name in names)


def _unescaped(match: re.Match[str], field: str, position: int | None) -> str:
    try:
        return ESCAPED[match[1]]
    except KeyError:
        raise BadQuery(_("Write ~ as ~0"), field=field, position=position) from None
