from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from accounts.audit.csv_lists import CsvList, in_batches
from accounts.authorization.permissions import Permission
from accounts.integrations.models import Integration


def _lines(rows: QuerySet[Integration], now: datetime) -> Iterator[Sequence[object]]:
    del now
    for one in in_batches(rows, "name", "pk"):
        yield [
            one.name,
            one.pk,
            one.account.name,
            one.account_id,
            one.application,
            one.environment,
            one.owner.user_name if one.owner else None,
            one.contact,
            " ".join(one.scopes),
            one.client,
            one.address,
            one.notes,
            one.created_at,
            one.created_by,
            one.changed_at,
        ]


CSV: Final = CsvList(
    name="integrations",
    action="integration.exported",
    needs=Permission.SERVICE_ACCOUNT_EXPORT,
    header=(
        *("name", "id", "service_account", "service_account_id", "application", "environment"),
        *("owner", "contact", "scopes", "client", "address", "notes", "created_at", "created_by"),
        "changed_at",
    ),
    lines=_lines,
)
