"""The two jobs of an import: its plan, and applying it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.audit import record
from accounts.audit.actors import SYSTEM
from accounts.audit.models import Outcome
from accounts.imports.apply import apply_plan
from accounts.imports.files.errors import FileRefused
from accounts.imports.models import ImportRun
from accounts.imports.plan import make_plan
from accounts.imports.scheduled import FAILED, tell
from accounts.imports.states import State
from accounts.jobs.models import Job
from accounts.jobs.run import LostJob, Run
from accounts.lib.errors import DomainError
from accounts.sources.actions import note_health
from accounts.sources.directory.errors import DirectoryRefused
from accounts.sources.job_rules import SourceJob
from accounts.sources.models import Source


class ImportJob(SourceJob):
    """What both have in common: a job that fails or is cancelled ends its import, too."""

    def lock_to_fail(self, job: Job, *, wait: bool) -> bool:
        """The source, whose health is noted: applying locks it before the job, too."""
        source = Source.objects.filter(import_runs__job_id=job.pk)
        locked = source.select_for_update(of=("self",), skip_locked=not wait)
        return bool(list(locked.values_list("pk"))) or not source.exists()

    def ended(self, job: Job, *, error: str, at: datetime) -> None:
        import_run = ImportRun.objects.unfinished().filter(job_id=job.pk).first()
        if import_run is None:
            return
        import_run.state = State.FAILED if error else State.CANCELLED
        import_run.failure = import_run.failure or error[:500]
        import_run.finished_at, import_run.job_id = at, None
        import_run.save(update_fields=["state", "failure", "finished_at", "job_id"])
        if error:
            is_reading = import_run.auto_apply and not import_run.stored_name
            # a program that sent a file asks for its end itself
            if is_reading and import_run.source.failing_since is None:
                tell(import_run, FAILED, at=at)
            note_health(import_run.source, failure=error, at=at)
        record(
            "import.failed" if error else "import.cancelled",
            by=SYSTEM,
            subject=import_run,
            outcome=Outcome.FAILED if error else Outcome.DONE,
            reason=error,
            at=at,
        )

    def import_run(self, run: Run) -> ImportRun:
        """The import of this job.

        Raises:
            LostJob: it does not belong to this job any more.
        """
        found = (
            ImportRun.objects.select_related("source")
            .filter(pk=run.payload["import"], job_id=run.job.pk)
            .first()
        )
        if found is None:
            raise LostJob
        return found

    def note_refusal(self, import_run: ImportRun, error: DomainError) -> None:
        """Keep why and where for the page; the end of the job tells the rest."""
        named = error.reason if isinstance(error, FileRefused | DirectoryRefused) else error.code
        ImportRun.objects.filter(pk=import_run.pk).update(
            failure=error.message[:500],
            failure_reason=named,
            failure_line=error.line if isinstance(error, FileRefused) else None,
        )


class PlanImport(ImportJob):
    label: str | Promise = gettext_lazy("Plan of an import")

    def run(self, run: Run) -> Mapping[str, Any]:
        import_run = self.import_run(run)
        try:
            return make_plan(run, import_run)
        except DomainError as error:
            self.note_refusal(import_run, error)
            raise


class ApplyImport(ImportJob):
    label: str | Promise = gettext_lazy("Import of accounts")

    def run(self, run: Run) -> Mapping[str, Any]:
        import_run = self.import_run(run)
        try:
            return apply_plan(run, import_run)
        except DomainError as error:
            self.note_refusal(import_run, error)
            raise
