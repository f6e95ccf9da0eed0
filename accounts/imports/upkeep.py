"""What imports leave behind, and when it goes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import models

from accounts.imports.files import uploads
from accounts.imports.models import ImportRun, Plan, PlannedChange, RejectedRow
from accounts.imports.states import FINISHED, State
from accounts.sources import removal

KEEP_PLANS: Final = timedelta(days=1)
"""After an import has ended, its plan can still be read this long."""
KEEP_REJECTED: Final = timedelta(days=30)
KEEP_FILES: Final = timedelta(days=30)
GIVE_UP_WAITING: Final = timedelta(days=30)
"""An import that nobody confirmed."""
FORGET_STRAYS: Final = timedelta(days=1)
ROWS_AT_ONCE: Final = 20_000


def tidy(*, at: datetime) -> None:
    """Forget in small steps, each its own transaction; safe to repeat and to cut off."""
    _give_up_old(at)
    for plan in Plan.objects.filter(begun_at__lt=at - timedelta(hours=1)).order_by("pk"):
        run = ImportRun.objects.filter(pk=plan.run_id).first()
        if run is None or (run.plan != plan.pk and run.state != State.PLANNING):
            _forget(*_rows_of(plan))
            plan.delete()
        elif run.finished_at is not None:
            if run.finished_at < at - KEEP_PLANS:
                _forget(_rows_of(plan)[0])
            if run.finished_at < at - KEEP_REJECTED:
                _forget(*_rows_of(plan))
                plan.delete()
    _forget_files(at)
    removal.forget_old(at=at)


def _give_up_old(at: datetime) -> None:
    waiting = ImportRun.objects.filter(
        state__in=[State.UPLOADED, State.PLANNED, State.HELD],
        uploaded_at__lt=at - GIVE_UP_WAITING,
    )
    waiting.update(state=State.CANCELLED, finished_at=at, job_id=None)


def _rows_of(plan: Plan) -> tuple[models.QuerySet[Any], models.QuerySet[Any]]:
    return (
        PlannedChange.objects.filter(plan=plan.pk),
        RejectedRow.objects.filter(plan=plan.pk),
    )


def _forget(*rows: models.QuerySet[Any]) -> None:
    for found in rows:
        while found.filter(pk__in=found.values("pk")[:ROWS_AT_ONCE]).delete()[0]:
            pass


def _forget_files(at: datetime) -> None:
    old = ImportRun.objects.filter(
        state__in=[state.value for state in FINISHED], finished_at__lt=at - KEEP_FILES
    ).exclude(stored_name="")
    for run in old[:100]:
        uploads.forget(run.stored_name)
        ImportRun.objects.filter(pk=run.pk).update(stored_name="")
    for name in uploads.written_before(at - FORGET_STRAYS):
        # an upload that was cut off before its import was written
        if not ImportRun.objects.filter(stored_name=name).exists():
            uploads.forget(name)
