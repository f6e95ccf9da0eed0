"""Roles that an identity has by itself."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import SYSTEM, Actor
from accounts.authorization.permissions import Permission
from accounts.identities.locking import lock
from accounts.identities.models import Identity
from accounts.identities.policies import check_may_act_on
from accounts.lib.errors import DomainError
from accounts.roles import policies, reach
from accounts.roles.actions import RoleGone
from accounts.roles.models import Role, RoleAssignment


class EndsInThePast(DomainError):
    """A last day that has passed already."""

    code = "ends_in_the_past"


class Inherited(DomainError):
    """The role comes by a group or within another role, and cannot be taken off singly."""

    code = "inherited"


def check_until(until: datetime | None, at: datetime) -> None:
    if until is not None and until <= at:
        raise EndsInThePast(_("The end must lie in the future."), field="until")


@transaction.atomic
def assign(
    *, by: Actor, identity: Identity, role: Role, until: datetime | None = None, at: datetime
) -> RoleAssignment:
    """Give an identity a role, or another end to one that it has.

    Raises:
        NotAllowed: it is not for `by` to give.
        IdentityGone, RoleGone
        EndsInThePast: `field` names it.
    """
    policies.check_may_manage(by)
    check_until(until, at)
    locked = lock(identity)
    check_may_act_on(by, locked, Permission.ROLE_MANAGE)
    current = Role.objects.select_for_update().filter(pk=role.pk).first()
    if current is None:
        raise RoleGone
    found = RoleAssignment.objects.filter(identity=locked, role=current).first()
    if found is not None and found.until == until:
        return found
    if found is None:
        found = RoleAssignment(identity=locked, role=current, granted_at=at)
    found.until, found.granted_by = until, by.label[:200]
    found.save()
    after = {"role": current.name, "until": until.isoformat() if until else None}
    record("identity.role_given", by=by, subject=locked, after=after, at=at)
    identity.forget_cached_rights()
    return found


@transaction.atomic
def take(*, by: Actor, identity: Identity, role: Role, at: datetime) -> bool:
    """Take a role off an identity; answers whether it had it by itself.

    Raises:
        NotAllowed, AboveOneself, IdentityGone
        Inherited: it has the role by a group or another role only.
    """
    policies.check_may_manage(by)
    locked = lock(identity)
    check_may_act_on(by, locked, Permission.ROLE_MANAGE)
    found = RoleAssignment.objects.filter(identity=locked, role=role).first()
    if found is None:
        if role.pk in reach.role_ids_of(locked.pk, at):
            message = _(
                "“%(role)s” is inherited. Take the identity out of the group that gives it, or the "
                "role off that group."
            )
            raise Inherited(message % {"role": role.name})
        return False
    found.delete()
    record("identity.role_taken", by=by, subject=locked, before={"role": role.name}, at=at)
    identity.forget_cached_rights()
    return True


def end_expired(*, at: datetime, most: int = 1000) -> int:
    """Remove assignments that have run out, with an event each; answers how many."""
    ended = 0
    with transaction.atomic():
        found = RoleAssignment.objects.filter(until__lte=at).select_for_update(
            of=("self",), skip_locked=True
        )
        for each in found.select_related("identity", "role").order_by("until")[:most]:
            before = {"role": each.role.name, "until": each.until.isoformat()}  # type: ignore[union-attr]
            record("identity.role_ended", by=SYSTEM, subject=each.identity, before=before, at=at)
            each.delete()
            ended += 1
    return ended
