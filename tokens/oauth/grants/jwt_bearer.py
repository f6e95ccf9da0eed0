"""The JWT bearer grant (RFC 7523 section 2.1), as service accounts of PingOne use it."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import jwt
from jwt.exceptions import PyJWTError

from tokens.access_tokens.claims import SKEW
from tokens.access_tokens.issue import Replay
from tokens.credentials.types import key_pair
from tokens.oauth import accounts
from tokens.oauth.accounts import KeyFacts
from tokens.oauth.audiences import canonical
from tokens.oauth.errors import InvalidGrant, InvalidRequest
from tokens.oauth.grants.base import Account, Asked, Form, Proof

ASSERTION_MAX_LENGTH = 8_192
"""Characters; an RS512 assertion with long claims has some 1,500."""
MAX_AHEAD = timedelta(seconds=900)
"""Farthest accepted `exp`; bounds how long a `jti` must be remembered."""
JTI_MAX_LENGTH = 255
ACCEPTED_TYPES = frozenset({"jwt", "application/jwt"})
"""`typ` in lower case. Anything else is a JWT made for another purpose (RFC 8725 section 3.11)."""
REFUSED_HEADERS = frozenset({"crit", "b64"})
"""They change what the signature means (RFC 7515 section 4.1.11, RFC 7797); we understand none.
`jku`, `jwk`, `x5u` and `x5c` are ignored: keys come from the account's record alone."""


@dataclass(frozen=True)
class _Header:
    algorithm: str
    key_id: str | None


class JwtBearer:
    """The grant type of the Ping door, for the built-in public client `service-account`."""

    name = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    client_id = "service-account"

    def prove(self, form: Form, asked: Asked) -> Proof:
        assertion = form.get("assertion", "")
        if not assertion:
            raise InvalidRequest("The parameter assertion is missing.")
        if len(assertion) > ASSERTION_MAX_LENGTH:
            raise InvalidRequest("The assertion is too long.")
        header = _read_header(assertion)
        claimed = _claimed_issuer(assertion)
        account, keys = _find(claimed, asked.now)
        facts: dict[str, Any] = {"account_id": account.id, "claimed": claimed}
        key, claims = _verify(assertion, header, keys, facts)
        if claims.get("iss") != claimed or claims.get("sub") != claimed:
            raise InvalidGrant("iss and sub are not both the account's id.", **facts)
        _check_audience(claims.get("aud"), asked, facts)
        expires_at = _check_times(claims, asked.now, facts)
        jti = claims.get("jti")
        if not isinstance(jti, str) or not 0 < len(jti) <= JTI_MAX_LENGTH:
            raise InvalidGrant("jti is missing, empty, too long or no text.", **facts)
        replay = Replay(
            jti_hash=hashlib.sha256(jti.encode("utf-8", "surrogatepass")).digest(),
            until=expires_at + SKEW + timedelta(seconds=1),
        )
        return Proof(account, key.credential_id, key.key_id, replay)


def _read_header(assertion: str) -> _Header:
    try:
        header = jwt.get_unverified_header(assertion)
    except (PyJWTError, ValueError, RecursionError) as error:
        raise InvalidGrant(f"The assertion is no signed JWT: {error}") from error
    algorithm, key_id, kind = header.get("alg"), header.get("kid"), header.get("typ")
    if not isinstance(algorithm, str):
        raise InvalidGrant("The header has no alg.")
    if kind is not None and (not isinstance(kind, str) or kind.lower() not in ACCEPTED_TYPES):
        raise InvalidGrant("typ names another kind of JWT.")
    if refused := sorted(REFUSED_HEADERS & header.keys()):
        raise InvalidGrant(f"The header has {', '.join(refused)}, which is not understood.")
    return _Header(algorithm, key_id)


