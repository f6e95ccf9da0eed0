from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from accounts.audit.csv_lists import CsvList
from accounts.authorization.permissions import Permission
from accounts.models import ServiceAccount
from tokens.service_accounts.queries import for_export


def _lines(rows: QuerySet[ServiceAccount], now: datetime) -> Iterator[Sequence[object]]:
    for row in for_export(rows, now):
        account = row.account
        yield [
            account.name,
            account.pk,
            account.description,
            account.owner.user_name if account.owner else None,
            account.status_at(now).value,
            " ".join(account.scopes),
            row.keys.count,
            row.keys.ends_at,
            row.last_used_at,
            account.ends_at,
            account.created_at,
            account.created_by,
            account.identity.email,
            account.successor.user_name if account.successor else None,
        ]


CSV: Final = CsvList(
    name="service-accounts",
    action="service_account.exported",
    needs=Permission.SERVICE_ACCOUNT_EXPORT,
    header=(
        *("name", "id", "description", "owner", "status", "scopes", "usable_keys"),
        *("soonest_key_end", "last_used_at", "ends_at", "created_at", "created_by"),
        *("contact_email", "successor"),
    ),
    lines=_lines,
)
