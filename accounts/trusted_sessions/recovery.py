"""The recovery key: made in a trusted session, written on paper, kept here as ciphertext."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.audit.models import Outcome
from accounts.identities.locking import lock as lock_identity
from accounts.lib.errors import DomainError
from accounts.trusted_sessions import keys, policies, queries
from accounts.trusted_sessions.models import RecoveryKey, TrustedSession

MOST_FAILURES: Final = 5
LOCKED_FOR: Final = timedelta(minutes=15)


class WrongRecoveryKey(DomainError):
    """Not the recovery key of this person, or too many wrong ones came before."""

    code = "wrong_recovery_key"

    def __init__(self) -> None:
        message = _("This is not your recovery key. After five wrong ones, wait 15 minutes.")
        super().__init__(message)


@transaction.atomic
def make(
    *,
    by: Actor,
    from_session: TrustedSession,
    recovery_id: UUID,
    agreement_key: str,
    wrapped_key: str,
    verifier: str,
    at: datetime,
) -> RecoveryKey:
    """Keep a recovery key that a trusted session made; one that was kept stops working.

    Raises:
        NotAllowed, NotTrusted, BadKey
    """
    person = policies.check_own(by, from_session)
    lock_identity(person)
    policies.check_trusted(by, from_session)
    digest = keys.verifier_digest(verifier)
    keys.check_public(agreement_key)
    keys.check_wrapped_private(wrapped_key)
    RecoveryKey.objects.filter(identity=person).delete()
    if RecoveryKey.objects.filter(pk=recovery_id).exists():
        raise keys.BadKey
    made = RecoveryKey.objects.create(
        id=recovery_id,
        identity=person,
        agreement_key=agreement_key,
        wrapped_key=wrapped_key,
        verifier=digest,
        made_at=at,
    )
    record("recovery_key.made", by=by, subject=person, at=at)
    return made


@transaction.atomic
def discard(*, by: Actor, from_session: TrustedSession, at: datetime) -> bool:
    """Forget the recovery key, from a trusted session; answers whether there was one.

    Raises:
        NotAllowed, NotTrusted
    """
    person = policies.check_own(by, from_session)
    lock_identity(person)
    policies.check_trusted(by, from_session)
    count, _rows = RecoveryKey.objects.filter(identity=person).delete()
    if count:
        record("recovery_key.discarded", by=by, subject=person, at=at)
    return bool(count)


def check(*, by: Actor, session: TrustedSession, verifier: str, at: datetime) -> None:
    """That whoever asks holds the recovery key. A wrong one is counted and recorded.

    Raises:
        NotAllowed, BadKey, WrongRecoveryKey
    """
    policies.check_own(by, session)
    digest = keys.verifier_digest(verifier)
    if not _is_right(by, session, digest, at):
        raise WrongRecoveryKey


@transaction.atomic
def _is_right(by: Actor, session: TrustedSession, digest: str, at: datetime) -> bool:
    person = policies.check_own(by, session)
    lock_identity(person)
    found = queries.recovery_key_of(person)
    if found is None:
        return False
    is_old = found.failed_at is None or found.failed_at <= at - LOCKED_FOR
    failures = 0 if is_old else found.failures
    if failures < MOST_FAILURES and hmac.compare_digest(digest, found.verifier):
        return True
    found.failures, found.failed_at = min(failures + 1, MOST_FAILURES), at
    found.save(update_fields=["failures", "failed_at"])
    facts = {"outcome": Outcome.REFUSED, "reason": "wrong recovery key", "at": at}
    record("recovery_key.tried", by=by, subject=person, **facts)  # type: ignore[arg-type]
    return False
