"""Guessing codes ends soon: counted for the identity, whatever session or address it comes from.

Nobody is locked out by a stranger: whoever gets to type a code has given the right password.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.identities.models import Identity
from accounts.second_factors.models import FactorTries

MOST = 5
"""Wrong codes in a row until none is looked at for a while."""
LOCKED_FOR = timedelta(minutes=15)
"""480 tries a day at most, of a million codes of which three are right at a time."""


def is_locked(identity: Identity, *, at: datetime) -> bool:
    row = FactorTries.objects.filter(identity=identity).first()
    return row is not None and row.failed >= MOST and row.last_at > at - LOCKED_FOR


def count_failure(identity: Identity, *, at: datetime) -> bool:
    """Count a wrong code; True if it is the one too many. The identity must be locked."""
    row, _made = FactorTries.objects.get_or_create(identity=identity, defaults={"last_at": at})
    over = row.last_at <= at - LOCKED_FOR
    row.failed = 1 if over else row.failed + 1
    row.last_at = at
    row.save()
    return row.failed == MOST


def forget(identity: Identity) -> None:
    FactorTries.objects.filter(identity=identity).delete()
