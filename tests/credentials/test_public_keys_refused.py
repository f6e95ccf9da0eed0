"""What holders must not bring: secrets, weak keys, nonsense, and bombs. AB-12."""

from __future__ import annotations

import base64
import json
import math
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import PrivateFormat

from tests.credentials.keys import (
    ec_jwk,
    ec_key,
    ed_jwk,
    ed_key,
    private_pem,
    public_pem,
    rsa_jwk,
    rsa_key,
)
from tokens.credentials.types.key_pair import BadKey, may_hold_secret, parse_public

pytestmark = pytest.mark.sqlite

N = rsa_key().public_key().public_numbers().n
P, Q = rsa_key().private_numbers().p, rsa_key().private_numbers().q


def roca_modulus(bits: int = 2048) -> int:
    """A number of the form that the broken library's keys have, of the right length."""
    primes = [n for n in range(2, 702) if all(n % d for d in range(2, math.isqrt(n) + 1))]
    product = math.prod(primes)
    power = pow(65537, 12_345, product)
    n = power + product * ((1 << (bits - 1)) // product + 1)
    return n if n % 2 else n + product  # odd, as 65537 to any power is modulo 2


def next_prime(n: int) -> int:
    n |= 1
    while pow(2, n - 1, n) != 1:
        n += 2
    return n


def close_primes() -> int:
    return P * next_prime(P + 1_000)


PRIVATE = {
    "RSA with d": rsa_jwk(d="AQAB"),
    "RSA with p alone": rsa_jwk(p="AQAB"),
    "RSA with qi alone": rsa_jwk(qi="AQAB"),
    "RSA of many primes": rsa_jwk(oth=[{"r": "AQ", "d": "AQ", "t": "AQ"}]),
    "EC with d": ec_jwk(d="AQAB"),
    "OKP with d": ed_jwk(d="AQAB"),
    "d is null": ec_jwk(d=None),
    "symmetric": {"kty": "oct", "k": "c2VjcmV0"},
    "symmetric without k": {"kty": "oct"},
    "k in an RSA key": rsa_jwk(k="AQAB"),
    "set with one private": {"keys": [ec_jwk(d="AQAB")]},
    "set with a private one beside": {"keys": [ec_jwk(), rsa_jwk(d="AQAB")]},
    "beside the set": {"keys": [ec_jwk()], "d": "AQAB"},
}


@pytest.mark.parametrize("name", PRIVATE)
def test_a_secret_is_refused_and_never_shown_again(name: str) -> None:
    text = json.dumps(PRIVATE[name])
    with pytest.raises(BadKey) as refused:
        parse_public(text)
    assert "AQAB" not in str(refused.value)
    assert "exposed" in refused.value.message
    assert may_hold_secret(text)


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_a_private_pem_is_refused(form: PrivateFormat) -> None:
    for text in (private_pem(rsa_key(), form), private_pem(ec_key(), form)):
        for pasted in (text, public_pem(rsa_key()) + text, f"Here it is:\n{text}"):
            with pytest.raises(BadKey, match="private key"):
                parse_public(pasted)
            assert may_hold_secret(pasted)


def test_escaped_names_hide_no_secret() -> None:
    text = json.dumps(ec_jwk()).replace('"kty"', '"\\u0064": "AQAB", "kty"')
    with pytest.raises(BadKey, match="secret"):
        parse_public(text)
    assert may_hold_secret(text)


WEAK = {
    "RSA 512": rsa_jwk(n=(1 << 511) + 187),
    "RSA 1024": rsa_jwk(n=rsa_key(1024).public_key().public_numbers().n),
    "RSA 2047": rsa_jwk(n=N >> 1 | 1),
    "RSA 16384": rsa_jwk(n=(1 << 16383) + 1),
    "exponent 1": rsa_jwk(e=1),
    "exponent 3": rsa_jwk(e=3),
    "exponent 17": rsa_jwk(e=17),
    "even exponent": rsa_jwk(e=65538),
    "enormous exponent": rsa_jwk(e=(1 << 2000) + 1),
    "even modulus": rsa_jwk(n=N - 1),
    "divisible by 3": rsa_jwk(n=(N // 3) * 3 if (N // 3) % 2 else (N // 3 + 1) * 3),
    "ROCA": rsa_jwk(n=roca_modulus()),
    "a square": rsa_jwk(n=next_prime(P) ** 2),
    "close primes": rsa_jwk(n=close_primes()),
    "P-521": ec_jwk(ec_key("SECP521R1")),
    "P-192": {"kty": "EC", "crv": "P-192", "x": "AQ", "y": "AQ"},
    "secp256k1": ec_jwk(ec_key("SECP256K1")),
    "off the curve": ec_jwk(y=ec_jwk()["x"]),
    "at infinity": {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43},
    "short coordinate": ec_jwk(x="AQ"),
    "X25519": ed_jwk(crv="X25519"),
    "Ed448": {"kty": "OKP", "crv": "Ed448", "x": "A" * 76},
    "Ed25519 of order 1": ed_jwk(raw=(1).to_bytes(32, "little")),
    "Ed25519 of order 4": ed_jwk(raw=bytes(32)),
    "Ed25519 of order 8": ed_jwk(
        raw=bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
    ),
}


@pytest.mark.parametrize("name", WEAK)
def test_a_weak_key_is_refused(name: str) -> None:
    with pytest.raises(BadKey):
        parse_public(json.dumps(WEAK[name]))


def test_the_example_of_roca_is_one_and_ordinary_keys_are_none() -> None:
    with pytest.raises(BadKey, match="CVE-2017-15361"):
        parse_public(json.dumps(rsa_jwk(n=roca_modulus())))
    assert parse_public(json.dumps(rsa_jwk())).algorithm == "RSA-2048"


@pytest.mark.parametrize("curve", [ec.SECP192R1, ec.SECP256K1, ec.SECP521R1])
def test_other_curves_are_refused_in_pem_as_well(curve: type[ec.EllipticCurve]) -> None:
    with pytest.raises(BadKey):
        parse_public(public_pem(ec.generate_private_key(curve())))


NONSENSE: dict[str, Any] = {
    "nothing": "",
    "blanks": " \n\t ",
    "words": "this is my key",
    "bytes": "\x00\x01\x02",
    "a number": "12",
    "null": "null",
    "a list": "[]",
    "a text": '"key"',
    "an empty object": "{}",
    "an empty set": '{"keys": []}',
    "a set that is none": '{"keys": {"kty": "RSA"}}',
    "a set of texts": '{"keys": ["RSA"]}',
    "two keys": json.dumps({"keys": [ec_jwk(), rsa_jwk()]}),
    "the same key twice": json.dumps({"keys": [ec_jwk(), ec_jwk()]}),
    "kty is a list": '{"kty": ["RSA"]}',
    "kty is an object": '{"kty": {}}',
    "kty is unknown": '{"kty": "AKP"}',
    "n is missing": '{"kty": "RSA", "e": "AQAB"}',
    "n is a number": '{"kty": "RSA", "e": "AQAB", "n": 17}',
    "n is not base64": '{"kty": "RSA", "e": "AQAB", "n": "§§§"}',
    "n is empty": '{"kty": "RSA", "e": "AQAB", "n": ""}',
    "x is null": '{"kty": "EC", "crv": "P-256", "x": null, "y": null}',
    "for encryption": json.dumps(rsa_jwk(use="enc")),
    "to encrypt": json.dumps(rsa_jwk(key_ops=["encrypt"])),
    "key_ops is a text": json.dumps(rsa_jwk(key_ops="verify")),
    "alg does not fit": json.dumps(rsa_jwk(alg="ES256")),
    "alg is symmetric": json.dumps(rsa_jwk(alg="HS256")),
    "alg is none": json.dumps(rsa_jwk(alg="none")),
    "deep": "[" * 9_000 + "]" * 9_000,
    "deep object": '{"keys":' * 3_000 + "1" + "}" * 3_000,
    "long number": '{"kty": ' + "9" * 15_000 + "}",
    "not a number": '{"kty": NaN}',
    "a PEM of nothing": "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----",
    "a broken PEM": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
    "two PEMs": public_pem(rsa_key()) + public_pem(ec_key()),
    "a certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
    "a PEM with letters of elsewhere": "-----BEGIN PUBLIC KEY-----\nключ\n-----END PUBLIC KEY-----",
    "surrogates": '{"kty": "\\ud800"}',
    "kid is a number": json.dumps(ec_jwk(kid=7)),
    "kid is long": json.dumps(ec_jwk(kid="k" * 129)),
    "kid with a line break": json.dumps(ec_jwk(kid="a\nb")),
    "kid with a zero": json.dumps(ec_jwk(kid="a\0b")),
    "kid that turns the text": json.dumps(ec_jwk(kid="a\u202eb")),
    "kid with something invisible": json.dumps(ec_jwk(kid="a\u200bb")),
    "kid of half a character": '{"kid": "\\ud800", ' + json.dumps(ec_jwk())[1:],
}


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_is_refused_in_words(name: str) -> None:
    with pytest.raises(BadKey) as refused:
        parse_public(NONSENSE[name])
    assert refused.value.message
    assert refused.value.field == "public_key"


def test_ten_megabytes_are_refused_without_being_read() -> None:
    started = time.perf_counter()
    for text in ("A" * 10_000_000, "[" * 10_000_000, '{"n": "' + "A" * 10_000_000 + '"}'):
        with pytest.raises(BadKey, match="too long"):
            parse_public(text)
        assert may_hold_secret(text)
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(rsa_jwk(e=3)),
        json.dumps({"keys": [ec_jwk(), ed_jwk()]}),
        public_pem(rsa_key(1024)),
        "",
    ],
)
def test_what_is_plainly_public_may_be_shown_again(text: str) -> None:
    assert not may_hold_secret(text)


def test_a_private_key_without_its_frame_may_be_a_secret() -> None:
    """The middle of a PEM file, or raw bytes in base64."""
    middle = "".join(private_pem(ed_key()).splitlines()[1:-1])
    assert may_hold_secret(middle)
    assert may_hold_secret(base64.b64encode(b"secret").decode())