def _claimed_issuer(assertion: str) -> str:
    """Whom the assertion says it is from; nothing is believed of it yet."""
    try:
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except (PyJWTError, ValueError, RecursionError) as error:
        raise InvalidGrant(f"The claims cannot be read: {error}") from error
    issuer = claims.get("iss")
    if not isinstance(issuer, str) or not issuer:
        raise InvalidGrant("iss is missing.")
    return issuer


def _find(issuer: str, now: datetime) -> tuple[Account, list[KeyFacts]]:
    """The account and its keys. Only the exact canonical spelling of its id finds it."""
    try:
        account_id = UUID(issuer)
    except ValueError:
        account_id = None
    if account_id is None or str(account_id) != issuer:
        raise InvalidGrant("iss is no id of a service account.", claimed=issuer)
    found = accounts.with_keys(account_id, now)
    if found is None:
        raise InvalidGrant("iss is no service account that has a usable key.", claimed=issuer)
    return found


@lru_cache(maxsize=4_096)
def _public_key(credential_id: UUID, jwk: str) -> key_pair.PublicKey:
    # Parsing costs more than verifying. A stored key never changes, and whether it may still be
    # used is read from the database each time.
    return key_pair.load_public(jwk)


def _verify(
    assertion: str, header: _Header, keys: list[KeyFacts], facts: dict[str, Any]
) -> tuple[KeyFacts, dict[str, Any]]:
    candidates = keys
    if header.key_id is not None:
        candidates = [key for key in keys if key.key_id == header.key_id]
        if not candidates:
            raise InvalidGrant("kid names none of the account's usable keys.", **facts)
    fitting = [k for k in candidates if header.algorithm in key_pair.jws_algorithms(k.algorithm)]
    if not fitting:
        raise InvalidGrant(f"alg {header.algorithm[:20]} fits none of the account's keys.", **facts)
    for key in fitting:
        try:
            claims: dict[str, Any] = jwt.decode(
                assertion,
                key=_public_key(key.credential_id, key.public),
                algorithms=[header.algorithm],
                options=_SIGNATURE_ONLY,
            )
        except (PyJWTError, ValueError, RecursionError):
            continue  # perhaps the next key; if none fits, the refusal below says so
        return key, claims
    raise InvalidGrant("The signature fits none of the account's usable keys.", **facts)


_SIGNATURE_ONLY: Any = {
    "verify_signature": True,
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}
"""The claims are checked here, each with its own reason for the log."""


def _check_audience(audience: object, asked: Asked, facts: dict[str, Any]) -> None:
    """One audience, as text or a list of one, equal to one of ours; never by prefix."""
    if isinstance(audience, list) and len(audience) == 1:
        audience = audience[0]
    if not isinstance(audience, str):
        raise InvalidGrant("aud is not exactly one audience.", **facts)
    if canonical(audience) not in asked.audiences:
        raise InvalidGrant(f"aud {audience[:200]} is not this token endpoint.", **facts)


def _seconds(claims: dict[str, Any], name: str, facts: dict[str, Any]) -> float | None:
    """A NumericDate (RFC 7519 section 2), or None where the claim is absent."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InvalidGrant(f"{name} is no number.", **facts)
    if not (-(2**53) < value < 2**53) or not math.isfinite(value):
        raise InvalidGrant(f"{name} is out of range.", **facts)
    return float(value)


def _check_times(claims: dict[str, Any], now: datetime, facts: dict[str, Any]) -> datetime:
    seconds, skew = now.timestamp(), SKEW.total_seconds()
    expires = _seconds(claims, "exp", facts)
    if expires is None:
        raise InvalidGrant("exp is missing.", **facts)
    if expires <= seconds - skew:
        raise InvalidGrant("exp has passed.", **facts)
    if expires > seconds + MAX_AHEAD.total_seconds() + skew:
        raise InvalidGrant("exp is more than 900 seconds ahead.", **facts)
    for name in ("nbf", "iat"):
        value = _seconds(claims, name, facts)
        if value is not None and value > seconds + skew:
            raise InvalidGrant(f"{name} lies in the future.", **facts)
    return datetime.fromtimestamp(expires, tz=UTC)
