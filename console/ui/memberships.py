"""The groups that somebody belongs to, their roles, and by which way they have each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.groups.paths import Path, paths_of
from accounts.groups.policies import may_change_members
from accounts.identities.policies import may_act_on
from accounts.models import Group, GroupRole, Identity, Membership, Role
from console.ui.access import ConsoleRequest
from console.ui.levels import may_do
from tokens.scopes import in_force
from tokens.scopes.picker import in_plain_words


def shown(request: ConsoleRequest, identity: Identity, now: datetime) -> dict[str, Any]:
    """What `components/groups_and_roles.html` takes."""
    person = request.user
    return {
        "identity": identity,
        "memberships": _memberships(person, identity, now, back=request.path),
        "held_roles": _roles(person, identity, now, back=request.path),
        "may_join": may(person, Permission.GROUP_MANAGE)
        or (may(person, Permission.GROUP_MANAGE_OWN) and person.managed_groups.exists()),
        "may_give": may_act_on(person, identity, Permission.ROLE_MANAGE),
        "back": request.path,
    }


def ways_to_scopes(identity: Identity, now: datetime) -> dict[str, list[str]]:
    """Scope to the ways by which somebody has a role that carries it."""
    found: dict[str, list[str]] = {}
    for path in paths_of(identity, now):
        for scope in path.role.scopes:
            found.setdefault(scope, []).append(path.text)
    return found


def _memberships(
    person: Identity, identity: Identity, now: datetime, *, back: str
) -> list[dict[str, Any]]:
    rows = list(
        Membership.objects.current(now)
        .filter(identity=identity)
        .select_related("group")
        .order_by("group__name", "pk")
    )
    groups = [row.group for row in rows]
    seen = set(Group.objects.visible_to(person).filter(pk__in=[g.pk for g in groups]))
    carried = _role_names(groups)
    return [
        {
            "membership": row,
            "url": reverse("groups:detail", args=[row.group_id]) if row.group in seen else "",
            "roles": carried.get(row.group_id, []),
            "acts": _acts("groups", [row.group_id, identity.pk], back)
            if row.group in seen and may_change_members(person, row.group)
            else {},
        }
        for row in rows
    ]


def _role_names(groups: Iterable[Group]) -> dict[Any, list[str]]:
    found: dict[Any, list[str]] = {}
    rows = GroupRole.objects.filter(group__in=list(groups)).order_by("role__name")
    for group_id, name in rows.values_list("group_id", "role__name"):
        found.setdefault(group_id, []).append(name)
    return found


def _acts(slice_: str, args: list[Any], back: str) -> dict[str, str]:
    """Where to change the end and to take away, and to come back from there."""
    names = ("member", "remove_member") if slice_ == "groups" else ("given", "take")
    change, remove = (reverse(f"{slice_}:{name}", args=args) for name in names)
    return {"change": f"{change}?back={back}", "remove": f"{remove}?back={back}"}


def _roles(
    person: Identity, identity: Identity, now: datetime, *, back: str
) -> list[dict[str, Any]]:
    """Each role once, with all the ways to it."""
    by_role: dict[Role, list[Path]] = {}
    for path in paths_of(identity, now):
        by_role.setdefault(path.role, []).append(path)
    catalogue = in_force.for_names(scope for role in by_role for scope in role.scopes)
    opens = may(person, Permission.GROUP_VIEW)
    may_take = may_act_on(person, identity, Permission.ROLE_MANAGE)
    groups = {g.pk for paths in by_role.values() for path in paths for g in _groups_of(path)}
    seen = set(Group.objects.visible_to(person).filter(pk__in=groups).values_list("pk", flat=True))
    rows = []
    for role in sorted(by_role, key=lambda role: (role.name.casefold(), str(role.pk))):
        is_direct = any(path.is_direct for path in by_role[role])
        rows.append(
            {
                "role": role,
                "url": reverse("roles:detail", args=[role.pk]) if opens else "",
                "ways": [_way(path, seen, opens) for path in by_role[role]],
                "is_direct": is_direct,
                "can": in_plain_words(role.scopes, catalogue=catalogue),
                "may": may_do({p for p in Permission if p in role.permissions}),
                "acts": _acts("roles", [identity.pk, role.pk], back)
                if is_direct and may_take
                else {},
            }
        )
    return rows


def _groups_of(path: Path) -> list[Group]:
    return [path.group, *path.above] if path.group else []


def _way(path: Path, seen: set[Any], opens: bool) -> dict[str, Any]:
    """The steps of a way, each with the page that one may open."""
    steps = [
        {
            "icon": "users-round",
            "label": group.name,
            "url": reverse("groups:detail", args=[group.pk]) if group.pk in seen else "",
        }
        for group in _groups_of(path)
    ]
    steps += [
        {
            "icon": "badge-check",
            "label": role.name,
            "url": reverse("roles:detail", args=[role.pk]) if opens else "",
        }
        for role in path.roles
    ]
    return {
        "steps": steps,
        "text": path.text,
        "is_direct": path.is_direct,
        "by_group": path.group is not None,
        "until": path.until,
    }
