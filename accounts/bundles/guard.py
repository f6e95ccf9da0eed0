"""What no bundle holds, wherever it stands: secrets, and what cannot be stored at all."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NoReturn

from django.utils.translation import gettext as _

from accounts.audit.plain import SECRET_NAMES, SECRET_TEXT, safe_line
from accounts.bundles.members import HoldsSecret, refuse
from accounts.lib.one_time_secret import MASK

DEEPEST: Final = 100
"""As deep as the definition of a transform may be nested."""
MOST_VALUES: Final = 500_000
MOST_NUMBER: Final = 2**53
SHOWN_OF_A_NAME: Final = 60

OUR_SECRETS: Final = re.compile(r"steward_(pat|scim)_|\bstw_[a-z]+_")
"""How what we issue begins, whole or not."""
BARE_SECRET: Final = re.compile(r"\b[0-9A-Fa-f]{64}\b")
"""What has no prefix: secrets in SailPoint's form, which look like any SHA-256."""
BARE_NAMES: Final = ("secret", "token")
"""Parts of a name under which that is no checksum."""
LONG_NAMES: Final = frozenset(name for name in SECRET_NAMES if len(name) > 2) | {
    *("passphrase", "passwd", "client_assertion", "refresh_token", "api_key"),
    *("sealed", "sealed_private", "pem"),
}
"""Members that hold a secret, whatever it looks like; the short ones do in a JWK."""


def check(document: Any) -> None:
    """
    Raises:
        BadBundle: with the place where a secret was found, or what no text, number or list may be.
    """
    for count, (path, depth, value) in enumerate(_walk(document)):
        if depth > DEEPEST:
            refuse("$", _("Nest less deeply: objects and lists lie more than 100 deep."))
        if count > MOST_VALUES:
            refuse("$", _("There is too much in it."))
        if isinstance(value, str):
            _check_text(value, path)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            if not math.isfinite(value) or abs(value) > MOST_NUMBER:
                refuse(path, _("This number is too large."))
        elif isinstance(value, Mapping):
            _check_names(value, path)


def _walk(document: Any) -> Iterator[tuple[str, int, Any]]:
    """Every value with its place and depth, in the order in which they stand."""
    waiting: list[tuple[str, int, Any]] = [("$", 1, document)]
    while waiting:
        path, depth, value = waiting.pop()
        yield path, depth, value
        if isinstance(value, Mapping):
            inner = [(f"{path}.{_safe(name)}", depth + 1, value[name]) for name in value]
        elif isinstance(value, list):
            inner = [(_place(path, i, each), depth + 1, each) for i, each in enumerate(value)]
        else:
            continue
        waiting += reversed(inner)


def _place(path: str, index: int, value: Any) -> str:
    name = value.get("name") if isinstance(value, Mapping) else None
    named = f" (“{_safe(name)}”)" if isinstance(name, str) else ""
    return f"{path}[{index}]{named}"


def _check_text(text: str, path: str) -> None:
    if "\0" in text or any("\ud800" <= c <= "\udfff" for c in text):
        refuse(path, _("Remove the character that no text may hold (U+0000 or half a pair)."))
    if SECRET_TEXT.search(text) or OUR_SECRETS.search(text):
        _refuse_secret(path)


def _check_names(value: Mapping[str, Any], path: str) -> None:
    is_table = path.endswith(".table")  # of a lookup, whose members are what accounts hold
    for name, inner in value.items():
        _check_text(name, path)
        if is_table or not isinstance(inner, str) or not inner:
            continue
        if _says_secret(name.lower(), inner, is_key="kty" in value):
            _refuse_secret(f"{path}.{_safe(name)}")


def _says_secret(name: str, text: str, *, is_key: bool) -> bool:
    """Whether a member of this name in small letters, with this text, holds a secret."""
    if name in (SECRET_NAMES if is_key else LONG_NAMES):
        return True
    return any(part in name for part in BARE_NAMES) and bool(BARE_SECRET.search(text))


def _refuse_secret(path: str) -> NoReturn:
    message = _("Here stands a key, token or password. Secrets never travel: take it out.")
    raise HoldsSecret(f"{path}: {message}")


def _safe(name: str) -> str:
    if SECRET_TEXT.search(name) or OUR_SECRETS.search(name):
        return MASK
    return safe_line(name, SHOWN_OF_A_NAME)
