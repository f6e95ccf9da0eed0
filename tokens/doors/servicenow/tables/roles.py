"""`sys_user_role`, `sys_group_has_role` and `sys_user_role_contains`: roles, and what has them."""

from __future__ import annotations

from typing import Final

from django.db.models import QuerySet

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.models import Group, GroupRole, Role, RoleContainment
from accounts.roles import reach
from tokens.doors.servicenow.calls import Call
from tokens.doors.servicenow.columns import always, fixed, never, reference, sys_id, text, time
from tokens.doors.servicenow.ids import OfNumber
from tokens.doors.servicenow.table import Table
from tokens.doors.servicenow.tables import groups

NAME: Final = "sys_user_role"
IN_CONSOLE: Final = "Roles are changed in the console."


def rows(call: Call) -> QuerySet[Role]:
    """All by permission; else those that the caller has."""
    if may(call.by, Permission.GROUP_VIEW):
        return Role.objects.all()
    return Role.objects.filter(pk__in=reach.role_ids_of(call.by.pk, call.now))


ROLES: Final = Table(
    name=NAME,
    columns={
        "sys_id": sys_id(),
        "name": text("name", folded="name_key"),
        "description": text("description"),
        "elevated_privilege": never(),
        "grantable": always(),
        **{name: fixed() for name in ("assignable_by", "includes_roles", "suffix", "sys_tags")},
        "sys_class_name": fixed(NAME),
        "sys_created_by": text("created_by"),
        "sys_created_on": time("created_at"),
        "sys_updated_by": fixed(),
        "sys_updated_on": time("changed_at"),
    },
    rows=rows,
    instead=IN_CONSOLE,
)


def _of_groups(call: Call) -> QuerySet[GroupRole]:
    found = GroupRole.objects.all()
    if may(call.by, Permission.GROUP_VIEW):
        return found
    return found.filter(group__in=Group.objects.visible_to(call.by))


_GROUP_ROLES: Final = OfNumber("sys_group_has_role")
OF_GROUPS: Final = Table(
    name=_GROUP_ROLES.table,
    columns={
        "sys_id": sys_id(_GROUP_ROLES),
        "group": reference("group", groups.NAME, shown="name"),
        "role": reference("role", NAME, shown="name"),
        "inherits": always(),
        "granted_by": fixed(),
        "sys_created_by": text("granted_by"),
        "sys_created_on": time("granted_at"),
        "sys_updated_on": time("granted_at"),
    },
    rows=_of_groups,
    related=("group", "role"),
    ids=_GROUP_ROLES,
    instead=IN_CONSOLE,
)


def _contained(call: Call) -> QuerySet[RoleContainment]:
    return RoleContainment.objects.filter(role__in=rows(call), contained__in=rows(call))


_CONTAINMENTS: Final = OfNumber("sys_user_role_contains")
CONTAINED: Final = Table(
    name=_CONTAINMENTS.table,
    columns={
        "sys_id": sys_id(_CONTAINMENTS),
        "role": reference("role", NAME, shown="name"),
        "contains": reference("contained", NAME, shown="name"),
    },
    rows=_contained,
    related=("role", "contained"),
    ids=_CONTAINMENTS,
    instead=IN_CONSOLE,
)
