"""Why somebody has a role: group, the groups above it, role, role within it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.groups.models import Group, GroupRole, Membership
from accounts.identities.models import Identity
from accounts.roles.models import Role, RoleAssignment, RoleContainment


@dataclass(frozen=True)
class Path:
    """One way by which an identity has a role."""

    group: Group | None
    """The group that it belongs to; None where it has the first role by itself."""
    above: tuple[Group, ...]
    """From its parent up to the group that carries the role; empty where it does itself."""
    roles: tuple[Role, ...]
    """From the role that was given to the one that is meant."""
    until: datetime | None

    @property
    def role(self) -> Role:
        return self.roles[-1]

    @property
    def is_direct(self) -> bool:
        """Whether the role can be taken off the identity singly."""
        return self.group is None and len(self.roles) == 1

    @property
    def text(self) -> str:
        """As ServiceNow's role inheritance API writes it: [Group]/role/contained."""
        groups = [f"[{each.name}]" for each in (self.group, *self.above) if each]
        return "/".join([*groups, *(role.name for role in self.roles)])


def paths_of(identity: Identity, now: datetime) -> list[Path]:
    """All roles of an identity, each by the shortest way from each of its groups; by text.

    A handful of statements, and one for each step up among groups.
    """
    memberships = Membership.objects.current(now).filter(identity=identity)
    found: list[Path] = []
    belonging = list(memberships.select_related("group"))
    parents = _above([membership.group for membership in belonging])
    chains = {each: _chain(each.group, parents) for each in belonging}
    carried = _roles_of({group.pk for chain in chains.values() for group in chain})
    within = _Within()
    for membership, chain in chains.items():
        seen: set[UUID] = set()
        for place, group in enumerate(chain):
            for role in carried.get(group.pk, ()):
                for roles in within.ways(role):
                    if roles[-1].pk not in seen:
                        seen.add(roles[-1].pk)
                        above = chain[1 : place + 1]
                        found.append(Path(chain[0], above, roles, membership.until))
    direct = RoleAssignment.objects.current(now).filter(identity=identity).select_related("role")
    found += [
        Path(None, (), roles, given.until) for given in direct for roles in within.ways(given.role)
    ]
    return sorted(found, key=lambda path: path.text.casefold())


def _above(groups: Sequence[Group]) -> dict[UUID, Group]:
    """All groups above these, by id: one statement for each step up, however many there are."""
    found: dict[UUID, Group] = {}
    wanted = {group.parent_id for group in groups if group.parent_id}
    while wanted:
        step = Group.objects.in_bulk(wanted)
        found |= step
        wanted = {g.parent_id for g in step.values() if g.parent_id} - found.keys()
    return found


def _chain(group: Group, parents: Mapping[UUID, Group]) -> tuple[Group, ...]:
    """The group and those above it, from below."""
    chain = [group]
    while (above := chain[-1].parent_id) is not None and above in parents:
        if parents[above] in chain:
            break
        chain.append(parents[above])
    return tuple(chain)


def _roles_of(groups: set[UUID]) -> Mapping[UUID, Sequence[Role]]:
    found: dict[UUID, list[Role]] = {}
    rows = GroupRole.objects.filter(group__in=groups).select_related("role").order_by("role__name")
    for row in rows:
        found.setdefault(row.group_id, []).append(row.role)
    return found


class _Within:
    """Which roles stand within which; read once, when it is first asked."""

    def __init__(self) -> None:
        self._contained: dict[UUID, list[Role]] | None = None

    def ways(self, role: Role) -> list[tuple[Role, ...]]:
        """From the role to itself and to each role within it, the shortest way, nearest first."""
        if self._contained is None:
            self._contained = {}
            rows = RoleContainment.objects.select_related("contained").order_by("contained__name")
            for row in rows:
                self._contained.setdefault(row.role_id, []).append(row.contained)
        found: list[tuple[Role, ...]] = [(role,)]
        seen = {role.pk}
        for way in found:  # it grows
            for each in self._contained.get(way[-1].pk, ()):
                if each.pk not in seen:
                    seen.add(each.pk)
                    found.append((*way, each))
        return found
