"""Key pairs whose holder signs assertions: making, reading and judging them."""

from __future__ import annotations

import base64
import hashlib
import json
import math
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_public_key,
)
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from jwt import PyJWK
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from jwt.exceptions import PyJWTError

from accounts.lib.errors import DomainError
from accounts.lib.one_time_secret import OneTimeSecret

KEY_PAIR = "key_pair"

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

ALGORITHMS = ("RSA-4096", "RSA-3072", "P-256", "Ed25519")
"""What Steward and the browser make; the first is the default, as PingOne's console has it."""

RSA_JWS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
CURVE_JWS = {"secp256r1": ("P-256", "ES256"), "secp384r1": ("P-384", "ES384")}
RSA_MIN_BITS, RSA_MAX_BITS = 2048, 8192
"""NIST SP 800-131A allows no less; more only costs the verifier."""
PUBLIC_TEXT_MAX_LENGTH = 20_000
"""Characters; the largest acceptable key in any form is a tenth of it."""
KID_MAX_LENGTH = 128
SECRET_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
"""RFC 7518 sections 6.2.2, 6.3.2 and 6.4: never to be sent to anybody."""
ROCA_GENERATOR = 65537
ROCA_PRIMES = (11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157)
"""CVE-2017-15361: keys of one maker lie in the subgroup of 65537 modulo each of these primes.

Modulo the primes between them that subgroup is everything, so they would tell nothing.
"""
SMALL_PRIMES = [n for n in range(2, 1_000) if all(n % d for d in range(2, math.isqrt(n) + 1))]
SMALL_PRODUCT = math.prod(SMALL_PRIMES)
"""A modulus that shares a factor with it was not made of two large primes."""
FERMAT_STEPS = 100
"""CVE-2022-26320: primes so close to each other are found within a few steps."""
ED25519_PRIME = 2**255 - 19
_Y_OF_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
ED25519_SMALL_ORDER_Y = frozenset(
    {0, 1, ED25519_PRIME - 1, _Y_OF_ORDER_8, ED25519_PRIME - _Y_OF_ORDER_8}
)
"""Points whose order divides the cofactor (RFC 8032 section 5.1): anybody can sign for them."""


class KeyPair:
    """The credential type."""

    label = gettext_lazy("Key pair")


class BadKey(DomainError):
    """An uploaded key that is refused, with the reason and the mend."""

    code = "bad_key"

    def __init__(self, message: str, field: str = "public_key") -> None:
        super().__init__(message=message, field=field)


class UnknownAlgorithm(BadKey):
    """Steward makes no such keys."""

    code = "unknown_algorithm"

    def __init__(self) -> None:
        super().__init__(_("Choose one of the key algorithms in the list."), "algorithm")


@dataclass(frozen=True)
class PublicHalf:
    """What is kept of a key pair: `jwk` as canonical JSON text, and facts derived from it."""

    jwk: str
    key_id: str
    thumbprint: str
    algorithm: str


def generate(algorithm: str) -> tuple[PublicHalf, OneTimeSecret]:
    """Make a key pair; the secret is the private JWK with its `kid`, as JSON text.

    Takes up to some seconds of one processor for RSA, so call it outside of transactions. Other
    threads go on meanwhile: the interpreter lock is released (a test watches over that).

    Raises:
        UnknownAlgorithm: `algorithm` is none of `ALGORITHMS`.
    """
    key: PrivateKey
    match algorithm:
        case "RSA-4096" | "RSA-3072":
            key = rsa.generate_private_key(65537, int(algorithm.removeprefix("RSA-")))
        case "P-256":
            key = ec.generate_private_key(ec.SECP256R1())
        case "Ed25519":
            key = ed25519.Ed25519PrivateKey.generate()
        case _:
            raise UnknownAlgorithm
    half = public_half(key.public_key())
    private = {k: v for k, v in _to_jwk(key).items() if k != "key_ops"} | {"kid": half.key_id}
    return half, OneTimeSecret(json.dumps(dict(sorted(private.items()))))


def private_pem(private_jwk: str) -> str:
    """The PKCS #8 PEM of a private JWK that `generate` made."""
    key: Any = PyJWK(json.loads(private_jwk), algorithm=_any_jws(json.loads(private_jwk))).key
    pem: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode("ascii")


def _any_jws(jwk: dict[str, Any]) -> str:
    return {"RSA": "RS256", "OKP": "EdDSA"}.get(jwk["kty"]) or CURVE_JWS_BY_NAME[jwk["crv"]]


