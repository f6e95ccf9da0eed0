"""What roles somebody has, by whatever way, and what these carry: asked anew each time.

The tables of groups are named here in SQL: rights are read with an identity, and its model may
not import what is about it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from accounts.authorization.permissions import Permission
from accounts.lib.sql import id_parameter, rows, time_parameter

KNOWN: Final = frozenset(permission.value for permission in Permission)

_REACHED: Final = """
    WITH RECURSIVE above(identity_id, id) AS (
        SELECT m.identity_id, m.group_id FROM accounts_membership m
        WHERE m.identity_id IN ({marks}) AND (m.until IS NULL OR m.until > %s)
        UNION
        SELECT above.identity_id, g.parent_id FROM accounts_group g JOIN above ON g.id = above.id
        WHERE g.parent_id IS NOT NULL
    ), given(identity_id, id) AS (
        SELECT above.identity_id, r.role_id FROM accounts_grouprole r
        JOIN above ON r.group_id = above.id
        UNION
        SELECT a.identity_id, a.role_id FROM accounts_roleassignment a
        WHERE a.identity_id IN ({marks}) AND (a.until IS NULL OR a.until > %s)
    ), reached(identity_id, id) AS (
        SELECT identity_id, id FROM given
        UNION
        SELECT reached.identity_id, c.contained_id FROM accounts_rolecontainment c
        JOIN reached ON c.role_id = reached.id
    )
"""
_RIGHTS: Final = (
    "SELECT r.scopes, r.permissions FROM accounts_role r JOIN reached ON r.id = reached.id"
)
_RIGHTS_OF_EACH: Final = (
    "SELECT reached.identity_id, r.scopes, r.permissions FROM accounts_role r "
    "JOIN reached ON r.id = reached.id"
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
    return _carried(_reached([identity_id], _RIGHTS, now))


def of_identities(identity_ids: Sequence[UUID], now: datetime) -> dict[UUID, Carried]:
    """As `of_identity`, of several by one statement; who has no role is left out."""
    found: dict[UUID, list[tuple[Any, Any]]] = {}
    for identity_id, scopes, permissions in _reached(identity_ids, _RIGHTS_OF_EACH, now):
        found.setdefault(_id(identity_id), []).append((scopes, permissions))
    return {identity_id: _carried(theirs) for identity_id, theirs in found.items()}


def role_ids_of(identity_id: UUID, now: datetime) -> frozenset[UUID]:
    """All roles that an identity has at `now`, by whatever way."""
    return frozenset(_id(row[0]) for row in _reached([identity_id], _IDS, now))


def _reached(identity_ids: Sequence[UUID], select: str, now: datetime) -> list[tuple[Any, ...]]:
    if not identity_ids:
        return []
    statement = _REACHED.format(marks=", ".join(["%s"] * len(identity_ids))) + select
    asked = [*(id_parameter(each) for each in identity_ids), time_parameter(now)]
    return rows(statement, [*asked, *asked])


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


def _carried(found: Collection[tuple[Any, ...]]) -> Carried:
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
