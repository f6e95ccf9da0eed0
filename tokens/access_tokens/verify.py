"""Whether an access token may be used now: its signature and claims, and the database's word."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import jwt
from django.db.models import Exists
from jwt.exceptions import ExpiredSignatureError, PyJWTError

from accounts.audit.actors import ActorKind
from accounts.audit.context import Means
from accounts.models import Identity, ServiceAccount
from accounts.roles import reach
from tokens.access_tokens.claims import TYPE, issuer
from tokens.access_tokens.models import RevokedToken
from tokens.credentials.models import Credential
from tokens.credentials.types.personal_access_token import PERSONAL_ACCESS_TOKEN
from tokens.edge.database import first_read
from tokens.edge.refusals import Part
from tokens.scopes.coverage import covers
from tokens.scopes.effective import Held, issuable
from tokens.signing import keys

TOKEN_MAX_LENGTH = 8_192
NOBODY = UUID(int=0)


@dataclass(frozen=True)
class Holder:
    """Whom a token acts for, as the audit log names actors and subjects."""

    pk: UUID
    label: str
    actor_kind: str = ActorKind.SERVICE

    @property
    def audit_type(self) -> str:
        is_service = self.actor_kind == ActorKind.SERVICE
        return ServiceAccount.audit_type if is_service else Identity.audit_type

    @property
    def actor_id(self) -> str:
        return str(self.pk)

    @property
    def audit_label(self) -> str:
        return self.label


class InvalidToken(Exception):
    """The token is not to be accepted; the text is for the audit log, never for the caller."""

    def __init__(
        self,
        reason: str,
        holder: Holder | None = None,
        *,
        part: Part | None = None,
        means: Means | None = None,
    ) -> None:
        super().__init__(reason)
        self.holder = holder
        """Whose token it is, where we signed it."""
        self.part = part
        self.means = means


@dataclass(frozen=True)
class AccessToken:
    """A token that holds, and what it was issued for."""

    holder: Holder
    means: Means
    """The credential that it was issued for."""
    client_id: str
    scopes: frozenset[str]
    token_id: str
    expires_at: int
    """Seconds since the epoch."""
    issued_at: int
    """Seconds since the epoch."""
    audience: str

    @property
    def credential_id(self) -> UUID:
        return self.means.id


def _decode(text: str, *, for_us: bool) -> dict[str, Any]:
    """The claims of a token that we signed, that has not run out and, `for_us`, is meant for us.

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
            audience=issuer() if for_us else None,
            issuer=issuer(),
            options={
                "require": ["exp", "iat", "sub", "aud", "iss", "jti"],
                "verify_aud": for_us,
                "strict_aud": for_us,
                # another server of ours may have issued it whose clock is a little ahead
                "verify_iat": False,
            },
        )
    except (PyJWTError, ValueError, RecursionError) as error:
        part = Part.EXPIRY if isinstance(error, ExpiredSignatureError) else None
        raise InvalidToken(type(error).__name__, part=part) from error
    return claims


def verify(text: str, now: datetime) -> AccessToken:
    """The token, if it may be used at `now`.

    Beside the signature the database is asked, in one statement: a deleted, disabled or ended
    account, a revoked key and revoked tokens are refused at the next call. A key that was only
    replaced does not matter.

    Raises:
        InvalidToken: in every other case.
    """
    return _held(_decode(text, for_us=True), now)


def inspect(text: str, now: datetime) -> AccessToken:
    """Like `verify`, whomever the token is meant for: not for letting anybody in.

    Raises:
        InvalidToken: as `verify` does.
    """
    return _held(_decode(text, for_us=False), now)


def inspect_in_vain(now: datetime) -> None:
    """Ask the database what `inspect` would have, of nothing, so that it takes as long."""
    nothing = {"sub": str(NOBODY), "cred": str(NOBODY), "gen": 0, "scope": "", "jti": ""}
    with suppress(InvalidToken):
        _held(nothing, now)


