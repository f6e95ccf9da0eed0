from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.identities import actions as identities
from accounts.identities import policies
from accounts.identities.models import Identity
from accounts.sessions.models import Session


@transaction.atomic
def end(*, by: Actor, identity: Identity, session: Session, at: datetime) -> None:
    """Sign somebody out in one place; harmless where that session has ended.

    Raises:
        NotAllowed, AboveOneself: somebody else's needs the permission, and not those above one.
    """
    if by.actor_id != identity.actor_id:
        current = identities.lock(identity)
        policies.check_may_act_on(by, current, Permission.IDENTITY_DISABLE)
    count, _rows = Session.objects.filter(pk=session.pk, identity=identity).delete()
    if count:
        record(
            "identity.session_ended",
            by=by,
            subject=identity,
            detail={"address": session.address, "user_agent": session.user_agent},
            at=at,
        )


def forget_ended(*, now: datetime, longest: timedelta) -> int:
    """Delete the rows of sessions that are over; upkeep."""
    over = Session.objects.filter(expire_date__lt=now)
    over |= Session.objects.filter(began_at__lt=now - longest)
    return over.delete()[0]
