"""One import, planned and applied by a worker to which things happen: in the end it is the same."""

from __future__ import annotations

from typing import Final

from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.imports import actions
from accounts.models import (
    ImportRun,
    PlannedChange,
    RejectedRow,
    RemovedAccount,
    Source,
    SourceAccount,
)
from tests.factories.imports import bring, make_source, rows, upload
from tests.jobs.killed import Disturbed, Step
from tests.jobs.snapshot import Snapshot, snapshot

ACCOUNTS: Final = 4000
COUNTS: Final = ("new", "changed", "unchanged", "missing", "rejected")
PLANNED: Final = (1500, 1267, 2533, 199, 2)


def line(number: int, purpose: str = "as before") -> str:
    return f"SA-{number:05d},svc-{number:05d},o@x.y,{purpose}"


BEFORE: Final = rows(*[line(n) for n in range(ACCOUNTS)])
AFTER: Final = rows(
    *[line(n, "changed" if n % 3 == 0 else "as before") for n in range(200, ACCOUNTS)],
    "SA-00007,bad\u202ename,,",
    *[line(n) for n in range(ACCOUNTS, ACCOUNTS + 1500)],
    "SA-99999,,,",
)


def begin() -> tuple[Source, ImportRun]:
    """An import whose plan waits to be made."""
    source = make_source()
    bring(source, BEFORE)
    return source, upload(source, AFTER)


def confirm(run: ImportRun) -> None:
    actions.confirm(by=SYSTEM, import_run=run, at=timezone.now())


def run_through(step: Step) -> Snapshot:
    """The whole import; between plan and confirmation nothing may have changed."""
    source, run = begin()
    step("plan")
    run.refresh_from_db()
    assert (run.state, *[getattr(run, name) for name in COUNTS]) == ("planned", *PLANNED)
    assert not SourceAccount.objects.filter(attributes__purpose="changed").exists()
    assert SourceAccount.objects.filter(source=source).count() == ACCOUNTS
    confirm(run)
    step("apply")
    run.refresh_from_db()
    assert (run.state, run.removed, run.planned_again) == ("applied", 199, False)
    return told(run)


def told(run: ImportRun) -> Snapshot:
    """Everything that an import leaves behind, events included."""
    return snapshot(
        [
            *(Source, SourceAccount, RemovedAccount, ImportRun),
            # a worker of an installation does other things, too
            Event.objects.filter(subject_type__in=["source", "import", "job"]),
            PlannedChange.objects.filter(plan=run.plan or 0),
            RejectedRow.objects.filter(plan=run.plan or 0),
        ]
    )


disturbed: Final = Disturbed(run_through)
