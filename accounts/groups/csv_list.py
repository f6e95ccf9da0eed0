from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from accounts.audit.csv_lists import CsvList, in_batches
from accounts.authorization.permissions import Permission
from accounts.groups.models import Group


def _lines(rows: QuerySet[Group], now: datetime) -> Iterator[Sequence[object]]:
    del now
    for group in in_batches(rows.prefetch_related("group_roles__role"), "name", "pk"):
        yield [
            group.name,
            group.pk,
            group.description,
            group.manager.user_name if group.manager else None,
            group.parent.name if group.parent else None,
            "; ".join(sorted(each.role.name for each in group.group_roles.all())),
            group.may_be_requested,
            group.approvers,
            group.created_at,
            group.created_by,
            group.changed_at,
        ]


CSV: Final = CsvList(
    name="groups",
    action="group.exported",
    needs=Permission.GROUP_VIEW,
    header=(
        *("name", "id", "description", "manager", "parent", "roles", "may_be_requested"),
        *("approvers", "created_at", "created_by", "changed_at"),
    ),
    lines=_lines,
)
