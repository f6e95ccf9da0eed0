from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from accounts.audit.csv_lists import CsvList, in_batches
from accounts.authorization.levels import USER
from accounts.authorization.permissions import Permission
from accounts.identities.models import Identity
from accounts.identities.queries import state_of


def _lines(rows: QuerySet[Identity], now: datetime) -> Iterator[Sequence[object]]:
    for identity in in_batches(rows, "user_name", "pk"):
        yield [
            identity.user_name,
            identity.pk,
            identity.kind,
            identity.display_name,
            identity.first_name,
            identity.last_name,
            identity.email,
            " ".join(sorted(identity.levels)) or USER,
            state_of(identity, now),
            identity.origin,
            identity.created_at,
            identity.last_login,
        ]


CSV: Final = CsvList(
    name="identities",
    action="identity.exported",
    needs=Permission.IDENTITY_EXPORT,
    header=(
        *("user_name", "id", "kind", "display_name", "first_name", "last_name", "email", "levels"),
        *("status", "origin", "created_at", "last_signed_in_at"),
    ),
    lines=_lines,
)
