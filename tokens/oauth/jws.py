"""A signed JWT in compact form (RFC 7515 section 7.1), taken apart once.

What is parsed here is what was signed: header and claims are read a single time, from the same
bytes over which the signature is checked, so no second parser can see anything else.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from jwt.algorithms import get_default_algorithms

from tokens.credentials.types.key_pair import PublicKey

COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
"""Three parts of base64url, so no JWE; white space, padding and other characters are refused."""

_ALGORITHMS = get_default_algorithms()
_ALGORITHMS["Ed25519"] = _ALGORITHMS["EdDSA"]  # the same by its name of RFC 9864


class Malformed(ValueError):
    """The text is no signed JWT; the message says what is wrong, for the audit log."""


@dataclass(frozen=True, slots=True)
class SignedJwt:
    """Header and claims as they were sent; nothing of them is believed yet."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signed: bytes
    signature: bytes

    def is_signed_by(self, key: PublicKey, algorithm: str) -> bool:
        """Whether `key` made the signature with `algorithm`, which the caller took from a list
        bound to the key, never from the header alone (RFC 8725 section 3.1)."""
        return _ALGORITHMS[algorithm].verify(self.signed, key, self.signature)


def parse(text: str) -> SignedJwt:
    """Raises:
    Malformed: it is no compact JWS over a JSON object.
    """
    if not COMPACT.fullmatch(text):
        raise Malformed("not three parts of base64url")
    signed, _dot, signature = text.rpartition(".")
    header, _dot, claims = signed.partition(".")
    return SignedJwt(
        header=_object(header, "header"),
        claims=_object(claims, "claims"),
        signed=signed.encode("ascii"),
        signature=_bytes(signature, "signature"),
    )


def _bytes(part: str, name: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError as error:
        raise Malformed(f"the {name} is not base64url") from error


def _object(part: str, name: str) -> dict[str, Any]:
    try:
        found = json.loads(
            _bytes(part, name).decode("utf-8"),
            object_pairs_hook=_each_once,
            parse_constant=_no_number,
        )
    except Malformed:
        raise
    except (ValueError, RecursionError) as error:
        raise Malformed(f"the {name} is not JSON") from error
    if not isinstance(found, dict):
        raise Malformed(f"the {name} is not a JSON object")
    return found


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """RFC 7515 section 4 and RFC 7519 section 4 let us refuse what parsers disagree about."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("a member is repeated")
    return found


def _no_number(name: str) -> NoReturn:
    raise Malformed(f"{name} is not JSON")