def _held(claims: dict[str, Any], now: datetime) -> AccessToken:
    """What the database says to a token whose signature and claims hold."""
    try:
        subject, credential_id = UUID(claims["sub"]), UUID(claims["cred"])
        generation, scopes = int(claims["gen"]), frozenset(str(claims["scope"]).split())
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise InvalidToken("not one of our access tokens") from error
    revoked = Exists(RevokedToken.objects.filter(pk=str(claims["jti"])))
    known = Credential.objects.filter(pk=credential_id, identity_id=subject)
    state = known.annotate(token_is_revoked=revoked).values(*_STATE)
    row = first_read(state.first)
    if row is None:
        raise InvalidToken("its credential is gone", Holder(subject, str(subject)))
    name = row["identity__service_account__name"] or row["identity__user_name"]
    holder = Holder(subject, name, row["identity__kind"])
    means = Means(credential_id, row["kind"], row["name"] or row["key_id"])
    if stopped := _stopped(row, generation, now):
        part, reason = stopped
        raise InvalidToken(reason, holder, part=part, means=means)
    if row["token_is_revoked"]:
        raise InvalidToken("it is revoked", holder, part=Part.EXPIRY, means=means)
    if row["kind"] == PERSONAL_ACCESS_TOKEN:
        scopes &= _still_carried(subject, scopes, row, now)
    elif by_roles := str(claims.get("by_roles", "")).split():
        scopes -= _lost(subject, by_roles, row, now)
    return AccessToken(
        holder=holder,
        means=means,
        client_id=str(claims.get("client_id", "")),
        scopes=scopes,
        token_id=str(claims["jti"]),
        expires_at=int(claims["exp"]),
        issued_at=int(claims["iat"]),
        audience=str(claims["aud"]),
    )


def _still_carried(
    subject: UUID, scopes: frozenset[str], row: dict[str, Any], now: datetime
) -> frozenset[str]:
    """What the token it was traded for has now, within the account and its roles as they are now.

    It lives for hours, unlike what a key is traded for. User levels are looked at by the call.
    """
    account = row["identity__service_account__scopes"] or ()
    carried = frozenset(issuable(Held(account, token=row["scopes"]), scopes))
    if carried == scopes or not (roles := reach.of_identity(subject, now).scopes):
        return carried
    held = Held(account, roles=sorted(roles), token=row["scopes"])
    return frozenset(issuable(held, scopes))


def _lost(
    subject: UUID, by_roles: Sequence[str], row: dict[str, Any], now: datetime
) -> frozenset[str]:
    """Of the scopes that roles had given, those that neither they nor the account give now."""
    held = [*(row["identity__service_account__scopes"] or ())]
    held += reach.of_identity(subject, now).scopes
    return frozenset(scope for scope in by_roles if not covers(held, scope, imply_esv=False))


_STATE = (
    "kind",
    "name",
    "key_id",
    "scopes",
    "revoked_at",
    "expires_at",
    "identity__service_account__scopes",
    "identity__kind",
    "identity__user_name",
    "identity__disabled_at",
    "identity__deleted_at",
    "identity__service_account__deleted_at",
    "identity__service_account__ends_at",
    "identity__service_account__name",
    "identity__token_generation__number",
    "token_is_revoked",
)


def _stopped(row: dict[str, Any], generation: int, now: datetime) -> tuple[Part, str] | None:
    """What the token was issued for that does not hold any more, and why."""
    if gone := _holder_stopped(row, now):
        return Part.OWNER, gone
    if row["revoked_at"]:
        means = "personal access token" if row["kind"] == PERSONAL_ACCESS_TOKEN else "key"
        return Part.EXPIRY, f"its {means} is revoked"
    if _has_expired(row, now):
        return Part.EXPIRY, "its personal access token has expired"
    if generation != (row["identity__token_generation__number"] or 0):
        return Part.EXPIRY, "tokens issued before were revoked"
    return None


def _holder_stopped(row: dict[str, Any], now: datetime) -> str:
    if row["identity__deleted_at"] or row["identity__service_account__deleted_at"]:
        return "its account is deleted"
    if row["identity__disabled_at"]:
        return "its account is disabled"
    ends_at = row["identity__service_account__ends_at"]
    return "its account has ended" if ends_at is not None and ends_at <= now else ""


def _has_expired(row: dict[str, Any], now: datetime) -> bool:
    """Of a personal access token: its end may have come nearer since it was traded."""
    ends_at = row["expires_at"]
    return row["kind"] == PERSONAL_ACCESS_TOKEN and ends_at is not None and ends_at <= now
