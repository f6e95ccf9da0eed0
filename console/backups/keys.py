"""The keys of an installation under a passphrase, so that a backup is of no use without it."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from console.backups.errors import BadBackup

SHORTEST_PASSPHRASE: Final = 16
"""Characters. Whoever has the file may guess as long as they like."""
COST: Final = 2**17
"""Of scrypt (RFC 7914): with eight blocks, 128 MiB and some tenths of a second for each guess."""
BLOCK, LANES = 8, 1
SALT_BYTES, NONCE_BYTES = 16, 12


def seal(keys: Mapping[str, str], passphrase: str, *, bound_to: str) -> str:
    """The keys by name as one text. It opens only beside what `bound_to` says: the digest of the
    rest of the backup, so that nobody changes a backup or puts the keys of one into another."""
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    plain = json.dumps(dict(keys)).encode()
    sealed = AESGCM(_key(passphrase, salt)).encrypt(nonce, plain, bound_to.encode())
    return base64.urlsafe_b64encode(salt + nonce + sealed).decode()


def open_sealed(text: str, passphrase: str, *, bound_to: str) -> dict[str, str]:
    """The keys that `seal` was given.

    Raises:
        BadBackup: the passphrase is another one, or the backup was changed.
    """
    try:
        blob = base64.b64decode(text, altchars=b"-_", validate=True)
        salt, rest = blob[:SALT_BYTES], blob[SALT_BYTES:]
        plain = AESGCM(_key(passphrase, salt)).decrypt(
            rest[:NONCE_BYTES], rest[NONCE_BYTES:], bound_to.encode()
        )
    except (InvalidTag, ValueError) as error:
        raise BadBackup(
            "The keys in this backup do not open: the passphrase is another one, or the file was "
            "changed."
        ) from error
    keys: dict[str, str] = json.loads(plain)
    return keys


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=COST, r=BLOCK, p=LANES).derive(passphrase.encode())
