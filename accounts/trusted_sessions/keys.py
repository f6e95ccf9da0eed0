"""Public keys of browsers, and what a browser signs to show that it holds the private one."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from django.utils.translation import gettext as _

from accounts.lib.errors import DomainError

POINT_BYTES: Final = 65
"""An uncompressed point of P-256: 4, x, y."""
SIGNATURE_BYTES: Final = 64
"""r and s, as WebCrypto writes them."""
VERIFIER_BYTES: Final = 32
WRAPPED_PRIVATE: Final = re.compile(r"stw-lr1\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{190,240}")
"""A PKCS #8 private key under AES-GCM: nonce, ciphertext."""


class BadKey(DomainError):
    """No key, signature or proof that a browser of ours would send."""

    code = "bad_browser_key"

    def __init__(self) -> None:
        super().__init__(_("This browser sent no key that can be used. Load the page again."))


def raw(text: str, length: int) -> bytes:
    """Bytes in base64url without padding, in the one way there is to write them.

    Raises:
        BadKey
    """
    try:
        found = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise BadKey from None
    if len(found) != length or base64.urlsafe_b64encode(found).rstrip(b"=").decode() != text:
        raise BadKey
    return found


def check_public(text: str) -> str:
    """Raises BadKey: it is no point of P-256."""
    _public(text)
    return text


def check_signed(key: str, signature: str, *, session_id: UUID, challenge: str) -> None:
    """Raises BadKey: the signature is not of this key over this challenge for this session."""
    both = raw(signature, SIGNATURE_BYTES)
    r, s = int.from_bytes(both[:32], "big"), int.from_bytes(both[32:], "big")
    text = f"steward-trusted-session:1:{session_id}:{challenge}".encode()
    try:
        _public(key).verify(encode_dss_signature(r, s), text, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise BadKey from None


def check_wrapped_private(text: str) -> str:
    """Raises BadKey: it has not the form in which a browser sends a recovery key."""
    if not WRAPPED_PRIVATE.fullmatch(text):
        raise BadKey
    return text


def verifier_digest(text: str) -> str:
    """What is kept of a verifier, which has more random bits than anybody can guess.

    Raises:
        BadKey
    """
    return hashlib.sha256(raw(text, VERIFIER_BYTES)).hexdigest()


def _public(text: str) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(text, POINT_BYTES))
    except ValueError:
        raise BadKey from None
