"""Starting over with somebody who signs in: as if they had never registered."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Protocol

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import F

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.models import LevelAssignment
from accounts.authorization.permissions import Permission
from accounts.groups.models import Membership
from accounts.identities import actions, invitations, links, passwords, policies
from accounts.identities.invitations import CannotInvite
from accounts.identities.models import Identity, Invitation
from accounts.lib.registry import Registry
from accounts.roles.models import RoleAssignment


class Forget(Protocol):
    """Ends what an app above keeps for somebody who is reset, in the same transaction."""

    def __call__(self, *, by: Actor, identity: Identity, at: datetime) -> int:
        """Answers how many there were."""
        ...


forgotten: Final[Registry[Forget]] = Registry("secret that a reset ends")
"""By the name under which the event of the reset counts it."""


@transaction.atomic
def reset(*, by: Actor, identity: Identity, at: datetime) -> Invitation | None:
    """Forget password, sessions, user levels, roles and groups, and invite again.

    Second factors go where the actor may take them away; else they are asked for after the new
    password, so that a mailbox alone lets nobody in.

    Secrets that act as a person go too. Keys and tokens of a service account go on working.

    Answers the invitation, or None where nobody can be invited: without an e-mail address, say.

    Raises:
        OwnLevels: nobody does this to themselves.
        AboveOneself: the identity may do more than the actor.
        LastAdministrator: they are the Owner, or nobody would be left to administer the tenant.
        IdentityGone: it has been deleted.
    """
    current = actions.lock(identity)
    policies.check_may_act_on(by, current, Permission.IDENTITY_RESET)
    policies.check_not_oneself(by, current)
    policies.check_another_administrator_stays(current)
    levels = sorted(current.levels)
    links.revoke(identity=current, at=at)
    LevelAssignment.objects.filter(identity=current).delete()
    rights = {
        "roles_taken": RoleAssignment.objects.filter(identity=current).delete()[0],
        "groups_left": Membership.objects.filter(identity=current).delete()[0],
    }
    factors = _forget_factors(by, current)
    passwords.forget(current)
    Identity.objects.existing().filter(pk=current.pk).update(
        session_generation=F("session_generation") + 1
    )
    counts = {name: end(by=by, identity=current, at=at) for name, end in forgotten.items()}
    current.forget_cached_rights()
    identity.refresh_from_db()
    record(
        "identity.reset",
        by=by,
        subject=current,
        before={"levels": levels},
        after={"levels": []},
        detail={"second_factors_removed": factors, **rights, **counts},
        at=at,
    )
    try:
        return invitations.send_link(by=by, identity=current, at=at)
    except CannotInvite:
        return None


def _forget_factors(by: Actor, identity: Identity) -> int:
    if not policies.may_take_factors(by):
        return 0
    count, _tables = Authenticator.objects.filter(user=identity).delete()
    return int(count)
