from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from accounts.audit.csv_lists import CsvList, in_batches
from accounts.authorization.permissions import Permission
from accounts.roles.models import Role

BOUND: Final = ("containments__contained", "group_roles__group")


def _lines(rows: QuerySet[Role], now: datetime) -> Iterator[Sequence[object]]:
    del now
    for role in in_batches(rows.prefetch_related(*BOUND), "name", "pk"):
        yield [
            role.name,
            role.pk,
            role.description,
            " ".join(role.scopes),
            " ".join(role.permissions),
            "; ".join(sorted(each.contained.name for each in role.containments.all())),
            "; ".join(sorted(each.group.name for each in role.group_roles.all())),
            role.created_at,
            role.created_by,
            role.changed_at,
        ]


CSV: Final = CsvList(
    name="roles",
    action="role.exported",
    needs=Permission.GROUP_VIEW,
    header=(
        *("name", "id", "description", "scopes", "permissions", "contains", "groups"),
        *("created_at", "created_by", "changed_at"),
    ),
    lines=_lines,
)
