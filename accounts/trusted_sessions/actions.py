"""How a browser becomes a trusted session, and stops being one.

The first one of a person by a code that is mailed; each other by one that is trusted already, or by
the recovery key. What was denied or removed is never trusted again.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import SYSTEM, Actor
from accounts.audit.models import Outcome
from accounts.identities.locking import lock as lock_identity
from accounts.identities.models import Identity
from accounts.lib import tries
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_name
from accounts.lib.one_time_secret import OneTimeSecret
from accounts.trusted_sessions import keys, policies, queries
from accounts.trusted_sessions.models import PENDING_FOR, How, State, TrustedSession

MOST_SESSIONS: Final = 20
"""Trusted ones of one person, and such as wait for it."""
DEVICE_MAX_LENGTH: Final = 60
CODE_LIVES: Final = timedelta(minutes=5)
MOST_FAILURES: Final = 5
"""Wrong codes until one has to be mailed anew; five mails an hour are sent."""
SEND_CODE: Final = "trusted_session_code"


class TooMany(DomainError):
    """The person has as many trusted sessions as one may."""

    code = "too_many_trusted_sessions"

    def __init__(self) -> None:
        message = _("You have %(most)d trusted sessions. Remove one first.")
        super().__init__(message % {"most": MOST_SESSIONS})


class NotWaiting(DomainError):
    """The session was decided on already, or has waited too long."""

    code = "not_waiting"

    def __init__(self) -> None:
        super().__init__(_("This session is not waiting for approval any more."))


class NeedsApproval(DomainError):
    """There is a trusted session: it approves, and no mail does."""

    code = "needs_approval"

    def __init__(self) -> None:
        super().__init__(_("Approve this browser in one of your trusted sessions."))


class WrongCode(DomainError):
    """Not the code that was mailed, or not any more."""

    code = "wrong_code"

    def __init__(self) -> None:
        message = _("This code is wrong, or its five minutes are over. Send another one.")
        super().__init__(message, field="code")


@dataclass(frozen=True)
class Asking:
    """What a browser says of itself."""

    device: str
    platform: str
    """Such as Linux/Firefox."""
    agreement_key: str
    signing_key: str
    signature: str
    """By the signing key, over the challenge."""
    address: str = ""


@transaction.atomic
def ask(
    *, by: Identity, session_id: UUID, asking: Asking, challenge: str, at: datetime
) -> TrustedSession:
    """Have a browser wait to become a trusted session.

    Raises:
        NotAllowed, TooMany, BadText
        BadKey: its keys are none, are known already, or it does not hold them.
    """
    policies.check_may_have(by)
    device = clean_name(asking.device, max_length=DEVICE_MAX_LENGTH, field="device")
    keys.check_public(asking.agreement_key)
    signing_key = keys.check_public(asking.signing_key)
    keys.check_signed(signing_key, asking.signature, session_id=session_id, challenge=challenge)
    person = lock_identity(by)
    waiting = TrustedSession.objects.waiting(at).filter(identity=person).count()
    if waiting + TrustedSession.objects.trusted().filter(identity=person).count() >= MOST_SESSIONS:
        raise TooMany
    known = TrustedSession.objects.filter(agreement_key=asking.agreement_key)
    if known.exists() or TrustedSession.objects.filter(pk=session_id).exists():
        raise keys.BadKey
    made = TrustedSession(
        id=session_id,
        identity=person,
        name=_free_name(f"[{person.user_name[:60]}][{device}] - {asking.platform[:30]}"),
        agreement_key=asking.agreement_key,
        signing_key=signing_key,
        asked_at=at,
        address=asking.address[:64],
        seen_at=at,
    )
    made.save(force_insert=True)
    record("trusted_session.asked", by=by, subject=made, detail={"address": made.address}, at=at)
    return made


@transaction.atomic
def make_code(*, by: Actor, session: TrustedSession, at: datetime) -> OneTimeSecret:
    """A code of six digits for the mail that makes the first session a trusted one.

    Raises:
        NotAllowed, NotWaiting, TooManyTries
        NeedsApproval: there is a trusted session.
    """
    person = policies.check_own(by, session)
    lock_identity(person)
    current = _waiting(session, at)
    if queries.has_trusted(person):
        raise NeedsApproval
    tries.count(SEND_CODE, user=person)
    code = f"{secrets.randbelow(10**6):06}"
    current.code_digest = _digest(current, code)
    current.code_expires_at, current.code_failures = at + CODE_LIVES, 0
    current.save(update_fields=["code_digest", "code_expires_at", "code_failures"])
    record("trusted_session.code_sent", by=by, subject=current, at=at)
    return OneTimeSecret(code)


def confirm_code(*, by: Actor, session: TrustedSession, code: str, at: datetime) -> TrustedSession:
    """Make the first session a trusted one by the code that was mailed; it works once.

    Raises:
        NotAllowed, NotWaiting, NeedsApproval
        WrongCode: it is counted, also where the caller rolls back nothing else.
    """
    policies.check_own(by, session)
    found = _confirmed(by, session, code, at)
    if found is None:
        raise WrongCode
    return found


@transaction.atomic
def approve(
    *, by: Actor, session: TrustedSession, from_session: TrustedSession, at: datetime
) -> TrustedSession:
    """Trust a browser, from one that is trusted already.

    Raises:
        NotAllowed, NotTrusted, NotWaiting
    """
    person = policies.check_own(by, session)
    lock_identity(person)
    approving = policies.check_trusted(by, from_session)
    current = _waiting(session, at)
    _decide(by, current, State.TRUSTED, at, how=How.SESSION)
    detail = {"how": str(How.SESSION), "from": approving.name}
    record("trusted_session.approved", by=by, subject=current, detail=detail, at=at)
    return current


@transaction.atomic
def deny(*, by: Actor, session: TrustedSession, from_session: TrustedSession, at: datetime) -> None:
    """Refuse a browser for good, from one that is trusted.

    Raises:
        NotAllowed, NotTrusted, NotWaiting
    """
    person = policies.check_own(by, session)
    lock_identity(person)
    policies.check_trusted(by, from_session)
    current = _waiting(session, at)
    _decide(by, current, State.DENIED, at)
    record("trusted_session.denied", by=by, subject=current, at=at)


@transaction.atomic
def remove(*, by: Actor, session: TrustedSession, at: datetime) -> bool:
    """Stop a session from being trusted, for good; answers whether it was open.

    From any session of the person: whoever lost a browser may have no trusted one at hand.

    Raises:
        NotAllowed
    """
    person = policies.check_own(by, session)
    lock_identity(person)
    rows = TrustedSession.objects.open().select_for_update().filter(pk=session.pk)
    current = rows.first()
    if current is None:
        return False
    _remove(by, current, at)
    return True


def forget(*, by: Actor, identity: Identity, at: datetime) -> int:
    """Remove all sessions of somebody who is reset, and their recovery key; answers how many
    sessions there were. The caller holds the lock of the identity."""
    found = list(TrustedSession.objects.open().select_for_update().filter(identity=identity))
    for each in found:
        _remove(by, each, at)
    recovery = queries.recovery_key_of(identity)
    if recovery is not None:
        recovery.delete()
        record("recovery_key.discarded", by=by, subject=identity, at=at)
    return len(found)


def end_what_is_over(*, at: datetime, most: int = 200) -> int:
    """Remove sessions whose person cannot sign in any more, and those that waited too long."""
    with transaction.atomic():
        rows = TrustedSession.objects.open().select_for_update(of=("self",), skip_locked=True)
        over = rows.exclude(identity__disabled_at=None, identity__deleted_at=None)
        over |= rows.filter(state=State.PENDING, asked_at__lte=at - PENDING_FOR)
        found = list(over.select_related("identity").order_by("asked_at", "pk")[:most])
        for each in found:
            _remove(SYSTEM, each, at)
    return len(found)


@transaction.atomic
def prove(
    *, by: Actor, session: TrustedSession, challenge: str, signature: str, at: datetime
) -> TrustedSession:
    """Note that a browser has shown that it is this session.

    Raises:
        NotAllowed, NotTrusted, BadKey
    """
    current = policies.check_trusted(by, session)
    keys.check_signed(current.signing_key, signature, session_id=current.pk, challenge=challenge)
    current.seen_at = at
    current.save(update_fields=["seen_at"])
    return current


def trust_recovered(*, by: Actor, session: TrustedSession, at: datetime) -> TrustedSession:
    """Trust a browser whose person typed the recovery key; the caller checked it, and holds the
    lock of the identity.

    Raises:
        NotAllowed, NotWaiting
    """
    policies.check_own(by, session)
    current = _waiting(session, at)
    _decide(by, current, State.TRUSTED, at, how=How.RECOVERY)
    detail = {"how": str(How.RECOVERY)}
    record("trusted_session.approved", by=by, subject=current, detail=detail, at=at)
    return current


@transaction.atomic
def _confirmed(
    by: Actor, session: TrustedSession, code: str, at: datetime
) -> TrustedSession | None:
    person = policies.check_own(by, session)
    lock_identity(person)
    current = _waiting(session, at)
    if queries.has_trusted(person):
        raise NeedsApproval
    is_alive = (
        current.code_expires_at is not None
        and at < current.code_expires_at
        and current.code_failures < MOST_FAILURES
    )
    typed = _digest(current, "".join(code.split()))
    if not is_alive or not hmac.compare_digest(typed, current.code_digest):
        current.code_failures = min(current.code_failures + 1, MOST_FAILURES)
        current.save(update_fields=["code_failures"])
        facts = {"outcome": Outcome.REFUSED, "reason": "wrong code", "at": at}
        record("trusted_session.code_tried", by=by, subject=current, **facts)  # type: ignore[arg-type]
        return None
    _decide(by, current, State.TRUSTED, at, how=How.MAIL)
    detail = {"how": str(How.MAIL)}
    record("trusted_session.approved", by=by, subject=current, detail=detail, at=at)
    return current


def _digest(session: TrustedSession, code: str) -> str:
    return salted_hmac(f"trusted session {session.pk}", code, algorithm="sha256").hexdigest()


def _waiting(session: TrustedSession, at: datetime) -> TrustedSession:
    rows = TrustedSession.objects.waiting(at).select_for_update(of=("self",))
    found = rows.filter(pk=session.pk).first()
    if found is None:
        raise NotWaiting
    return found


def _decide(
    by: Actor, session: TrustedSession, state: State, at: datetime, *, how: How | str = ""
) -> None:
    session.state, session.how = state, how
    session.decided_at, session.decided_by = at, by.label[:200]
    session.code_digest, session.code_expires_at = "", None
    session.save()


def _remove(by: Actor, session: TrustedSession, at: datetime) -> None:
    session.state, session.code_digest = State.REMOVED, ""
    session.removed_at, session.removed_by = at, by.label[:200]
    session.save()
    record("trusted_session.removed", by=by, subject=session, at=at)


def _free_name(name: str) -> str:
    taken = set(TrustedSession.objects.filter(name__startswith=name).values_list("name", flat=True))
    numbers = (f"{name} {number}" for number in range(2, len(taken) + 3))
    return next(each for each in (name, *numbers) if each not in taken)
