from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from accounts.audit.csv_lists import CsvList, in_batches
from accounts.authorization.permissions import Permission
from tokens.credentials.models import Credential
from tokens.personal_access_tokens import queries


def _lines(rows: QuerySet[Credential], now: datetime) -> Iterator[Sequence[object]]:
    for token in in_batches(rows, "created_at", "pk"):
        yield [
            token.name,
            token.pk,
            token.identity.user_name,
            queries.status_of(token, now).value,
            " ".join(token.scopes),
            token.created_at,
            token.created_by,
            token.expires_at,
            token.last_used_at,
            token.revoked_at,
            token.revoked_by,
        ]


CSV: Final = CsvList(
    name="personal-access-tokens",
    action="personal_access_token.exported",
    needs=Permission.TOKEN_VIEW_ALL,
    header=(
        *("name", "id", "holder", "status", "scopes", "created_at", "created_by"),
        *("expires_at", "last_used_at", "revoked_at", "revoked_by"),
    ),
    lines=_lines,
)
