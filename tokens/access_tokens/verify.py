"""Whether an access token may be used now: its signature and claims, and the database's word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import jwt
from jwt.exceptions import PyJWTError

from accounts.models import Identity
from tokens.access_tokens.claims import TYPE, issuer
from tokens.credentials.models import Credential
from tokens.signing import keys

TOKEN_MAX_LENGTH = 8_192


class InvalidToken(Exception):
    """The token is not to be accepted; the text is for the audit log, never for the caller."""


@dataclass(frozen=True)
class AccessToken:
    """A token that holds, and what it was issued for."""

    subject: UUID
    credential_id: UUID
    scopes: frozenset[str]
    token_id: str
    account_name: str


def _decode(text: str) -> dict[str, Any]:
    """The claims of a token that we signed, that has not run out and is meant for us.

    RFC 9068 section 4. Our own clock made its times, so no skew is allowed.
    """
    if len(text) > TOKEN_MAX_LENGTH:
        raise InvalidToken("too long")
    try:
        header = jwt.get_unverified_header(text)
        key_id, kind = header.get("kid"), header.get("typ")
        if not isinstance(kind, str) or kind.lower() not in {TYPE, f"application/{TYPE}"}:
            raise InvalidToken("typ is not at+jwt")
        key = keys.verifier(key_id) if isinstance(key_id, str) else None
        if key is None:
            raise InvalidToken("signed by no key of ours")
        claims: dict[str, Any] = jwt.decode(
            text,
            key=key,
            algorithms=[keys.ALGORITHM],
            audience=issuer(),
            issuer=issuer(),
            options={"require": ["exp", "iat", "sub", "aud", "iss", "jti"], "strict_aud": True},
        )
    except (PyJWTError, ValueError, RecursionError) as error:
        raise InvalidToken(type(error).__name__) from error
    return claims


def verify(text: str, now: datetime) -> AccessToken:
    """The token, if it may be used at `now`.

    Beside the signature the database is asked, in one statement: a deleted, disabled or ended
    account, a revoked key and revoked tokens are refused at the next call. A key that was only
    replaced does not matter.

    Raises:
        InvalidToken: in every other case.
    """
    claims = _decode(text)
    try:
        subject, credential_id = UUID(claims["sub"]), UUID(claims["cred"])
        generation, scopes = int(claims["gen"]), frozenset(str(claims["scope"]).split())
    except (KeyError, ValueError, TypeError) as error:
        raise InvalidToken("not one of our access tokens") from error
    row = (
        Credential.objects.filter(pk=credential_id, identity_id=subject)
        .values_list(
            "revoked_at",
            "identity__disabled_at",
            "identity__deleted_at",
            "identity__service_account__deleted_at",
            "identity__service_account__ends_at",
            "identity__service_account__name",
            "identity__token_generation__number",
        )
        .first()
    )
    if row is None:
        raise InvalidToken("its credential is gone")
    revoked_at, disabled_at, gone_at, deleted_at, ends_at, name, number = row
    if revoked_at or disabled_at or gone_at or deleted_at:
        raise InvalidToken("its account or credential was stopped")
    if ends_at is not None and ends_at <= now:
        raise InvalidToken("its account has ended")
    if generation != (number or 0):
        raise InvalidToken("tokens issued before were revoked")
    return AccessToken(subject, credential_id, scopes, claims["jti"], name or "")


def acting(token: AccessToken) -> Identity:
    """The identity that a token acts as, for events about what it did."""
    return Identity.objects.get(pk=token.subject)
