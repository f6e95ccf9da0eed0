"""Who belongs to a group, and until when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import SYSTEM, Actor
from accounts.authorization.policies import may
from accounts.groups import policies
from accounts.groups.actions import GroupGone
from accounts.groups.models import Group, Membership
from accounts.identities.locking import lock
from accounts.identities.models import Identity
from accounts.identities.policies import AboveOneself, may_reach
from accounts.roles import reach
from accounts.roles.assigning import check_until
from accounts.roles.policies import check_not_for_oneself

MEMBER_ACTS: Final = {
    "member_added": "group_joined",
    "membership_changed": "membership_changed",
    "member_removed": "group_left",
    "membership_ended": "membership_ended",
}
"""What an act on a group is called where it is told of the member."""


@transaction.atomic
def add(
    *,
    by: Actor,
    group: Group,
    identity: Identity,
    until: datetime | None = None,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
) -> Membership:
    """Let an identity belong to a group, or for another time than it does; twice is harmless.

    `detail` goes into the event beside the rest, such as the request that it was granted by.

    Raises:
        NotAllowed, OwnLevels: it is not for `by` to do.
        AboveOneself: the group gives console permissions that `by` lacks.
        IdentityGone, GroupGone
        EndsInThePast: `field` names it.
    """
    check_until(until, at)
    locked, current = lock(identity), _lock(group)
    policies.check_may_change_members(by, current)
    check_not_for_oneself(by, locked)
    _check_reach(by, current)
    found = Membership.objects.filter(group=current, identity=locked).first()
    if found is not None and found.until == until:
        return found
    before = {"until": _iso(found.until)} if found else None
    if found is None:
        found = Membership(group=current, identity=locked, since=at)
    found.until, found.added_by = until, by.label[:200]
    found.save()
    act = "member_added" if before is None else "membership_changed"
    _record(act, found, by=by, at=at, before=before, after={"until": _iso(until)}, detail=detail)
    identity.forget_cached_rights()
    return found


@transaction.atomic
def remove(*, by: Actor, group: Group, identity: Identity, at: datetime) -> bool:
    """Take an identity out of a group; answers whether it belonged to it.

    Raises:
        NotAllowed, IdentityGone, GroupGone
        AboveOneself: the identity may do more than `by`.
    """
    locked, current = lock(identity), _lock(group)
    policies.check_may_change_members(by, current)
    if not may_reach(by, locked):
        message = _("%(name)s may do more than you. Ask somebody who may do as much.")
        raise AboveOneself(message % {"name": locked.display_name})
    found = Membership.objects.filter(group=current, identity=locked).first()
    if found is None:
        return False
    _record("member_removed", found, by=by, at=at, before={"until": _iso(found.until)})
    found.delete()
    identity.forget_cached_rights()
    return True


def end_expired(*, at: datetime, most: int = 1000) -> int:
    """Remove memberships that have run out, with an event each; answers how many."""
    with transaction.atomic():
        found = Membership.objects.filter(until__lte=at).select_for_update(
            of=("self",), skip_locked=True
        )
        ended = list(found.select_related("identity", "group").order_by("until", "pk")[:most])
        for each in ended:
            before = {"until": _iso(each.until)}
            _record("membership_ended", each, by=SYSTEM, at=at, before=before)
            each.delete()
    return len(ended)


def _lock(group: Group) -> Group:
    """The group's row, so that it is not deleted meanwhile; others may add members beside."""
    found = Group.objects.select_for_update(of=("self",), no_key=True).filter(pk=group.pk).first()
    if found is None:
        raise GroupGone
    return found


def _check_reach(by: Actor, group: Group) -> None:
    permissions = reach.of_group(group.pk).permissions
    if not all(may(by, permission) for permission in permissions):
        raise AboveOneself(_("This group gives its members more than you may do yourself."))


def _record(
    act: str,
    membership: Membership,
    *,
    by: Actor,
    at: datetime,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Two events: who asks what happened to a group, and who asks it of an identity, both find
    the whole of it."""
    group, member = membership.group, membership.identity
    told = dict(detail or {})
    facts: dict[str, Any] = {"by": by, "at": at, "before": before, "after": after}
    of_group = {"member": member.user_name, "member_id": str(member.pk), **told}
    record(f"group.{act}", subject=group, detail=of_group, **facts)
    of_member = {"group": group.name, "group_id": str(group.pk), **told}
    record(f"identity.{MEMBER_ACTS[act]}", subject=member, detail=of_member, **facts)


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
