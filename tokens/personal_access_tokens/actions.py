from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed
from accounts.identities.actions import lock
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_name, skeleton
from accounts.lib.one_time_secret import OneTimeSecret
from accounts.models import Identity
from tokens.access_tokens.lifetimes import check_seconds
from tokens.credentials.actions import check_not_submitted, submit_once
from tokens.credentials.models import Credential, KeyOrigin
from tokens.credentials.types import personal_access_token as kind
from tokens.credentials.within import Asking, check_within
from tokens.personal_access_tokens import lifetimes, policies
from tokens.personal_access_tokens.lifetimes import Lifetime
from tokens.scopes.coverage import check_assignable, check_may_give

MOST_TOKENS: Final = 10
"""An identity; expired ones count until they are revoked."""


class TooManyTokens(DomainError):
    """The identity has as many tokens as it may."""

    code = "too_many_tokens"


class NameTaken(DomainError):
    """Another token of the identity has this or a look-alike name."""

    code = "name_taken"


class TokenGone(DomainError):
    """The token was revoked."""

    code = "token_gone"

    def __init__(self) -> None:
        super().__init__(_("This token is revoked. Make a new one."))


@dataclass(frozen=True)
class Draft:
    """A token as somebody wants it."""

    name: str
    scopes: Sequence[str]
    lifetime: Lifetime
    access_token_seconds: int | None = None
    """None for what is usual in the tenant."""


@dataclass(frozen=True)
class Issued:
    """A new token, and its secret for the one answer that shows it."""

    token: Credential
    secret: OneTimeSecret


def create(
    *,
    by: Actor,
    holder: Identity,
    draft: Draft,
    within: Asking | None,
    at: datetime,
    submission: uuid.UUID | None = None,
    origin: KeyOrigin = KeyOrigin.STEWARD,
    make_secret: Callable[[], OneTimeSecret] = kind.generate,
) -> Issued:
    """Make a token that acts as `holder`, `within` the access token by which a program asks; None
    where a person does.

    Raises:
        NotAllowed: `by` may make none for them, or not with these scopes.
        BeyondToken: nor may the access token.
        HolderNotActive, TooManyTokens, NameTaken, AlreadySubmitted
        BadText, BadScopes, BadLifetime, BadSeconds: `field` names what is wrong.
    """
    policies.check_may_make_for(by, holder)
    check_may_give(by, draft.scopes)
    check_within(within, by, holder, draft.scopes)
    check_not_submitted(submission)
    _checked(draft, at)
    secret = make_secret()
    with transaction.atomic():
        current = lock(holder)
        policies.check_may_make_for(by, current)
        policies.check_still_signed_in(by, current)
        policies.check_holder_takes_tokens(current, at)
        submit_once(submission=submission, identity_id=current.pk, at=at)
        return make(by=by, holder=current, draft=draft, at=at, origin=origin, secret=secret)


def make(
    *,
    by: Actor,
    holder: Identity,
    draft: Draft,
    at: datetime,
    origin: KeyOrigin = KeyOrigin.STEWARD,
    secret: OneTimeSecret | None = None,
) -> Issued:
    """Store a token of a holder whom the caller has locked, having asked whether `by` may.

    Raises:
        HolderNotActive, TooManyTokens, NameTaken
        BadText, BadScopes, BadLifetime, BadSeconds: `field` names what is wrong.
    """
    policies.check_holder_takes_tokens(holder, at)
    values = _checked(draft, at)
    check_room(holder)
    plain = (secret or kind.generate()).take()
    token = Credential(
        identity=holder,
        kind=kind.PERSONAL_ACCESS_TOKEN,
        secret_hash=kind.digest(plain),
        origin=origin,
        created_at=at,
        created_by=by.label[:200],
        made_by_id=by.pk if isinstance(by, Identity) else None,
        **values,
    )
    _save(token)
    detail, subject = _told(token), policies.subject_of(holder)
    record("personal_access_token.created", by=by, subject=subject, detail=detail, at=at)
    return Issued(token, OneTimeSecret(plain))


def edit(
    *, by: Actor, token: Credential, within: Asking | None, at: datetime, **changes: Any
) -> Credential:
    """Change `name`, `scopes` or `lifetime` of a token; what is taken from it,
    the access tokens that it was traded for lose at their next call. `within`: as for a new one.

    Raises:
        BeyondToken: the access token by which a program asks cannot do that itself.
        NotAllowed, TokenGone, NameTaken, BadText, BadScopes, BadLifetime
    """
    with transaction.atomic():
        holder = lock(token.identity)
        policies.check_may_make_for(by, holder)
        current = _locked(token)
        check_may_give(by, changes.get("scopes", ()), had=current.scopes)
        before, values = _told(current), _cleaned(changes, at)
        check_within(within, by, holder, changes.get("scopes", ()))
        if "expires_at" in values:
            policies.check_not_its_own(within, current, values["expires_at"])
        for name, value in values.items():
            setattr(current, name, value)
        after = _told(current)
        if after == before:
            return current
        _save(current)
        record(
            "personal_access_token.edited",
            by=by,
            subject=policies.subject_of(holder),
            before=before,
            after=after,
            detail={"name": current.name, "credential": str(current.pk)},
            at=at,
        )
    return current


