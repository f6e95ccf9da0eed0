"""The JWT bearer grant (RFC 7523 section 2.1), as service accounts of PingOne use it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from tokens.access_tokens.claims import SKEW
from tokens.access_tokens.issue import Replay
from tokens.credentials.types import key_pair
from tokens.oauth import accounts, jws, verification
from tokens.oauth.accounts import Account, KeyFacts
from tokens.oauth.errors import InvalidGrant, InvalidRequest
from tokens.oauth.grants import assertion_claims
from tokens.oauth.grants.base import Asked, Form, Proof

CLIENT_ID = "service-account"
ASSERTION_MAX_LENGTH = 8_192
"""Characters; an RS512 assertion with long claims has some 1,500."""
ACCEPTED_TYPES = frozenset({"jwt", "application/jwt"})
"""`typ` in lower case. Anything else is a JWT made for another purpose (RFC 8725 section 3.11)."""
REFUSED_HEADERS = frozenset({"crit", "b64"})
"""They change what the signature means (RFC 7515 section 4.1.11, RFC 7797); we understand none.
`jku`, `jwk`, `x5u` and `x5c` are ignored: keys come from the account's record alone."""


class JwtBearer:
    """The grant type of the Ping door, for the built-in public client `service-account`."""

    name = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    client_id: str | None = CLIENT_ID

    def prove(self, form: Form, asked: Asked) -> Proof:
        return prove(form.get("assertion", ""), asked)


def prove(text: str, asked: Asked, *, types: Collection[str] = ACCEPTED_TYPES) -> Proof:
    """Who signed the assertion; its `typ`, where it has one, is one of `types`.

    Raises:
        InvalidRequest, InvalidGrant: with the reason for the audit log.
    """
    assertion = _parse(text)
    algorithm, key_id = _check_header(assertion.header, types)
    claimed = assertion.claims.get("iss")
    if not isinstance(claimed, str) or not claimed:
        raise InvalidGrant("iss is missing or no text.")
    facts: dict[str, Any] = {"claimed": claimed}
    found = accounts.with_keys(_account_id(claimed), asked.now)
    if found is None:
        # as long as for an account that exists, so that nobody can tell by the clock
        verification.verify_in_vain(assertion, algorithm)
        raise InvalidGrant("iss is no service account that has a usable key.", **facts)
    account, keys = found
    facts["account_id"] = account.id
    key = _signing_key(assertion, algorithm, key_id, keys, facts)
    facts["key_id"] = key.key_id
    return _proof(assertion.claims, account, key, asked, facts)


def _parse(assertion: str) -> jws.SignedJwt:
    if not assertion:
        raise InvalidRequest("The parameter assertion is missing.")
    if len(assertion) > ASSERTION_MAX_LENGTH:
        raise InvalidRequest("The assertion is too long.")
    try:
        return jws.parse(assertion)
    except jws.Malformed as error:
        raise InvalidGrant(f"The assertion is no signed JWT: {error}.") from error


def _check_header(header: dict[str, Any], types: Collection[str]) -> tuple[str, str | None]:
    """The algorithm and key id that it names; both only choose among the account's own keys."""
    algorithm, kind = header.get("alg"), header.get("typ")
    if not isinstance(algorithm, str):
        raise InvalidGrant("The header has no alg.")
    if kind is not None and (not isinstance(kind, str) or kind.lower() not in types):
        raise InvalidGrant("typ names another kind of JWT.")
    if refused := sorted(REFUSED_HEADERS & header.keys()):
        raise InvalidGrant(f"The header has {', '.join(refused)}, which is not understood.")
    key_id = header.get("kid")
    if "kid" in header and not isinstance(key_id, str):
        raise InvalidGrant("kid is no text.")
    return algorithm, key_id


def _account_id(issuer: str) -> UUID:
    """The account meant by `iss`: only the exact canonical spelling of its id finds it."""
    try:
        account_id = UUID(issuer)
    except ValueError:
        return accounts.NOBODY
    return account_id if str(account_id) == issuer else accounts.NOBODY


def _signing_key(
    assertion: jws.SignedJwt,
    algorithm: str,
    key_id: str | None,
    keys: list[KeyFacts],
    facts: dict[str, Any],
) -> KeyFacts:
    candidates = keys if key_id is None else [key for key in keys if key.key_id == key_id]
    fitting = [k for k in candidates if algorithm in key_pair.jws_algorithms(k.algorithm)]
    if not fitting:
        verification.verify_in_vain(assertion, algorithm)
    if not candidates:
        raise InvalidGrant("kid names none of the account's usable keys.", **facts)
    if not fitting:
        raise InvalidGrant(f"alg {algorithm[:20]} fits none of the account's keys.", **facts)
    for key in fitting:
        if assertion.is_signed_by(verification.public_key(key), algorithm):
            return key
    raise InvalidGrant("The signature fits none of the account's usable keys.", **facts)


def _proof(
    claims: dict[str, Any], account: Account, key: KeyFacts, asked: Asked, facts: dict[str, Any]
) -> Proof:
    """The claims, now that the signature holds; each wrong one has its own reason in the log."""
    try:
        if claims["iss"] != claims.get("sub"):
            raise assertion_claims.BadClaim("sub is not the same as iss.")
        assertion_claims.check_audience(claims.get("aud"), asked.audiences)
        expires_at = assertion_claims.check_times(claims, asked.now)
        jti = assertion_claims.check_id(claims.get("jti"))
    except assertion_claims.BadClaim as error:
        raise InvalidGrant(str(error), **facts) from error
    replay = Replay(
        jti_hash=hashlib.sha256(jti.encode("utf-8", "surrogatepass")).digest(),
        until=expires_at + SKEW + timedelta(seconds=1),
    )
    return Proof(account, key.credential_id, key.key_id, CLIENT_ID, key.generation, replay)
