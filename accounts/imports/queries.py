from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from accounts.identities.models import Identity
from accounts.imports.files.dialect import folded
from accounts.imports.files.reader import REJECTED_COLUMN, REJECTED_LINE, REJECTED_REASON
from accounts.imports.models import ImportRun, ImportRunQuerySet, PlannedChange, RejectedRow
from accounts.imports.states import Change, State
from accounts.jobs.models import Job
from accounts.lib.csv_safety import plain_cell
from accounts.sources.export import file_dialect, write
from accounts.sources.models import Source
from accounts.sources.schema import shape_of


def visible_to(person: Identity) -> ImportRunQuerySet:
    """Imports of the sources that a person may see."""
    sources = Source.objects.visible_to(person)
    return ImportRun.objects.filter(source__in=sources).select_related("source")


def history(source: Source) -> ImportRunQuerySet:
    """All imports of a source: Details, Upload Date, Accounts Scanned, Status."""
    return ImportRun.objects.filter(source=source).newest_first()


def superseded_by(import_run: ImportRun) -> ImportRunQuerySet:
    """The imports that had waited, and whose place this one took when its plan was made."""
    if import_run.planned_at is None:
        return ImportRun.objects.none()
    return ImportRun.objects.exclude(failure="").filter(
        source=import_run.source_id, state=State.CANCELLED, finished_at=import_run.planned_at
    )


def newer_than(import_run: ImportRun) -> ImportRun | None:
    """The import that took the place of this one, if one did."""
    if import_run.state != State.CANCELLED or not import_run.failure:
        return None
    return ImportRun.objects.filter(
        source=import_run.source_id, planned_at=import_run.finished_at
    ).first()


def job_of(import_run: ImportRun) -> Job | None:
    """The job that is at work for it, with its progress."""
    return Job.objects.filter(pk=import_run.job_id).first() if import_run.job_id else None


def changes(import_run: ImportRun, kind: Change) -> QuerySet[PlannedChange]:
    """What the plan does; page by ("line", "id"), which is the order of the file."""
    return PlannedChange.objects.filter(plan=import_run.plan or 0, kind=kind.value)


def rejected(import_run: ImportRun) -> QuerySet[RejectedRow]:
    """Rows that were not taken; page by ("line", "id")."""
    return RejectedRow.objects.filter(plan=import_run.plan or 0)


def rejected_csv(import_run: ImportRun) -> Iterator[bytes]:
    """The rejected rows with line, column and reason before them, to be mended and sent again.

    Nobody need remove the three columns: an import passes over them.
    """
    header = [str(name) for name in import_run.header]
    shape = shape_of(import_run.source)

    def rows() -> Iterator[Sequence[str]]:
        yield [REJECTED_LINE, REJECTED_COLUMN, REJECTED_REASON, *header]
        for row in rejected(import_run).order_by("line", "id").iterator(chunk_size=2000):
            content = json.loads(row.content)
            said = (str(row.line), row.column, row.reason)
            if isinstance(content, list):
                yield [*said, *(plain_cell(cell) for cell in content)]
                continue
            for cells in shape.cells_of(content):
                by_name = dict(zip(map(folded, shape.columns), cells, strict=True))
                found = [by_name.get(folded(name), "") for name in header]
                yield [*said, *found]

    return write(rows(), file_dialect(import_run.source))
