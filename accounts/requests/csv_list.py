from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from accounts.audit.csv_lists import CsvList, in_batches
from accounts.authorization.permissions import Permission
from accounts.requests.models import AccessRequest, Approval

PARTS: Final = ("approvals__approver", "approvals__decided_by")


def _lines(rows: QuerySet[AccessRequest], now: datetime) -> Iterator[Sequence[object]]:
    del now
    found = rows.select_related("requester", "requested_for").prefetch_related(*PARTS)
    for asked in in_batches(found, "-asked_at", "pk"):
        parts = sorted(asked.approvals.all(), key=lambda part: part.pk)
        yield [
            asked.number,
            asked.pk,
            asked.kind,
            asked.requester.user_name,
            asked.requested_for.user_name if asked.requested_for else None,
            asked.reason,
            asked.state,
            asked.asked_at,
            asked.due_at,
            asked.decided_at,
            asked.closed_at,
            "; ".join(_approver(part) for part in parts),
            "; ".join(part.decided_by.user_name for part in parts if part.decided_by),
            "; ".join(part.comment for part in parts if part.comment),
            asked.failure,
        ]


def _approver(part: Approval) -> str:
    return part.approver.user_name if part.approver else "administrators"


CSV: Final = CsvList(
    name="requests",
    action="request.exported",
    needs=Permission.REQUEST_VIEW_ALL,
    header=(
        *("number", "id", "kind", "asked_by", "for", "reason", "state", "asked_at", "due_at"),
        *("decided_at", "closed_at", "approvers", "decided_by", "comments", "failure"),
    ),
    lines=_lines,
)
