from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from accounts.audit.csv_lists import CsvList, in_batches
from accounts.authorization.permissions import Permission
from accounts.models import StoredAccount
from console.vault import shown


def _lines(rows: QuerySet[StoredAccount], now: datetime) -> Iterator[Sequence[object]]:
    del now
    for item in in_batches(rows, "label", "pk"):
        yield [
            item.label,
            item.pk,
            item.kind,
            item.application,
            item.url,
            item.username,
            item.vault.name,
            item.collection,
            shown.owners_of(item),
            getattr(item, "has_password", False),
            item.rotation_due_at,
            item.created_at,
            item.created_by,
            item.changed_at,
            item.deleted_at,
        ]


CSV: Final = CsvList(
    name="stored-accounts",
    action="stored_account.exported",
    needs=Permission.VAULT_OWN,
    header=(
        *("label", "id", "kind", "application", "url", "username", "vault", "collection"),
        *("owners", "has_password", "rotation_due_at", "created_at", "created_by"),
        *("changed_at", "deleted_at"),
    ),
    lines=_lines,
)
"""No secret is among them."""