CURVE_JWS_BY_NAME = dict(CURVE_JWS.values())


def _to_jwk(key: PublicKey | PrivateKey) -> dict[str, Any]:
    if isinstance(key, (rsa.RSAPublicKey, rsa.RSAPrivateKey)):
        return RSAAlgorithm.to_jwk(key, as_dict=True)
    if isinstance(key, (ec.EllipticCurvePublicKey, ec.EllipticCurvePrivateKey)):
        return ECAlgorithm.to_jwk(key, as_dict=True)
    return OKPAlgorithm.to_jwk(key, as_dict=True)


def thumbprint_of(jwk: dict[str, Any]) -> str:
    """The RFC 7638 SHA-256 thumbprint of a key, base64url without padding."""
    members = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x")}
    text = json.dumps({m: jwk[m] for m in members[jwk["kty"]]}, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def public_half(key: PublicKey, *, key_id: str = "") -> PublicHalf:
    """What to keep of `key`; `kid` is the thumbprint unless given.

    Raises:
        BadKey: it is too weak, or of a kind that is not accepted.
    """
    algorithm = _judge(key)
    full = _to_jwk(key)
    jwk: dict[str, Any] = {m: full[m] for m in ("crv", "e", "kty", "n", "x", "y") if m in full}
    print_ = thumbprint_of(jwk)
    jwk["kid"] = key_id or print_
    return PublicHalf(
        jwk=json.dumps(jwk, separators=(",", ":"), sort_keys=True),
        key_id=jwk["kid"],
        thumbprint=print_,
        algorithm=algorithm,
    )


def _judge(key: PublicKey) -> str:
    """The name of a key's algorithm.

    Raises:
        BadKey: it is too weak, or of a kind that is not accepted.
    """
    if isinstance(key, ed25519.Ed25519PublicKey):
        y = int.from_bytes(key.public_bytes_raw(), "little") & ~(1 << 255)
        if y % ED25519_PRIME in ED25519_SMALL_ORDER_Y:
            raise BadKey(_("This Ed25519 key lets anybody sign. Make a new one."))
        return "Ed25519"
    if isinstance(key, ec.EllipticCurvePublicKey):
        if key.curve.name not in CURVE_JWS:
            raise BadKey(_("Use a key on the curve P-256, P-384 or Ed25519."))
        return CURVE_JWS[key.curve.name][0]
    numbers = key.public_numbers()
    if not RSA_MIN_BITS <= key.key_size <= RSA_MAX_BITS:
        raise BadKey(
            _("This RSA key has %(bits)d bits. Use one of %(least)d to %(most)d bits.")
            % {"bits": key.key_size, "least": RSA_MIN_BITS, "most": RSA_MAX_BITS}
        )
    if numbers.e < 65537 or numbers.e % 2 == 0 or numbers.e.bit_length() > 64:
        raise BadKey(_("This RSA key has a weak public exponent. Make one with exponent 65537."))
    if math.gcd(numbers.n, SMALL_PRODUCT) != 1 or _has_close_factors(numbers.n):
        raise BadKey(_("This RSA key can be factored. Make a new one."))
    if _is_roca(numbers.n):
        raise BadKey(_("This RSA key is weak (CVE-2017-15361). Make a new one elsewhere."))
    return f"RSA-{key.key_size}"


def _is_roca(modulus: int) -> bool:
    return all(
        modulus % p in {pow(ROCA_GENERATOR, i, p) for i in range(p - 1)} for p in ROCA_PRIMES
    )


def _has_close_factors(modulus: int) -> bool:
    """Fermat's method: modulus = a² - b² with a just above its root."""
    a = math.isqrt(modulus)
    a += a * a < modulus
    for step in range(FERMAT_STEPS):
        rest = (a + step) ** 2 - modulus
        if math.isqrt(rest) ** 2 == rest:
            return True
    return False


def parse_public(text: str) -> PublicHalf:
    """Read the public key that a holder uploads: a JWK, a JWK set of one, or PEM.

    Raises:
        BadKey: it is no such key, holds a secret, or is too weak. The text is never repeated.
    """
    text = text.strip()
    if not text:
        raise BadKey(_("Paste the public key: a JWK, a JWK set, or PEM."))
    if len(text) > PUBLIC_TEXT_MAX_LENGTH:
        raise BadKey(_("This is too long for a public key."))
    if "PRIVATE KEY" in text:
        raise BadKey(
            _("This is a private key. Upload the public half, and treat this key as exposed.")
        )
    if text.startswith("-----BEGIN"):
        return public_half(_from_pem(text))
    return _from_json(text)


def may_hold_secret(text: str) -> bool:
    """Whether what somebody pasted could be a private or symmetric key, as far as one can tell.

    Only what is plainly public is not: such a text may be shown again, beside what is wrong.
    """
    text = text.strip()
    if not text or len(text) > PUBLIC_TEXT_MAX_LENGTH:
        return bool(text)
    if text.startswith("-----BEGIN"):
        return text.count("-----BEGIN") != 1 or "PUBLIC KEY-----" not in text.splitlines()[0]
    try:
        keys = _keys_of(json.loads(text))
    except (ValueError, RecursionError, BadKey):
        return True
    return any(_holds_secret(key) for key in keys)


def _from_pem(text: str) -> PublicKey:
    if text.count("-----BEGIN") != 1:
        raise BadKey(_("Paste one key only."))
    try:
        key = load_pem_public_key(text.encode("ascii", "replace"))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadKey(_("This PEM text holds no public key that can be read.")) from error
    if not isinstance(key, PublicKey):
        raise BadKey(_("Use an RSA key, or one on the curve P-256, P-384 or Ed25519."))
    return key


def _from_json(text: str) -> PublicHalf:
    try:
        keys = _keys_of(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise BadKey(_("This is neither JSON nor PEM. Paste a JWK, a JWK set, or PEM.")) from error
    if any(_holds_secret(key) for key in keys):
        raise BadKey(
            _("This JWK holds a secret. Upload the public half, and treat this key as exposed.")
        )
    if len(keys) != 1:
        raise BadKey(_("The JWK set must hold exactly one key."))
    jwk = keys[0]
    _check_purpose(jwk)
    kid = jwk.get("kid", "")
    if not isinstance(kid, str) or len(kid) > KID_MAX_LENGTH or not kid.isprintable():
        raise BadKey(_("The “kid” must be printable text of at most 128 characters."))
    half = public_half(_jwk_to_key(jwk), key_id=kid)
    if jwk.get("alg") not in (None, *jws_algorithms(half.algorithm)):
        raise BadKey(_("The “alg” of this JWK does not fit its key. Correct it or leave it out."))
    return half


def _keys_of(data: object) -> list[dict[str, Any]]:
    """The keys of a JWK or a JWK set.

    Raises:
        BadKey: it is neither.
    """
    keys = data.get("keys") if isinstance(data, dict) and "keys" in data else [data]
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise BadKey(_("This JSON is no JWK."))
    return [*keys, data] if isinstance(data, dict) and SECRET_MEMBERS & data.keys() else keys


def _holds_secret(jwk: dict[str, Any]) -> bool:
    return bool(SECRET_MEMBERS & jwk.keys()) or jwk.get("kty") == "oct"


def _check_purpose(jwk: dict[str, Any]) -> None:
    """Raises BadKey where the key says that it is for something else (RFC 7517 section 4)."""
    if jwk.get("use", "sig") != "sig":
        raise BadKey(_("This key is not for signing (its “use” is not “sig”)."))
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        raise BadKey(_("This key is not for verifying (its “key_ops” lack “verify”)."))


def _jwk_to_key(jwk: dict[str, Any]) -> PublicKey:
    readers: dict[str, Any] = {"RSA": RSAAlgorithm, "EC": ECAlgorithm, "OKP": OKPAlgorithm}
    kind = jwk.get("kty")
    if not isinstance(kind, str) or kind not in readers:
        raise BadKey(_("Use a key of the type RSA, EC or OKP."))
    try:
        key = readers[kind].from_jwk(jwk)
    except (PyJWTError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadKey(_("This JWK cannot be read: a member is missing or wrong.")) from error
    if not isinstance(key, PublicKey):
        raise BadKey(_("Use an RSA key, or one on the curve P-256, P-384 or Ed25519."))
    return key


def jws_algorithms(algorithm: str) -> tuple[str, ...]:
    """The JWS algorithms that a stored key may sign with; nothing that a token says widens it.

    RFC 8725 section 3.1.
    """
    if algorithm.startswith("RSA-"):
        return RSA_JWS
    if algorithm == "Ed25519":
        return ("EdDSA", "Ed25519")  # the second is its name since RFC 9864
    return (CURVE_JWS_BY_NAME[algorithm],) if algorithm in CURVE_JWS_BY_NAME else ()


def load_public(jwk_text: str) -> PublicKey:
    """The key object of a stored public JWK."""
    return _jwk_to_key(json.loads(jwk_text))
