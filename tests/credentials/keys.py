"""Keys as holders bring them: good ones, and every kind of bad one."""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

AnyPrivate = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def b64(number: int, length: int = 0) -> str:
    data = number.to_bytes(length or (number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@cache
def rsa_key(bits: int = 2048, exponent: int = 65537) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(exponent, bits)


@cache
def ec_key(curve: str = "SECP256R1") -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(getattr(ec, curve)())


@cache
def ed_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def public_pem(key: Any) -> str:
    public = key.public_key() if hasattr(key, "public_key") else key
    return str(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


def private_pem(key: AnyPrivate, form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def rsa_jwk(n: int | None = None, e: int = 65537, **more: Any) -> dict[str, Any]:
    n = n or rsa_key().public_key().public_numbers().n
    return {"kty": "RSA", "n": b64(n), "e": b64(e)} | more


def ec_jwk(key: ec.EllipticCurvePrivateKey | None = None, **more: Any) -> dict[str, Any]:
    key = key or ec_key()
    numbers, size = key.public_key().public_numbers(), (key.key_size + 7) // 8
    names = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
    return {
        "kty": "EC",
        "crv": names.get(key.curve.name, key.curve.name),
        "x": b64(numbers.x, size),
        "y": b64(numbers.y, size),
    } | more


def ed_jwk(raw: bytes | None = None, **more: Any) -> dict[str, Any]:
    raw = raw if raw is not None else ed_key().public_key().public_bytes_raw()
    x = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "Ed25519", "x": x} | more


def fresh_public_jwk(**more: Any) -> str:
    """A public key that nobody has used yet."""
    return json.dumps(ec_jwk(ec.generate_private_key(ec.SECP256R1()), **more))
