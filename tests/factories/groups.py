from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.groups import actions, memberships
from accounts.groups.actions import GroupDraft
from accounts.models import Group, Identity, Membership, Role
from accounts.roles import actions as role_actions
from accounts.roles.actions import RoleDraft


def make_role(
    name: str = "itil",
    *,
    scopes: Sequence[str] = (),
    permissions: Sequence[str] = (),
    contains: Sequence[Role] = (),
) -> Role:
    draft = RoleDraft(name, "", scopes, permissions, [role.pk for role in contains])
    return role_actions.create(by=SYSTEM, draft=draft, at=timezone.now())


def make_group(
    name: str = "Operators",
    *,
    roles: Sequence[Role] = (),
    members: Sequence[Identity] = (),
    parent: Group | None = None,
    manager: Identity | None = None,
    may_be_requested: bool = False,
) -> Group:
    draft = GroupDraft(name, "", manager, parent, may_be_requested, [role.pk for role in roles])
    group = actions.create(by=SYSTEM, draft=draft, at=timezone.now())
    for member in members:
        join(group, member)
    return group


def join(group: Group, member: Identity, *, until: datetime | None = None) -> Membership:
    return memberships.add(by=SYSTEM, group=group, identity=member, until=until, at=timezone.now())
