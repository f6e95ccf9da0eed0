from __future__ import annotations

import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from accounts.sealing.keyring import KEY_BYTES, KeyRing, key_ring

NONCE_BYTES = 12
"""As NIST SP 800-38D section 8.2.2 has it for random nonces; each data key seals one value."""
WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + 16


class SealBroken(Exception):
    """A sealed value does not open: changed, moved to another place, or its key is gone."""


@dataclass(frozen=True)
class Sealed:
    """A sealed value: a data key wrapped by the key `key_id`, and the text under that data key."""

    key_id: str
    blob: bytes


def _aad(context: str, key_id: str) -> bytes:
    return f"steward:1:{key_id}:{context}".encode()


def seal(plain: bytes, *, context: str, ring: KeyRing | None = None) -> Sealed:
    """Encrypt with AES-256-GCM under a fresh data key, itself wrapped by the newest ring key.

    `context` names table, row and field; a value moved elsewhere does not open there.
    """
    ring = ring or key_ring()
    data_key, aad = AESGCM.generate_key(bit_length=256), _aad(context, ring.newest)
    wrap_nonce, nonce = secrets.token_bytes(NONCE_BYTES), secrets.token_bytes(NONCE_BYTES)
    wrapped = wrap_nonce + AESGCM(ring.keys[ring.newest]).encrypt(wrap_nonce, data_key, aad)
    return Sealed(ring.newest, wrapped + nonce + AESGCM(data_key).encrypt(nonce, plain, aad))


def open_sealed(sealed: Sealed, *, context: str, ring: KeyRing | None = None) -> bytes:
    """The plain bytes of a sealed value.

    Raises:
        SealBroken: it cannot be opened here; nothing about it is said.
    """
    ring = ring or key_ring()
    key, aad = ring.keys.get(sealed.key_id), _aad(context, sealed.key_id)
    if key is None:
        raise SealBroken("The key that sealed this value is not on the ring.")
    wrapped, rest = sealed.blob[:WRAPPED_BYTES], sealed.blob[WRAPPED_BYTES:]
    try:
        data_key = AESGCM(key).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], aad)
        return AESGCM(data_key).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], aad)
    except (InvalidTag, ValueError) as error:
        raise SealBroken("A sealed value does not open.") from error