@transaction.atomic
def revoke(*, by: Actor, token: Credential, at: datetime) -> None:
    """Stop a token for good, and the access tokens issued with it. Twice is harmless.

    Raises:
        NotAllowed: it is not theirs to revoke.
    """
    policies.check_may_revoke(by, token)
    count = Credential.objects.filter(pk=token.pk, revoked_at=None).update(
        revoked_at=at, revoked_by=by.label[:200]
    )
    token.refresh_from_db()
    if count:
        detail = {"name": token.name, "credential": str(token.pk)}
        subject = policies.subject_of(token.identity)
        record("personal_access_token.revoked", by=by, subject=subject, detail=detail, at=at)


@transaction.atomic
def revoke_issued(*, by: Actor, token: Credential, at: datetime) -> None:
    """Refuse the access tokens that it was traded for so far; it goes on working itself.

    Raises:
        NotAllowed: it is not theirs to revoke.
        TokenGone: it is revoked, and they with it.
    """
    policies.check_may_revoke(by, token)
    count = Credential.objects.filter(pk=token.pk, revoked_at=None).update(
        generation=F("generation") + 1, tokens_revoked_at=at
    )
    if not count:
        raise TokenGone
    token.refresh_from_db()
    detail = {"name": token.name, "credential": str(token.pk)}
    subject = policies.subject_of(token.identity)
    record("personal_access_token.issued_revoked", by=by, subject=subject, detail=detail, at=at)


@transaction.atomic
def confirm_stored(*, by: Actor, token: Credential, at: datetime) -> None:
    """Note that somebody says they have the secret. Twice is harmless.

    Raises:
        NotAllowed: they are not among those to whom it can have been shown.
    """
    if not policies.may_have_seen(by, token):
        raise NotAllowed(Permission.SERVICE_ACCOUNT_MANAGE)
    count = Credential.objects.filter(pk=token.pk, stored_at=None).update(stored_at=at)
    if count:
        detail = {"name": token.name, "credential": str(token.pk)}
        subject = policies.subject_of(token.identity)
        record("personal_access_token.stored", by=by, subject=subject, detail=detail, at=at)


def _checked(draft: Draft, at: datetime) -> dict[str, Any]:
    changes = {"name": draft.name, "scopes": draft.scopes, "lifetime": draft.lifetime}
    seconds = check_seconds(draft.access_token_seconds)
    return _cleaned(changes, at) | {"access_token_seconds": seconds}


def _cleaned(changes: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Columns and values of what is to be stored."""
    values: dict[str, Any] = {}
    for field, value in changes.items():
        match field:
            case "name":
                name = clean_name(value)
                values |= {"name": name, "name_key": skeleton(name)}
            case "scopes":
                values["scopes"] = check_assignable(value)
            case "lifetime":
                values["expires_at"] = lifetimes.check(value, at=at)
            case _:
                raise TypeError(f"{field} of a token cannot be changed")
    return values


def check_room(holder: Identity) -> None:
    """Raises TooManyTokens: the holder has as many as may be."""
    held = Credential.objects.filter(
        identity=holder, kind=kind.PERSONAL_ACCESS_TOKEN, revoked_at=None
    )
    if held.count() >= MOST_TOKENS:
        raise TooManyTokens(
            _("%(name)s has %(most)d tokens, which is as many as may be. Revoke one first.")
            % {"name": holder.display_name, "most": MOST_TOKENS}
        )


def _locked(token: Credential) -> Credential:
    found = Credential.objects.select_for_update().filter(pk=token.pk, revoked_at=None).first()
    if found is None:
        raise TokenGone
    return found


def _save(token: Credential) -> None:
    try:
        with transaction.atomic():
            token.save()
    except IntegrityError as error:
        raise NameTaken(
            _("There is a token of this name. Choose another name."), field="name"
        ) from error


def _told(token: Credential) -> dict[str, Any]:
    """What the audit log holds of a token; nothing by which it could be used."""
    return {
        "name": token.name,
        "credential": str(token.pk),
        "scopes": list(token.scopes),
        "expires_at": token.expires_at.isoformat() if token.expires_at else None,
        "access_token_seconds": token.access_token_seconds,
    }
