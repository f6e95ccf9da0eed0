from __future__ import annotations

from typing import Final

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.audit import record
from accounts.authorization.permissions import Permission
from accounts.jobs import queries
from accounts.models import Job
from console.jobs.views import narrowed
from console.ui import downloads
from console.ui.access import ConsoleRequest, requires

HEADER: Final = (
    *("id", "kind", "about", "state", "asked_by", "created_at", "started_at", "finished_at"),
    *("attempts", "error"),
)
"""Names for programs: they are not translated."""


@requires(Permission.JOB_VIEW_ALL)
@require_safe
def export(request: ConsoleRequest) -> StreamingHttpResponse:
    now, filters = timezone.now(), downloads.filters(request, "state", "kind")
    rows = queries.visible_to(request.user).filter(**narrowed(request))
    rows = rows.order_by("-created_at", "pk")
    record("job.exported", by=request.user, detail={"filters": filters}, at=now)
    lines = (_line(job) for job in rows.iterator(chunk_size=downloads.BATCH))
    return downloads.csv_file("jobs", HEADER, lines, at=now)


def _line(job: Job) -> list[object]:
    return [
        job.pk,
        job.kind,
        job.subject_label,
        job.state,
        job.asked_by,
        job.created_at,
        job.started_at,
        job.finished_at,
        job.attempt,
        job.error,
    ]
