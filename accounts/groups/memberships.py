"""Who belongs to a group, and until when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import SYSTEM, Actor
from accounts.authorization.policies import may
from accounts.groups import giving, policies
from accounts.groups.actions import GroupGone
from accounts.groups.models import Group, Membership
from accounts.identities.locking import lock
from accounts.identities.models import Identity
from accounts.identities.policies import AboveOneself, may_reach
from accounts.roles import reach
from accounts.roles.assigning import check_until
from accounts.roles.policies import check_not_for_oneself


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
        AboveOneself: the group gives console permissions that `by` lacks; or, to who does not
            answer for the group, scopes that they lack, or anything besides.
        IdentityGone, GroupGone
        EndsInThePast: `field` names it.
    """
    policies.check_may_change_any_members(by)
    check_until(until, at)
    locked, current = lock(identity), _lock(group)
    policies.check_may_change_members(by, current)
    check_not_for_oneself(by, locked)
    _check_reach(by, current)
    found = Membership.objects.filter(group=current, identity=locked).first()
    if found is not None and found.until == until:
        return found
    if found is not None:  # it may take rights away, as removing does
        _check_reaches(by, locked)
    before = {"until": _iso(found.until)} if found else None
    if found is None:
        found = Membership(group=current, identity=locked, since=at)
    found.until, found.added_by = until, by.label[:200]
    found.save()
    facts: dict[str, Any] = {"before": before, "after": {"until": _iso(until)}, "at": at}
    act = "group.member_added" if before is None else "group.membership_changed"
    record(act, by=by, **_of_group(found, detail), **facts)
    told = "identity.group_joined" if before is None else "identity.membership_changed"
    record(told, by=by, **_of_member(found, detail), **facts)
    identity.forget_cached_rights()
    return found


@transaction.atomic
def remove(*, by: Actor, group: Group, identity: Identity, at: datetime) -> bool:
    """Take an identity out of a group; answers whether it belonged to it.

    Raises:
        NotAllowed, IdentityGone, GroupGone
        AboveOneself: the identity may do more than `by`.
    """
    policies.check_may_change_any_members(by)
    locked, current = lock(identity), _lock(group)
    policies.check_may_change_members(by, current)
    _check_reaches(by, locked)
    found = Membership.objects.filter(group=current, identity=locked).first()
    if found is None:
        return False
    facts: dict[str, Any] = {"before": {"until": _iso(found.until)}, "at": at}
    record("group.member_removed", by=by, **_of_group(found), **facts)
    record("identity.group_left", by=by, **_of_member(found), **facts)
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
            facts: dict[str, Any] = {"before": {"until": _iso(each.until)}, "at": at}
            record("group.membership_ended", by=SYSTEM, **_of_group(each), **facts)
            record("identity.membership_ended", by=SYSTEM, **_of_member(each), **facts)
            each.delete()
    return len(ended)


def _check_reaches(by: Actor, member: Identity) -> None:
    if not may_reach(by, member):
        message = _("%(name)s may do more than you. Ask somebody who may do as much.")
        raise AboveOneself(message % {"name": member.display_name})


def _lock(group: Group) -> Group:
    """The group's row, so that it is not deleted meanwhile; others may add members beside."""
    found = Group.objects.select_for_update(of=("self",), no_key=True).filter(pk=group.pk).first()
    if found is None:
        raise GroupGone
    return found


def _check_reach(by: Actor, group: Group) -> None:
    if why := why_above(by, group):
        raise AboveOneself(why)


def why_above(by: Actor, group: Group) -> str:
    """Why somebody adds nobody to a group, although its members are theirs to change; empty where
    they do."""
    carried = reach.of_group(group.pk)
    if all(may(by, permission) for permission in carried.permissions) and (
        policies.answers_for(by, group)
        or not (carried.scopes - _scopes_of(by) or giving.gives_besides(group))
    ):
        return ""
    message = _(
        "This group gives its members more than you may do yourself. An administrator changes "
        "its members."
    )
    if group.may_be_requested:
        message += " " + _("Whoever is to belong may also ask: Requests > New Request.")
    return message


def _scopes_of(by: Actor) -> frozenset[str]:
    """Those that roles give somebody."""
    if not isinstance(by, Identity):
        return frozenset()
    return reach.of_identity(by.pk, timezone.now()).scopes


def _of_group(membership: Membership, detail: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """For the event by which who asks about the group finds it."""
    member = membership.identity
    about = {"member": member.user_name, "member_id": str(member.pk), **(detail or {})}
    return {"subject": membership.group, "detail": about}


def _of_member(membership: Membership, detail: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """For the event by which who asks about the member finds it."""
    group = membership.group
    about = {"group": group.name, "group_id": str(group.pk), **(detail or {})}
    return {"subject": membership.identity, "detail": about}


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
