"""Writing many identities at once; the actions on a single one that mean the same come here, too.

The callers check what may be done, and record it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast, Concat, Left, Replace

from accounts.audit.actors import Actor
from accounts.authorization.models import LevelAssignment
from accounts.groups.models import Membership
from accounts.identities.models import Identity, Invitation, Origin
from accounts.lib.sql import (
    Parameter,
    as_json,
    execute,
    id_parameter,
    is_postgres,
    time_parameter,
)
from accounts.roles.models import RoleAssignment

TABLE = "accounts_identity"
KEPT_OF_THE_NAME = 160
"""Characters of the user name of a tombstone, before the id that makes it unique."""


def insert_from(
    rows: str, parameters: Sequence[Parameter], *, kind: str, origin: Origin, at: datetime
) -> int:
    """Write new identities, without a password, from SQL rows that have their columns.

    Names are clean and keys belong to them already; `identity_id` is the id, `attributes` JSON as
    text. Fails as a whole where a user name is taken.
    """
    return execute(
        f"INSERT INTO {TABLE} (id, password, kind, user_name, user_name_key, first_name, "  # noqa: S608
        "last_name, display_name, email, attributes, origin, created_at, changed_at, disabled_by, "
        "deleted_by, session_generation) "
        "SELECT p.identity_id, %s, %s, p.user_name, p.user_name_key, p.first_name, p.last_name, "
        f"p.display_name, p.email, {as_json('p.attributes')}, %s, %s, %s, '', '', 0 "
        f"FROM ({rows}) p",
        [UNUSABLE_PASSWORD_PREFIX, kind, origin.value, *(time_parameter(at),) * 2, *parameters],
    )


def update_from(rows: str, parameters: Sequence[Parameter], *, at: datetime) -> int:
    """Change existing identities to what SQL rows say; as `insert_from`."""
    return execute(
        f"UPDATE {TABLE} SET user_name = p.user_name, user_name_key = p.user_name_key, "  # noqa: S608
        "first_name = p.first_name, last_name = p.last_name, display_name = p.display_name, "
        f"email = p.email, attributes = {as_json('p.attributes')}, changed_at = %s "
        f"FROM ({rows}) p WHERE {TABLE}.id = p.identity_id AND {TABLE}.deleted_at IS NULL",
        [time_parameter(at), *parameters],
    )


def set_managers(chosen: Mapping[UUID, UUID | None], *, at: datetime) -> int:
    """Give many identities the managers that a mapping names, or none, by one statement."""
    if not chosen:
        return 0
    kind = "uuid" if is_postgres() else "text"
    marks = ", ".join([f"(%s, CAST(%s AS {kind}))"] * len(chosen))
    return execute(
        f"UPDATE {TABLE} SET manager_id = v.column2, manager_by_hand = FALSE, "  # noqa: S608
        "changed_at = %s "
        f"FROM (VALUES {marks}) v WHERE {TABLE}.id = v.column1",
        [
            time_parameter(at),
            *(
                None if each is None else id_parameter(each)
                for pair in chosen.items()
                for each in pair
            ),
        ],
    )


def disable_all(chosen: QuerySet[Identity], *, by: Actor, at: datetime) -> int:
    """End all sessions of those that are active, and let them use nothing more.

    Links that are out stop working, and stay so: one may be why they were stopped.
    """
    there = chosen.filter(deleted_at=None, disabled_at=None)
    Invitation.objects.filter(identity__in=there.values("pk")).withdraw(at)
    return there.update(
        disabled_at=at,
        disabled_by=by.label[:200],
        changed_at=at,
        session_generation=F("session_generation") + 1,
    )


def enable_all(chosen: QuerySet[Identity], *, at: datetime) -> int:
    """Take the mark of `disable_all` away."""
    return chosen.filter(deleted_at=None, disabled_at__isnull=False).update(
        disabled_at=None, disabled_by="", changed_at=at
    )


def bury_all(chosen: QuerySet[Identity], *, by: Actor, at: datetime) -> int:
    """Turn those that exist into tombstones: no link, level, factor or session works on."""
    there = chosen.filter(deleted_at=None)
    Invitation.objects.filter(identity__in=there.values("pk")).withdraw(at)
    LevelAssignment.objects.filter(identity__in=there.values("pk")).delete()
    RoleAssignment.objects.filter(identity__in=there.values("pk")).delete()
    Membership.objects.filter(identity__in=there.values("pk")).delete()
    Authenticator.objects.filter(user__in=there.values("pk")).delete()
    freed = Replace(Cast("pk", CharField(max_length=36)), Value("-"), Value(""))
    return there.update(
        deleted_at=at,
        deleted_by=by.label[:200],
        changed_at=at,
        user_name=Concat(Left("user_name", KEPT_OF_THE_NAME), Value("~"), freed),
        user_name_key=Concat(Value("~"), freed),
        password=UNUSABLE_PASSWORD_PREFIX,
        session_generation=F("session_generation") + 1,
    )
