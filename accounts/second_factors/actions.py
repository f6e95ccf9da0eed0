from __future__ import annotations

import unicodedata
from datetime import datetime
from enum import StrEnum
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.audit.models import Outcome
from accounts.authorization.permissions import Permission
from accounts.identities import actions as identities
from accounts.identities import notices
from accounts.identities import policies as people
from accounts.identities.models import Identity
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_name
from accounts.lib.one_time_secret import OneTimeSecret
from accounts.second_factors import policies, queries, totp, tries
from accounts.second_factors.adapter import opened, sealed, secrets_of

NAME_MAX_LENGTH = 60
MOST_PASSKEYS = 20


class Answer(StrEnum):
    """What came of a code."""

    APP = "app"
    RECOVERY_CODE = "recovery_code"
    WRONG = "wrong"
    LOCKED = "locked"

    @property
    def is_right(self) -> bool:
        return self in (Answer.APP, Answer.RECOVERY_CODE)


class WrongCode(DomainError):
    """The code does not belong to the secret, or not to this time."""

    code = "wrong_code"


class AlreadySetUp(DomainError):
    """There is an authenticator app already, or as many passkeys as one may have."""

    code = "already_set_up"


class NothingToRemove(DomainError):
    """The identity has no second factor."""

    code = "no_second_factor"


@transaction.atomic
def set_up_app(*, by: Identity, secret: str, code: str, at: datetime) -> OneTimeSecret | None:
    """Make an authenticator app one's second factor, once it has shown a right code.

    Answers the recovery codes, one a line, if this is the first factor. The secret is sealed.

    Raises:
        AlreadySetUp: there is one.
        WrongCode: the app was not set up rightly, or its clock is wrong.
    """
    identities.lock(by)
    if queries.of(by).app is not None:
        message = _("An authenticator app is set up already. Remove it first to take another.")
        raise AlreadySetUp(message=message)
    counter = totp.counter_of(secret, plain(code), at=at)
    if counter is None:
        message = _("This code is not right. Wait for the next one; check the clock of the phone.")
        raise WrongCode(message=message, field="code")
    with secrets_of(by):
        data = {"secret": sealed(secret), "last_counter": counter}
    _add(by, Authenticator.Type.TOTP, data, name=_("Authenticator app"), at=at)
    return _first_codes(by, at=at)


@transaction.atomic
def add_passkey(
    *, by: Identity, name: str, credential: dict[str, Any], at: datetime
) -> OneTimeSecret | None:
    """Keep a passkey whose registration was checked; recovery codes as `set_up_app`.

    Raises:
        AlreadySetUp: there are enough.
        BadText: the name has characters that are not allowed.
    """
    identities.lock(by)
    if len(queries.of(by).passkeys) >= MOST_PASSKEYS:
        raise AlreadySetUp(message=_("Remove a passkey first: one may have twenty."))
    name = clean_name(name or _("Passkey"), max_length=NAME_MAX_LENGTH, field="name")
    data = {"name": name, "credential": credential}
    _add(by, Authenticator.Type.WEBAUTHN, data, name=name, at=at)
    return _first_codes(by, at=at)


@transaction.atomic
def make_codes(*, by: Identity, at: datetime) -> OneTimeSecret:
    """Make new recovery codes, one a line; those of before stop working.

    Raises:
        NothingToRemove: there is no second factor that they could stand in for.
    """
    identities.lock(by)
    if not queries.has_one(by):
        raise NothingToRemove(message=_("Set up a second factor first."))
    Authenticator.objects.filter(user=by, type=Authenticator.Type.RECOVERY_CODES).delete()
    codes = _new_codes(by, at=at)
    notices.tell(by, notices.RECOVERY_CODES_MADE, at=at)
    return codes


@transaction.atomic
def mark_codes_stored(*, by: Identity, at: datetime) -> None:
    row = queries.of(by).codes
    if row is not None and not row.data.get("stored_at"):
        row.data["stored_at"] = at.isoformat()
        row.save(update_fields=["data"])
        record("second_factor.codes_stored", by=by, subject=by, at=at)


@transaction.atomic
def verify(*, identity: Identity, code: str, at: datetime) -> Answer:
    """Whether this is a code of the app or a recovery code, each of which works once.

    Tries are counted for the identity; the last one too many is told to its owner by mail.
    """
    identity = identities.lock(identity)  # of twenty guesses at once, each is counted
    if tries.is_locked(identity, at=at):
        _refuse(identity, "locked after too many wrong codes", at)
        return Answer.LOCKED
    answer = _look_at(identity, plain(code), at)
    if answer.is_right:
        tries.forget(identity)
    else:
        refused(identity=identity, reason="wrong code", at=at)
    return answer


