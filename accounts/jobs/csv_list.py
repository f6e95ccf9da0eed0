from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from accounts.audit.csv_lists import CsvList, in_batches
from accounts.authorization.permissions import Permission
from accounts.jobs.models import Job


def _lines(rows: QuerySet[Job], now: datetime) -> Iterator[Sequence[object]]:
    del now
    for job in in_batches(rows, "-created_at", "pk"):
        yield [
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


CSV: Final = CsvList(
    name="jobs",
    action="job.exported",
    needs=Permission.JOB_VIEW_ALL,
    header=(
        *("id", "kind", "about", "state", "asked_by", "created_at", "started_at", "finished_at"),
        *("attempts", "error"),
    ),
    lines=_lines,
)
