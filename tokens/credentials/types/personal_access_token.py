"""Personal access tokens: a client id and a secret, of which only a hash is kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import zlib
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.lib.one_time_secret import OneTimeSecret

PERSONAL_ACCESS_TOKEN: Final = "personal_access_token"  # noqa: S105  # a kind, not a secret
PREFIX: Final = "steward_pat_"
"""By it the scanners of repositories and chats know our secrets."""
SECRET_BYTES: Final = 32
"""Of randomness; so much cannot be guessed, and a fast hash is enough."""
ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
RANDOM_LENGTH: Final = 43
CHECKSUM_LENGTH: Final = 6
LONGEST_SECRET: Final = 200
"""Characters; longer ones are not even hashed."""


class PersonalAccessToken:
    """The type, as its family knows it."""

    label: str | Promise = _("Personal access token")


def generate() -> OneTimeSecret:
    """A new secret: prefix, 256 random bits and a CRC-32 of what stands before it.

    With the checksum a scanner tells a real secret from a look-alike without asking us.
    """
    text = PREFIX + random_text(secrets.randbits(SECRET_BYTES * 8))
    return OneTimeSecret(text + checksum(text))


def generate_plain() -> OneTimeSecret:
    """A secret of 64 hexadecimal digits, for clients that expect the vendor's form."""
    return OneTimeSecret(secrets.token_hex(SECRET_BYTES))


def random_text(number: int) -> str:
    """256 random bits as letters and digits."""
    return _base62(number, RANDOM_LENGTH)


def checksum(text: str) -> str:
    return _base62(zlib.crc32(text.encode()), CHECKSUM_LENGTH)


def digest(secret: str) -> bytes:
    """What is kept of a secret: its SHA-256."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def is_secret(kept: bytes | memoryview, claimed: str) -> bool:
    """Whether the claimed secret is the one that was hashed, in the same time either way."""
    return len(claimed) <= LONGEST_SECRET and hmac.compare_digest(bytes(kept), digest(claimed))


def _base62(number: int, length: int) -> str:
    digits = []
    while number:
        number, rest = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[rest])
    return "".join(reversed(digits)).rjust(length, ALPHABET[0])
