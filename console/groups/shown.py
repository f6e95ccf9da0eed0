"""Groups as the pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.groups.memberships import why_above
from accounts.groups.policies import may_change_members
from accounts.models import Group, GroupRole, Role
from accounts.roles.reach import Carried
from console.ui.access import ConsoleRequest
from console.ui.levels import may_do
from tokens.scopes.picker import in_plain_words


@dataclass(frozen=True)
class RoleOfGroup:
    """A role that members have, and the group above from which it comes; None for its own."""

    role: Role
    above: Group | None


def above(group: Group) -> list[Group]:
    """The groups above one, nearest first."""
    found: list[Group] = []
    here = group.parent
    while here is not None and here not in found:
        found.append(here)
        here = here.parent
    return found


def roles_of(group: Group, chain: list[Group]) -> list[RoleOfGroup]:
    """The roles that members have by the group and by those above it, each from the nearest."""
    place = {each.pk: number for number, each in enumerate([group, *chain])}
    rows = GroupRole.objects.filter(group__in=place).select_related("role")
    nearest: dict[Role, int] = {}
    for row in rows:
        nearest[row.role] = min(place[row.group_id], nearest.get(row.role, len(place)))
    by_name = sorted(nearest, key=lambda role: (role.name.casefold(), str(role.pk)))
    return [RoleOfGroup(r, chain[nearest[r] - 1] if nearest[r] else None) for r in by_name]


def in_words(carried: Carried) -> list[str]:
    """What rights allow, a line each."""
    return [*in_plain_words(carried.scopes), *may_do(carried.permissions)]


def frame(request: ConsoleRequest, group: Group, current: str) -> dict[str, Any]:
    """What stands on each page of one group."""
    named = [("detail", _("Overview"), None), ("members", _("Members"), None)]
    if may(request.user, Permission.AUDIT_VIEW):
        named.append(("activity", _("Activity"), None))
    changes = may_change_members(request.user, group)
    return {
        "group": group,
        "why_above": why_above(request.user, group) if changes else "",
        "may_manage": may(request.user, Permission.GROUP_MANAGE),
        "may_change_members": changes,
        "tabs": [
            {
                "label": label,
                "url": reverse(f"groups:{view}", args=[group.pk]),
                "current": view == current,
                "count": count,
            }
            for view, label, count in named
        ],
    }
