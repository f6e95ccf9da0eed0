from __future__ import annotations

from typing import Final

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.audit import record
from accounts.authorization.permissions import Permission
from accounts.models import AccessRequest
from accounts.requests.states import State
from console.ui import downloads
from console.ui.access import ConsoleRequest, requires

HEADER: Final = (
    *("number", "id", "kind", "asked_by", "for", "reason", "state", "asked_at", "due_at"),
    *("decided_at", "closed_at", "approvers", "decided_by", "comments", "failure"),
)
"""Names for programs: they are not translated."""


@requires(Permission.REQUEST_VIEW_ALL)
@require_safe
def export(request: ConsoleRequest) -> StreamingHttpResponse:
    now, filters = timezone.now(), downloads.filters(request, "state")
    rows = AccessRequest.objects.select_related("requester", "requested_for")
    if filters.get("state") in State.values:
        rows = rows.filter(state=filters["state"])
    rows = rows.prefetch_related("approvals__approver", "approvals__decided_by")
    record("request.exported", by=request.user, detail={"filters": filters}, at=now)
    rows = rows.order_by("-asked_at", "pk")
    lines = (_line(asked) for asked in rows.iterator(chunk_size=downloads.BATCH))
    return downloads.csv_file("requests", HEADER, lines, at=now)


def _line(asked: AccessRequest) -> list[object]:
    parts = sorted(asked.approvals.all(), key=lambda part: part.pk)
    return [
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
        "; ".join(part.approver.user_name if part.approver else "administrators" for part in parts),
        "; ".join(part.decided_by.user_name for part in parts if part.decided_by),
        "; ".join(part.comment for part in parts if part.comment),
        asked.failure,
    ]
