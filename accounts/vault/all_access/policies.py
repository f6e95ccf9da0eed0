from __future__ import annotations

from datetime import datetime

from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities.models import Identity
from accounts.vault.all_access.models import AllAccess
from accounts.vault.models import StoredAccount


def enter(person: Identity, period: AllAccess) -> None:
    """Note, for one request of its session, that somebody is in this period."""
    person.__dict__["all_access"] = period


def period_of(by: Actor) -> AllAccess | None:
    """The period of which somebody's request is part, if it is of one."""
    found = by.__dict__.get("all_access") if isinstance(by, Identity) else None
    return found if isinstance(found, AllAccess) else None


def running(by: Actor, now: datetime) -> AllAccess | None:
    """The period that is on now in the session of somebody's request; looked up anew."""
    period = period_of(by)
    if period is None or str(period.person_id) != by.actor_id:
        return None
    if not may(by, Permission.VAULT_ALL_ACCESS):
        return None
    rows = AllAccess.objects.filter(pk=period.pk, ended_at=None, ends_at__gt=now)
    return rows.first()


def covers(by: Actor, item: StoredAccount, now: datetime) -> AllAccess | None:
    """The period by which somebody may open an account that is not theirs, nor in a local vault."""
    if item.vault.is_local:
        return None
    return running(by, now)