def refused(*, identity: Identity, reason: str, at: datetime) -> None:
    """Count a wrong second factor. The identity must be locked."""
    _refuse(identity, reason, at)
    if tries.count_failure(identity, at=at):
        record(
            "second_factor.locked", by=identity, subject=identity, outcome=Outcome.REFUSED, at=at
        )
        notices.tell(identity, notices.SECOND_FACTOR_LOCKED, at=at)


@transaction.atomic
def remove(*, by: Identity, factor_id: int, at: datetime) -> None:
    """Remove an app or a passkey of one's own; with the last of them, the recovery codes.

    Raises:
        NothingToRemove: there is none with this id.
        StillNeeded: the tenant asks for one, and this is the last.
    """
    identities.lock(by)
    factors = queries.of(by)
    mine = [*factors.passkeys, *([factors.app] if factors.app else [])]
    row = next((row for row in mine if row.pk == factor_id), None)
    if row is None:
        raise NothingToRemove(message=_("This second factor has been removed already."))
    policies.check_one_stays(by, factors)
    name = label_of(row)
    row.delete()
    if factors.count == 1 and factors.codes is not None:
        factors.codes.delete()
    record("second_factor.removed", by=by, subject=by, detail={"name": name}, at=at)
    notices.tell(by, notices.SECOND_FACTOR_REMOVED, at=at)


@transaction.atomic
def remove_all(*, by: Actor, identity: Identity, at: datetime) -> None:
    """Take all second factors from somebody who lost them; their sessions end.

    Raises:
        NothingToRemove: there is none.
        OwnLevels: one's own are removed on one's own page.
        NotAllowed, AboveOneself: as `check_may_act_on` says.
    """
    people.check_not_oneself(by, identity)
    identity = identities.lock(identity)
    people.check_may_act_on(by, identity, Permission.IDENTITY_MANAGE)
    rows = Authenticator.objects.filter(user=identity)
    if not rows.exists():
        raise NothingToRemove(message=_("%(name)s has no second factor.") % {"name": identity})
    rows.delete()
    tries.forget(identity)
    identities.end_sessions(by=by, identity=identity, at=at)
    record("second_factor.removed_by_other", by=by, subject=identity, at=at)
    notices.tell(identity, notices.SECOND_FACTOR_REMOVED, at=at)


def plain(code: str) -> str:
    """Spaces and hyphens are there for the eye; digits may come in any width."""
    return "".join(unicodedata.normalize("NFKC", code).replace("-", "").split())


def label_of(row: Authenticator) -> str:
    return row.data["name"] if row.type == Authenticator.Type.WEBAUTHN else _("Authenticator app")


def codes_left(row: Authenticator) -> int:
    """How many recovery codes were not used yet."""
    return settings.MFA_RECOVERY_CODE_COUNT - int(row.data["used_mask"]).bit_count()


def _add(by: Identity, kind: str, data: dict[str, Any], *, name: str, at: datetime) -> None:
    Authenticator.objects.create(user=by, type=kind, data=data, created_at=at)
    record("second_factor.added", by=by, subject=by, detail={"name": name, "kind": kind}, at=at)
    notices.tell(by, notices.SECOND_FACTOR_ADDED, at=at)


def _first_codes(by: Identity, *, at: datetime) -> OneTimeSecret | None:
    return None if queries.of(by).codes is not None else _new_codes(by, at=at)


def _new_codes(by: Identity, *, at: datetime) -> OneTimeSecret:
    with secrets_of(by):
        made = RecoveryCodes.activate(by).generate_codes()
    record("second_factor.codes_made", by=by, subject=by, detail={"count": len(made)}, at=at)
    return OneTimeSecret("\n".join(made))


def _look_at(identity: Identity, code: str, at: datetime) -> Answer:
    factors = queries.of(identity)
    with secrets_of(identity):
        if factors.app is not None and _is_of_app(factors.app, code, at):
            return Answer.APP
        codes = factors.codes if factors.any else None
        if codes is not None and RecoveryCodes(codes).validate_code(code):
            Authenticator.objects.filter(pk=codes.pk).update(last_used_at=at)
            record("second_factor.code_used", by=identity, subject=identity, at=at)
            notices.tell(identity, notices.RECOVERY_CODE_USED, at=at)
            return Answer.RECOVERY_CODE
    return Answer.WRONG


def _is_of_app(app: Authenticator, code: str, at: datetime) -> bool:
    """A code that was used is not taken again, nor one of a step before it (RFC 6238, 5.2)."""
    counter = totp.counter_of(opened(app.data["secret"]), code, at=at)
    if counter is None or counter <= app.data["last_counter"]:
        return False
    app.data["last_counter"] = counter
    app.last_used_at = at
    app.save(update_fields=["data", "last_used_at"])
    return True


def _refuse(identity: Identity, reason: str, at: datetime) -> None:
    record(
        "second_factor.refused",
        by=identity,
        subject=identity,
        outcome=Outcome.REFUSED,
        reason=reason,
        at=at,
    )
