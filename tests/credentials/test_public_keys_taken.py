"""A holder may bring the public half in the forms in which such things come."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import import_key

from tests.credentials.keys import (
    ec_jwk,
    ec_key,
    ed_jwk,
    ed_key,
    public_pem,
    rsa_jwk,
    rsa_key,
)
from tokens.credentials.types.key_pair import load_public, parse_public, public_half

pytestmark = pytest.mark.sqlite

P256, P384 = ec_key(), ec_key("SECP384R1")

TAKEN = {
    "JWK, RSA": (json.dumps(rsa_jwk()), "RSA-2048"),
    "JWK, RSA as the vendor's client makes it": (
        json.dumps(rsa_jwk(alg="RS256", kid="k1", use="sig")),
        "RSA-2048",
    ),
    "JWK, P-256": (json.dumps(ec_jwk(P256)), "P-256"),
    "JWK, P-384": (json.dumps(ec_jwk(P384)), "P-384"),
    "JWK, Ed25519": (json.dumps(ed_jwk()), "Ed25519"),
    "JWK with key_ops": (json.dumps(ec_jwk(P256, key_ops=["verify"])), "P-256"),
    "JWK set of one": (json.dumps({"keys": [ec_jwk(P256)]}), "P-256"),
    "PEM, RSA": (public_pem(rsa_key()), "RSA-2048"),
    "PEM, P-256": (public_pem(P256), "P-256"),
    "PEM, Ed25519": (public_pem(ed_key()), "Ed25519"),
    "PEM, PKCS #1": (
        rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode(),
        "RSA-2048",
    ),
    "with space around": (f"\r\n  {json.dumps(ec_jwk(P256))}\n\n", "P-256"),
    "PEM of Windows": (public_pem(P256).replace("\n", "\r\n"), "P-256"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_public_key_is_taken_in_every_usual_form(name: str) -> None:
    text, algorithm = TAKEN[name]
    half = parse_public(text)
    assert half.algorithm == algorithm
    assert public_half(load_public(half.jwk), key_id=half.key_id) == half


@pytest.mark.parametrize("jwk", [rsa_jwk(), ec_jwk(), ed_jwk()], ids=["RSA", "EC", "OKP"])
def test_the_thumbprint_is_that_of_another_implementation(jwk: dict[str, Any]) -> None:
    """RFC 7638."""
    half = parse_public(json.dumps(jwk | {"kid": "mine", "use": "sig"}))
    assert half.thumbprint == import_key(jwk).thumbprint()
    assert half.key_id == "mine"


def test_without_a_kid_the_thumbprint_is_the_kid() -> None:
    half = parse_public(json.dumps(ec_jwk()))
    assert half.key_id == half.thumbprint
    assert json.loads(half.jwk)["kid"] == half.thumbprint


def test_only_the_members_of_a_public_key_are_kept() -> None:
    given = rsa_jwk(kid="k", use="sig", alg="RS256", x5c=["…"], note="<script>")
    assert set(json.loads(parse_public(json.dumps(given)).jwk)) == {"kty", "n", "e", "kid"}


def test_one_key_in_two_spellings_is_one_key() -> None:
    """Leading zeros, PEM or JWK: the thumbprint is of the key, not of its text."""
    jwk = rsa_jwk()
    padded = dict(jwk, n="AAAA" + jwk["n"])  # three bytes of nothing
    prints = {
        parse_public(text).thumbprint
        for text in (json.dumps(jwk), json.dumps(padded), public_pem(rsa_key()))
    }
    assert len(prints) == 1
