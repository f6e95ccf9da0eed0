"""What an access token says: RFC 9068 JWTs, signed with ES256."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import jwt
from django.conf import settings

from tokens.signing import current, keys

LIFETIME = timedelta(seconds=899)
"""PingOne's fixed lifetime, for tokens by an assertion; `expires_in` says the same number."""
TYPE = "at+jwt"
"""RFC 9068 section 2.1."""
SKEW = timedelta(seconds=60)
"""How far the clocks of client and server may lie apart."""


def issuer() -> str:
    """The issuer identifier (RFC 8414 section 2): the public URL, without a trailing slash."""
    return str(settings.STEWARD_PUBLIC_URL)


@dataclass(frozen=True)
class Claims:
    """The claims of one access token. Times are whole seconds since the epoch."""

    subject: UUID
    client_id: str
    scopes: Sequence[str]
    credential_id: UUID
    generation: int
    issued_at: int
    expires_at: int
    token_id: str
    audience: str = ""
    """The API of the tenant that it is for; empty for this server."""
    by_roles: Sequence[str] = ()
    """Of `scopes`, those that the account has by its roles alone: they end with these."""


def new_claims(
    *,
    subject: UUID,
    client_id: str,
    scopes: Sequence[str],
    credential_id: UUID,
    generation: int,
    now: datetime,
    lifetime_seconds: int | None = None,
    audience: str = "",
    by_roles: Sequence[str] = (),
) -> Claims:
    issued_at = int(now.timestamp())
    lifetime = int(LIFETIME.total_seconds()) if lifetime_seconds is None else lifetime_seconds
    return Claims(
        subject=subject,
        client_id=client_id,
        scopes=scopes,
        credential_id=credential_id,
        generation=generation,
        issued_at=issued_at,
        expires_at=issued_at + lifetime,
        token_id=secrets.token_urlsafe(16),
        audience="" if audience == issuer() else audience,
        by_roles=by_roles,
    )


def encode(claims: Claims, now: datetime) -> str:
    """Sign the token. RFC 9068 section 2.2, with the credential, the generation and
    what roles gave added."""
    signer = current.signer(now)
    payload = {
        "iss": issuer(),
        "sub": str(claims.subject),
        "aud": claims.audience or issuer(),
        "client_id": claims.client_id,
        "scope": " ".join(claims.scopes),
        "iat": claims.issued_at,
        "exp": claims.expires_at,
        "jti": claims.token_id,
        "cred": str(claims.credential_id),
        "gen": claims.generation,
        **({"by_roles": " ".join(claims.by_roles)} if claims.by_roles else {}),
    }
    return jwt.encode(
        payload,
        signer.private,
        algorithm=keys.ALGORITHM,
        headers={"typ": TYPE, "kid": signer.key_id},
    )
