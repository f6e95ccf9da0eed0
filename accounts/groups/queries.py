from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.groups.models import Group, Membership, MembershipQuerySet
from accounts.identities.models import Identity


def sees_members(person: Identity, group: Group) -> bool:
    """Who merely belongs to a group sees there themselves and the accounts that they own."""
    return may(person, Permission.GROUP_VIEW) or group.manager_id == person.pk


def members_seen(person: Identity, group: Group, now: datetime) -> MembershipQuerySet:
    """Who belongs to a group now, as far as somebody may know."""
    rows = Membership.objects.current(now).filter(group=group).select_related("identity")
    if sees_members(person, group):
        return rows
    return rows.filter(Q(identity=person) | Q(identity__service_account__owner=person))
