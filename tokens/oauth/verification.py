"""The key objects with which signatures are checked."""

from __future__ import annotations

from functools import cache, lru_cache

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from tokens.credentials.types import key_pair
from tokens.oauth.accounts import KeyFacts
from tokens.oauth.jws import SignedJwt


def public_key(key: KeyFacts) -> key_pair.PublicKey:
    return _parsed(key.public)


@lru_cache(maxsize=4_096)
def _parsed(jwk: str) -> key_pair.PublicKey:
    # Parsing costs more than verifying. The text is the key, and whether it may be used is read
    # from the database each time.
    return key_pair.load_public(jwk)


def verify_in_vain(assertion: SignedJwt, algorithm: str) -> None:
    """Take as long as checking a signature takes, where there is no key to check it with."""
    if (decoy := _decoys().get(algorithm)) is not None:
        assertion.is_signed_by(decoy, algorithm)


def algorithms() -> list[str]:
    """Every JWS algorithm with which some key may sign an assertion."""
    return list(_decoys())


@cache
def _decoys() -> dict[str, key_pair.PublicKey]:
    """A key of each kind that signed nothing. The RSA modulus is no product of two primes."""
    keys: list[tuple[str, key_pair.PublicKey]] = [
        ("RSA-4096", rsa.RSAPublicNumbers(65537, (1 << 4096) - 1).public_key()),
        ("P-256", ec.generate_private_key(ec.SECP256R1()).public_key()),
        ("P-384", ec.generate_private_key(ec.SECP384R1()).public_key()),
        ("Ed25519", ed25519.Ed25519PrivateKey.generate().public_key()),
    ]
    return {name: key for kind, key in keys for name in key_pair.jws_algorithms(kind)}
