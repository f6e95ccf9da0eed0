from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from accounts.audit.csv_lists import CsvList, in_batches
from accounts.authorization.permissions import Permission
from accounts.sources.models import Source


def _lines(rows: QuerySet[Source], now: datetime) -> Iterator[Sequence[object]]:
    del now
    for source in in_batches(rows, "name", "pk"):
        yield [
            source.name,
            source.pk,
            source.description,
            source.connector,
            source.owner.user_name if source.owner else None,
            source.status.value,
            source.account_count,
            source.created_at,
        ]


CSV: Final = CsvList(
    name="sources",
    action="source.exported",
    needs=Permission.SOURCE_VIEW_ALL,
    header=(*("name", "id", "description", "type", "owner", "status", "accounts", "created_at"),),
    lines=_lines,
)
