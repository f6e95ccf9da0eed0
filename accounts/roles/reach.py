"""What roles somebody has, by whatever way, and what these carry: asked anew each time.

The tables of groups are named here in SQL: rights are read with an identity, and its model may
not import what is about it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from accounts.authorization.permissions import Permission
from accounts.lib.sql import id_parameter, rows, time_parameter

KNOWN: Final = frozenset(permission.value for permission in Permission)

_REACHED: Final = """
    WITH RECURSIVE above(id) AS (
        SELECT m.group_id FROM accounts_membership m
        WHERE m.identity_id = %s AND (m.until IS NULL OR m.until > %s)
        UNION
        SELECT g.parent_id FROM accounts_group g JOIN above ON g.id = above.id
        WHERE g.parent_id IS NOT NULL
    ), given(id) AS (
        SELECT r.role_id FROM accounts_grouprole r JOIN above ON r.group_id = above.id
        UNION
        SELECT a.role_id FROM accounts_roleassignment a
        WHERE a.identity_id = %s AND (a.until IS NULL OR a.until > %s)
    ), reached(id) AS (
        SELECT id FROM given
        UNION
        SELECT c.contained_id FROM accounts_rolecontainment c JOIN reached ON c.role_id = reached.id
    )
"""
_RIGHTS: Final = (
    "SELECT r.scopes, r.permissions FROM accounts_role r JOIN reached ON r.id = reached.id"
)

_IDS: Final = "SELECT id FROM reached"

_OF_ROLES: Final = """
    WITH RECURSIVE reached(id) AS (
        SELECT id FROM accounts_role WHERE id IN ({marks})
        UNION
        SELECT c.contained_id FROM accounts_rolecontainment c JOIN reached ON c.role_id = reached.id
    )
"""

_OF_GROUP: Final = """
    WITH RECURSIVE above(id, parent_id) AS (
        SELECT id, parent_id FROM accounts_group WHERE id = %s
        UNION
        SELECT g.id, g.parent_id FROM accounts_group g JOIN above ON g.id = above.parent_id
    )
    SELECT r.role_id FROM accounts_grouprole r JOIN above ON r.group_id = above.id
"""


@dataclass(frozen=True, slots=True)
class Carried:
    """What roles carry together."""

    scopes: frozenset[str] = frozenset()
    permissions: frozenset[Permission] = frozenset()


NOTHING: Final = Carried()


def of_identity(identity_id: UUID, now: datetime) -> Carried:
    """What all roles carry that an identity has at `now`; one statement."""
    identity, at = id_parameter(identity_id), time_parameter(now)
    return _carried(rows(_REACHED + _RIGHTS, [identity, at, identity, at]))


def role_ids_of(identity_id: UUID, now: datetime) -> frozenset[UUID]:
    """All roles that an identity has at `now`, by whatever way."""
    identity, at = id_parameter(identity_id), time_parameter(now)
    found = rows(_REACHED + _IDS, [identity, at, identity, at])
    return frozenset(_id(row[0]) for row in found)


def of_roles(role_ids: Iterable[UUID]) -> Carried:
    """What these roles carry, with those within them."""
    chosen = [id_parameter(each) for each in role_ids]
    if not chosen:
        return NOTHING
    marks = ", ".join(["%s"] * len(chosen))
    return _carried(rows(_OF_ROLES.format(marks=marks) + _RIGHTS, chosen))


def of_group(group_id: UUID) -> Carried:
    """What members of a group have by it and by the groups above it."""
    found = rows(_OF_GROUP, [id_parameter(group_id)])
    return of_roles({_id(row[0]) for row in found})


def _carried(found: Collection[tuple[Any, Any]]) -> Carried:
    if not found:
        return NOTHING
    scopes: set[str] = set()
    permissions: set[str] = set()
    for theirs, allowed in found:
        scopes |= set(_list(theirs))
        permissions |= set(_list(allowed))
    # a permission that a later version does not have any more allows nothing
    return Carried(frozenset(scopes), frozenset(Permission(each) for each in permissions & KNOWN))


def _id(stored: UUID | str) -> UUID:
    return stored if isinstance(stored, UUID) else UUID(stored)


def _list(stored: Any) -> list[str]:
    """A JSON column as a statement of our own answers it: as text, unless the driver reads it."""
    found: list[str] = json.loads(stored) if isinstance(stored, str) else stored
    return found
