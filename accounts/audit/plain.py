"""What may stand in the audit log: plain JSON, bounded, and nothing that looks like a secret."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise

from accounts.lib.one_time_secret import MASK

TEXT_LIMIT: Final = 2_000
"""Characters of one value in the details; a description has at most half of it."""
ITEM_LIMIT: Final = 500
"""Members of one list; an account has some dozens of scopes."""

SECRET_NAMES: Final = frozenset(
    {
        *("password", "secret", "client_secret", "token", "access_token", "assertion"),
        *("private_key", "private_jwk", "d", "p", "q", "dp", "dq", "qi", "k"),
    }
)
"""Members whose value is never written, by the names of RFC 6749, RFC 7518 and our own forms."""

SECRET_TEXT: Final = re.compile(
    r"""eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"""  # a signed JWT
    r"""|-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(-----END [A-Z ]*PRIVATE KEY-----)?"""
    r"""|"(d|p|q|dp|dq|qi|k)"\s*:\s*"[\w-]+\""""  # members of a private JWK
    r"""|stw_[a-z]+_\w+\.[\w-]+"""
    r"""|steward_(pat|scim)_\w{20,}"""
)
"""What people paste into the wrong field; the log is read by more of them than the field is."""

LINE_BREAKS: Final = frozenset("\n\t")


def one_line(value: str, limit: int) -> str:
    """`value` without control or invisible characters, cut to `limit` with an ellipsis.

    What a stranger sent (a user agent, a claimed name) must not be able to forge a second line
    of the log or hide part of this one.
    """
    clean = _visible(value[: 4 * limit])
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def without_secrets(value: str) -> str:
    """`value` with a mask in place of what looks like a key or token."""
    return SECRET_TEXT.sub(MASK, value)


def safe_line(value: str, limit: int) -> str:
    """One line without secrets, for what people and strangers typed."""
    return one_line(without_secrets(value[: 4 * limit]), limit)


def plain(value: Any) -> Any:
    """A value of the details in the form in which it is written.

    Raises:
        TypeError: it has no JSON form of its own. So a `OneTimeSecret` is never written.
    """
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str | Promise):
        return _text(str(value))
    if isinstance(value, Mapping):
        return {
            one_line(str(name), 100): MASK if str(name).lower() in SECRET_NAMES else plain(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value[:ITEM_LIMIT]]
    raise TypeError(f"A {type(value).__name__} has no place in the audit log.")


def _text(value: str) -> str:
    clean = _visible(without_secrets(value[: 4 * TEXT_LIMIT]), LINE_BREAKS)
    return clean if len(clean) <= TEXT_LIMIT else clean[: TEXT_LIMIT - 1] + "…"


def _visible(value: str, allowed: frozenset[str] = frozenset()) -> str:
    if value.isascii() and value.isprintable():
        return value
    return "".join("\ufffd" if _is_hidden(c) and c not in allowed else c for c in value)


def _is_hidden(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] == "C" or category in ("Zl", "Zp")
