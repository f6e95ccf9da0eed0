from __future__ import annotations

import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from accounts.sealing.keyring import KEY_BYTES, KeyRing, key_ring
from accounts.sealing.places import places
from accounts.sealing.sealed import Sealed

NONCE_BYTES = 12
"""As NIST SP 800-38D section 8.2.2 has it for random nonces; each data key seals one value."""
WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + 16
MOVED = b"\0moved\0\1"
"""Begins a value whose data key was wrapped anew; behind it stands the key id of the first time,
to which the text stays bound. A nonce that happens to begin so is met once in 2**64 values."""
KEY_ID_BYTES = 8
NOT_KEPT = "not_kept"
"""First part of the context of what is sealed and forgotten, as a probe does."""


class SealBroken(Exception):
    """A sealed value does not open: changed, moved to another place, or its key is gone."""


@dataclass(frozen=True)
class _Parts:
    sealed_under: str
    """The key that wrapped the data key when the text was sealed."""
    wrapped: bytes
    text: bytes


def _aad(context: str, key_id: str) -> bytes:
    return f"steward:1:{key_id}:{context}".encode()


def seal(plain: bytes, *, context: str, ring: KeyRing | None = None) -> Sealed:
    """Encrypt with AES-256-GCM under a fresh data key, itself wrapped by the newest ring key.

    `context` names table, row and field; a value moved elsewhere does not open there. Its first
    part, up to a colon, is the name of one of the `places`, so that every value is found again.
    """
    name = context.partition(":")[0]
    if name != NOT_KEPT and name not in places:
        raise LookupError(f"No place of sealed values is registered for {context!r}.")
    ring = ring or key_ring()
    data_key, aad = AESGCM.generate_key(bit_length=256), _aad(context, ring.newest)
    nonce = secrets.token_bytes(NONCE_BYTES)
    wrapped = _wrap(data_key, ring, aad)
    return Sealed(ring.newest, wrapped + nonce + AESGCM(data_key).encrypt(nonce, plain, aad))


def open_sealed(sealed: Sealed, *, context: str, ring: KeyRing | None = None) -> bytes:
    """The plain bytes of a sealed value.

    Raises:
        SealBroken: it cannot be opened here; nothing about it is said.
    """
    parts = _parts(sealed)
    data_key = _unwrap(sealed.key_id, parts, context, ring or key_ring())
    nonce, text = parts.text[:NONCE_BYTES], parts.text[NONCE_BYTES:]
    try:
        return AESGCM(data_key).decrypt(nonce, text, _aad(context, parts.sealed_under))
    except (InvalidTag, ValueError) as error:
        raise SealBroken("A sealed value does not open.") from error


def rewrap(sealed: Sealed, *, context: str, ring: KeyRing | None = None) -> Sealed:
    """The same value with its data key wrapped by the newest key; the text is not opened.

    Raises:
        SealBroken: its data key does not unwrap.
    """
    ring, parts = ring or key_ring(), _parts(sealed)
    data_key = _unwrap(sealed.key_id, parts, context, ring)
    wrapped = _wrap(data_key, ring, _aad(context, ring.newest))
    return Sealed(ring.newest, MOVED + parts.sealed_under.encode() + wrapped + parts.text)


def _wrap(data_key: bytes, ring: KeyRing, aad: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(ring.keys[ring.newest]).encrypt(nonce, data_key, aad)


def _unwrap(key_id: str, parts: _Parts, context: str, ring: KeyRing) -> bytes:
    key, wrapped = ring.keys.get(key_id), parts.wrapped
    if key is None:
        raise SealBroken("The key that sealed this value is not on the ring.")
    try:
        nonce, data_key = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        return AESGCM(key).decrypt(nonce, data_key, _aad(context, key_id))
    except (InvalidTag, ValueError) as error:
        raise SealBroken("A sealed value does not open.") from error


def _parts(sealed: Sealed) -> _Parts:
    key_id, rest = sealed.key_id, sealed.blob
    if rest.startswith(MOVED):
        key_id = rest[len(MOVED) :][:KEY_ID_BYTES].decode("latin-1")
        rest = rest[len(MOVED) + KEY_ID_BYTES :]
    return _Parts(key_id, rest[:WRAPPED_BYTES], rest[WRAPPED_BYTES:])
