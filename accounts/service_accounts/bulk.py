"""Writing many service accounts at once; the actions on a single one that mean the same come here.

The callers check what may be done, and record it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat, Replace

from accounts.audit.actors import Actor
from accounts.lib.sql import Parameter, as_json, execute, id_parameter, time_parameter
from accounts.service_accounts.models import ServiceAccount

TABLE = "accounts_serviceaccount"
AT_ONCE = 500


def insert_from(
    rows: str, parameters: Sequence[Parameter], *, by: Actor, owner_id: UUID | None, at: datetime
) -> int:
    """Write new service accounts, without scopes, for identities that are written already.

    The SQL rows have `identity_id`, `name`, `name_key` and `description`, clean as the form's
    details are; the owner was checked. Fails as a whole where a name is taken.
    """
    no_scopes = as_json("'[]'")
    return execute(
        f"INSERT INTO {TABLE} (identity_id, name, name_key, description, owner_id, scopes, "  # noqa: S608
        "revision, created_at, created_by, changed_at, deleted_by) "
        f"SELECT p.identity_id, p.name, p.name_key, p.description, %s, {no_scopes}, "
        f"1, %s, %s, %s, '' FROM ({rows}) p",
        [
            id_parameter(owner_id) if owner_id else None,
            *(time_parameter(at), by.label[:200], time_parameter(at)),
            *parameters,
        ],
    )


def update_from(rows: str, parameters: Sequence[Parameter], *, at: datetime) -> int:
    """Change names, and descriptions where there is one, to what SQL rows say."""
    return execute(
        f"UPDATE {TABLE} SET name = p.name, name_key = p.name_key, "  # noqa: S608
        f"description = coalesce(p.description, {TABLE}.description), "
        f"revision = revision + 1, changed_at = %s FROM ({rows}) p "
        f"WHERE {TABLE}.identity_id = p.identity_id AND {TABLE}.deleted_at IS NULL "
        f"AND ({TABLE}.name <> p.name OR coalesce(p.description, {TABLE}.description) "
        f"<> {TABLE}.description)",
        [time_parameter(at), *parameters],
    )


def take_scopes(
    chosen: QuerySet[ServiceAccount], names: Collection[str], *, at: datetime
) -> list[tuple[ServiceAccount, list[str]]]:
    """Take scopes from accounts; each that had one, with the scopes that it had before."""
    changed = []
    for account in chosen.select_for_update(of=("self",)).order_by("pk"):
        before = list(account.scopes)
        account.scopes = [name for name in before if name not in names]
        if account.scopes != before:
            account.revision += 1
            account.changed_at = at
            changed.append((account, before))
    ServiceAccount.objects.bulk_update(
        [account for account, _before in changed], ["scopes", "revision", "changed_at"], AT_ONCE
    )
    return changed


def delete_all(chosen: QuerySet[ServiceAccount], *, by: Actor, at: datetime) -> int:
    """Turn those that exist into tombstones; their identities are buried by the caller."""
    return chosen.filter(deleted_at=None).update(
        deleted_at=at,
        deleted_by=by.label[:200],
        name_key=Concat(
            Value("~"), Replace(Cast("pk", CharField(max_length=36)), Value("-"), Value(""))
        ),
    )
