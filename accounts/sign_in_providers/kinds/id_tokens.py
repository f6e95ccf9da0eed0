"""ID tokens: OpenID Connect Core 1.0 section 3.1.3.7, with every doubt a refusal."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.utils.translation import gettext as _

from accounts.audit.plain import safe_line
from accounts.sign_in_providers.kinds.base import LEEWAY, NotProved, Proof

ALGORITHMS: Final = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
    "EdDSA": "OKP",
}
"""With the type of key that each takes; neither `none` nor anything with a shared secret."""
LEAST_RSA_BITS: Final = 2048
MOST_LENGTH: Final = 32_000
LONGEST_VALID: Final = timedelta(hours=24)
REQUIRED: Final = ("iss", "sub", "aud", "exp", "iat", "nonce")


@dataclass(frozen=True)
class Expected:
    issuer: str
    audience: str
    nonce: str


Keys = Callable[[bool], Sequence[Mapping[str, Any]]]


def verified(
    token: str, *, access_token: str, keys: Keys, expected: Expected, at: datetime
) -> dict[str, Any]:
    """The claims of a token that holds.

    Raises:
        NotProved
    """
    if len(token) > MOST_LENGTH:
        raise NotProved(_("The ID token is too long."))
    try:
        header = jwt.get_unverified_header(token)
        algorithm = header.get("alg")
        if algorithm not in ALGORITHMS:
            raise NotProved(_("The ID token is not signed as it must be."))
        key = _key(header, algorithm, keys)
        claims: dict[str, Any] = jwt.decode(
            token,
            key.key,
            algorithms=[algorithm],
            audience=expected.audience,
            issuer=expected.issuer,
            # times are judged below, by the clock that was passed in
            options={
                "require": list(REQUIRED),
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except jwt.InvalidAudienceError as error:
        raise NotProved(_("The ID token is meant for another application.")) from error
    except jwt.InvalidIssuerError as error:
        raise NotProved(_("The ID token is of another issuer.")) from error
    except jwt.InvalidSignatureError as error:
        raise NotProved(_("The signature of the ID token does not hold.")) from error
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
        raise NotProved(_("The ID token cannot be taken.")) from error
    _check_times(claims, at)
    _check_party(claims, expected)
    _check_access_token(claims, algorithm, access_token)
    return claims


def proof(claims: Mapping[str, Any], *, email_claim: str, name_claim: str) -> Proof:
    subject = claims["sub"]
    if not isinstance(subject, str) or not subject.strip() or len(subject) > 255:
        raise NotProved(_("The ID token names nobody."))
    if "\0" in subject:
        raise NotProved(_("The ID token names nobody."))
    email, methods, since = claims.get(email_claim), claims.get("amr"), claims.get("auth_time")
    name = claims.get(name_claim)
    return Proof(
        subject=subject,
        proof_id=f"nonce:{claims['nonce']}"[:255],
        expires_at=_time(claims["exp"]) + LEEWAY,
        label=safe_line(name if isinstance(name, str) else "", 200),
        email=email if isinstance(email, str) and len(email) <= 254 else "",
        # it speaks of the claim `email` alone: OpenID Connect Core section 5.1
        email_is_verified=email_claim == "email" and claims.get("email_verified") is True,
        second_factor=isinstance(methods, list) and "mfa" in methods,
        authenticated_at=None if since is None else _time(since),
    )


def _key(header: Mapping[str, Any], algorithm: str, keys: Keys) -> jwt.PyJWK:
    for again in (False, True):
        fitting = [each for each in keys(again) if _fits(each, header.get("kid"), algorithm)]
        if len(fitting) == 1:
            found = jwt.PyJWK(dict(fitting[0]), algorithm=algorithm)
            if isinstance(found.key, RSAPublicKey) and found.key.key_size < LEAST_RSA_BITS:
                raise NotProved(_("The provider signs with a key that is too short."))
            return found
        if len(fitting) > 1:
            break
    raise NotProved(_("The ID token is signed with a key that the provider does not publish."))


def _fits(key: Mapping[str, Any], kid: object, algorithm: str) -> bool:
    return (
        key.get("kty") == ALGORITHMS[algorithm]
        and key.get("use") in (None, "sig")
        and key.get("alg") in (None, algorithm)
        and (kid is None or key.get("kid") == kid)
    )


def _check_times(claims: Mapping[str, Any], at: datetime) -> None:
    ends, began = _time(claims["exp"]), _time(claims["iat"])
    if ends + LEEWAY <= at:
        raise NotProved(_("The ID token has expired."))
    if began > at + LEEWAY or ("nbf" in claims and _time(claims["nbf"]) > at + LEEWAY):
        raise NotProved(_("The ID token does not count yet: compare the clocks."))
    if ends - began > LONGEST_VALID or began < at - LONGEST_VALID:
        raise NotProved(_("The ID token is too old, or counts for too long."))


def _check_party(claims: Mapping[str, Any], expected: Expected) -> None:
    audience, party = claims["aud"], claims.get("azp")
    several = isinstance(audience, list) and len(audience) > 1
    if (several and party is None) or (party is not None and party != expected.audience):
        raise NotProved(_("The ID token was made for another application."))
    if not isinstance(claims["nonce"], str) or not hmac.compare_digest(
        claims["nonce"].encode(), expected.nonce.encode()
    ):
        raise NotProved(_("The ID token answers another attempt to sign in."))


def _check_access_token(claims: Mapping[str, Any], algorithm: str, access_token: str) -> None:
    """Section 3.1.3.6: the two belong together, where the ID token says so."""
    told = claims.get("at_hash")
    if told is None or not access_token:
        return
    size = {"384": "sha384", "512": "sha512", "DSA": "sha512"}.get(algorithm[-3:], "sha256")
    digest = hashlib.new(size, access_token.encode()).digest()
    half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).decode().rstrip("=")
    if not isinstance(told, str) or not hmac.compare_digest(told.encode(), half.encode()):
        raise NotProved(_("The ID token belongs to another access token."))


def _time(value: object) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotProved(_("The ID token cannot be taken."))
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise NotProved(_("The ID token cannot be taken.")) from error
