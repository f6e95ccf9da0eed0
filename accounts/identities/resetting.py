"""Starting over with somebody who signs in: as if they had never registered."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.models import LevelAssignment
from accounts.authorization.permissions import Permission
from accounts.identities import actions, invitations, links, policies
from accounts.identities.invitations import CannotInvite
from accounts.identities.models import Identity, Invitation


@transaction.atomic
def reset(*, by: Actor, identity: Identity, at: datetime) -> Invitation | None:
    """End the sessions, forget the password, take the user levels away, and invite again.

    Answers the invitation, or None where nobody can be invited: without an e-mail address, say.
    Keys and tokens of a service account go on working.

    Raises:
        OwnLevels: nobody does this to themselves.
        AboveOneself: the identity may do more than the actor.
        LastAdministrator: nobody would be left to administer the tenant.
        IdentityGone: it has been deleted.
    """
    current = actions.lock(identity)
    policies.check_may_act_on(by, current, Permission.IDENTITY_RESET)
    policies.check_not_oneself(by, current)
    policies.check_another_administrator_stays(current)
    levels = sorted(current.levels)
    links.revoke(identity=current, at=at)
    LevelAssignment.objects.filter(identity=current).delete()
    current.set_unusable_password()
    current.save(update_fields=["password"])
    Identity.objects.existing().filter(pk=current.pk).update(
        session_generation=F("session_generation") + 1
    )
    current.forget_cached_rights()
    identity.refresh_from_db()
    record(
        "identity.reset",
        by=by,
        subject=current,
        before={"levels": levels},
        after={"levels": []},
        at=at,
    )
    try:
        return invitations.send_link(by=by, identity=current, at=at)
    except CannotInvite:
        return None
