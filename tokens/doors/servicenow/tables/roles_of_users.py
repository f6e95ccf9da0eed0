"""`sys_user_has_role`: which roles identities have, by whatever way. It stands in no table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from accounts.models import (
    Group,
    GroupRole,
    Identity,
    Membership,
    Role,
    RoleAssignment,
    RoleContainment,
)
from tokens.doors.servicenow import conditions
from tokens.doors.servicenow.calls import Call
from tokens.doors.servicenow.columns import NEVER, Column, Kind, fixed, sys_id, text, time, truth
from tokens.doors.servicenow.errors import Refused
from tokens.doors.servicenow.ids import LENGTH, UUIDS, OfText
from tokens.doors.servicenow.query import Condition, Operator, Query
from tokens.doors.servicenow.table import Table
from tokens.doors.servicenow.tables import groups, roles, users

NAME: Final = "sys_user_has_role"
MOST: Final = 20_000
"""Rows that are worked out for one answer."""
OF_USER: Final = "user."
HALF: Final = LENGTH // 2
"""Digits of a sys_id that are those of the user, who can so be found by it; the others are those of
the role. 60 bits of them are random."""


@dataclass(frozen=True)
class Has:
    """That somebody has a role, by the nearest way."""

    user: Identity
    role: Role
    inherited: bool
    by_group: Group | None
    within: Role | None
    granted_by: str
    since: datetime

    @property
    def pk(self) -> str:
        return self.user.pk.hex[:HALF] + self.role.pk.hex[:HALF]


def found(call: Call, query: Query) -> list[Has]:
    """Of those whom the query narrows it to, and the caller may see.

    Raises:
        Refused: they are too many to be worked out.
    """
    people = conditions.narrowed(call, users.USERS, _of_users(query)).values("pk")
    ways = _Ways()
    rows: dict[tuple[UUID, UUID], Has] = {}
    assigned = RoleAssignment.objects.current(call.now).filter(identity__in=people)
    belonging = Membership.objects.current(call.now).filter(
        identity__in=people, group__in=ways.groups()
    )
    _check_few(assigned[: MOST + 1].count() + belonging[: MOST + 1].count())
    for given in assigned.select_related("identity", "role").order_by("pk"):
        for role in ways.within(given.role):
            within = None if role == given.role else given.role
            has = Has(
                given.identity,
                role,
                within is not None,
                None,
                within,
                given.granted_by,
                given.granted_at,
            )
            rows.setdefault((given.identity_id, role.pk), has)
    for member in belonging.select_related("identity", "group").order_by("pk"):
        for carried, role in ways.of_group(member.group_id):
            within = None if role == carried else carried
            has = Has(
                member.identity, role, True, member.group, within, member.added_by, member.since
            )
            rows.setdefault((member.identity_id, role.pk), has)
        _check_few(len(rows))
    return sorted(rows.values(), key=lambda has: has.pk)


def near(call: Call, pk: str) -> Query | None:
    """The rows of the user whom a sys_id is made of."""
    first, last = UUID(pk[:HALF] + "0" * HALF), UUID(pk[:HALF] + "f" * HALF)
    user = users.rows(call).filter(pk__gte=first, pk__lte=last).order_by("pk").first()
    if user is None:
        return None
    return Query((((Condition("user", Operator.IS, UUIDS.sys_id(user.pk)),),),))


def _check_few(rows: int) -> None:
    if rows > MOST:
        raise Refused("Narrow the query by user: these are too many to be worked out at once.")


def _of_users(query: Query) -> Query:
    """The part of a query that every row has to meet and that asks about the user alone."""
    if len(query.alternatives) != 1:
        return Query()
    kept = [group for group in query.alternatives[0] if all(map(_asks_about_user, group))]
    asked = tuple(tuple(map(_of_user, group)) for group in kept)
    return Query((asked,)) if asked else Query()


def _asks_about_user(condition: Condition) -> bool:
    return condition.name == "user" or condition.name.startswith(OF_USER)


def _of_user(condition: Condition) -> Condition:
    name = condition.name.removeprefix("user").removeprefix(".") or "sys_id"
    return Condition(name, condition.operator, condition.value)


class _Ways:
    """Which roles groups carry and roles contain, read once."""

    def __init__(self) -> None:
        self._parents = dict(Group.objects.values_list("pk", "parent_id"))
        self._contained: dict[UUID, list[Role]] = {}
        for each in RoleContainment.objects.select_related("contained").order_by("pk"):
            self._contained.setdefault(each.role_id, []).append(each.contained)
        self._carried: dict[UUID, list[Role]] = {}
        for row in GroupRole.objects.select_related("role").order_by("pk"):
            self._carried.setdefault(row.group_id, []).append(row.role)
        self._of_groups: dict[UUID, list[tuple[Role, Role]]] = {}

    def groups(self) -> list[UUID]:
        """Those of which members have a role."""
        return [pk for pk in self._parents if self.of_group(pk)]

    def of_group(self, group_id: UUID) -> list[tuple[Role, Role]]:
        """Roles that a group or one above it carries, each with itself and those within it."""
        if group_id not in self._of_groups:
            self._of_groups[group_id] = [
                (carried, role)
                for above in self._above(group_id)
                for carried in self._carried.get(above, ())
                for role in self.within(carried)
            ]
        return self._of_groups[group_id]

    def within(self, role: Role) -> list[Role]:
        """The role and those within it, nearest first."""
        reached = [role]
        for here in reached:  # it grows
            reached += [each for each in self._contained.get(here.pk, ()) if each not in reached]
        return reached

    def _above(self, group_id: UUID) -> Iterator[UUID]:
        seen: set[UUID] = set()
        here: UUID | None = group_id
        while here is not None and here not in seen:
            seen.add(here)
            yield here
            here = self._parents.get(here)


def _reference(name: str, table: str, shown: str) -> Column:
    def read(row: Any) -> UUID | None:
        named = getattr(row, name)
        return None if named is None else named.pk

    def display(row: Any) -> str:
        named = getattr(row, name)
        return "" if named is None else str(getattr(named, shown))

    return Column(Kind.REFERENCE, read, table=table, path=name, shown=display)


COLUMNS: Final[Mapping[str, Column]] = {
    "sys_id": sys_id(OfText()),
    "user": _reference("user", users.NAME, "display_name"),
    "role": _reference("role", roles.NAME, "name"),
    "inherited": truth(lambda row: row.inherited, lambda _start: NEVER),
    "granted_by": _reference("by_group", groups.NAME, "name"),
    "included_in_role": _reference("within", roles.NAME, "name"),
    "state": fixed("active"),
    "sys_created_by": text("granted_by"),
    "sys_created_on": time("since"),
}

OF_USERS: Final = Table(
    name=NAME,
    columns=COLUMNS,
    computed=found,
    near=near,
    ids=OfText(),
    instead=roles.IN_CONSOLE,
)
