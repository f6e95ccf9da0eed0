"""The two jobs of identity processing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.audit import record
from accounts.audit.actors import SYSTEM
from accounts.audit.models import Outcome
from accounts.authorization.permissions import Permission
from accounts.jobs.kinds import JobKind
from accounts.jobs.models import Job
from accounts.jobs.run import LostJob, Run
from accounts.profiles.processing.apply import apply_plan
from accounts.profiles.processing.models import Processing
from accounts.profiles.processing.plan import make_plan
from accounts.profiles.processing.states import State


class ProcessingJob(JobKind):
    """What both have in common: a job that fails or is cancelled ends its processing, too."""

    permission: Permission | None = Permission.PROFILE_PROCESS
    """The least with which one is asked for; the actions ask for more where they do more."""

    def ended(self, job: Job, *, error: str, at: datetime) -> None:
        processing = Processing.objects.unfinished().filter(job_id=job.pk).first()
        if processing is None:
            return
        processing.state = State.FAILED if error else State.CANCELLED
        processing.failure = error[:500]
        processing.finished_at, processing.job_id = at, None
        processing.save(update_fields=["state", "failure", "finished_at", "job_id"])
        record(
            "identity_processing.failed" if error else "identity_processing.cancelled",
            by=SYSTEM,
            subject=processing,
            outcome=Outcome.FAILED if error else Outcome.DONE,
            reason=error,
            at=at,
        )

    def processing(self, run: Run) -> Processing:
        """The processing of this job.

        Raises:
            LostJob: it does not belong to this job any more.
        """
        found = (
            Processing.objects.select_related("profile__source")
            .filter(pk=run.payload["processing"], job_id=run.job.pk)
            .first()
        )
        if found is None:
            raise LostJob
        return found


class PlanProcessing(ProcessingJob):
    label: str | Promise = gettext_lazy("Plan of identity processing")

    def run(self, run: Run) -> Mapping[str, Any]:
        return make_plan(run, self.processing(run))


class ApplyProcessing(ProcessingJob):
    label: str | Promise = gettext_lazy("Identity processing")

    def run(self, run: Run) -> Mapping[str, Any]:
        return apply_plan(run, self.processing(run))
