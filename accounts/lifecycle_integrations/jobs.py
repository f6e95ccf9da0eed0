from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.audit.actors import SYSTEM
from accounts.authorization.permissions import Permission
from accounts.jobs.kinds import JobKind, kinds
from accounts.jobs.models import Job
from accounts.jobs.run import Run
from accounts.lifecycle_integrations.models import LifecycleIntegration, LifecycleRun
from accounts.lifecycle_integrations.runs import KIND
from accounts.lifecycle_integrations.states import BUSY, RunState, Status
from accounts.lifecycle_integrations.syncing import note_failure, synchronize


class Synchronize(JobKind):
    label: str | Promise = gettext_lazy("Synchronization of an application")
    permission: Permission | None = Permission.TENANT_MANAGE

    def run(self, run: Run) -> Mapping[str, Any]:
        return synchronize(run)

    def lock_to_fail(self, job: Job, *, wait: bool) -> bool:
        """The integration, which its work locks before the job, too."""
        rows = LifecycleIntegration.objects.filter(runs__job_id=job.pk)
        locked = rows.select_for_update(of=("self",), skip_locked=not wait)
        return bool(list(locked.values_list("pk"))) or not rows.exists()

    def ended(self, job: Job, *, error: str, at: datetime) -> None:
        run = LifecycleRun.objects.filter(job_id=job.pk, state__in=BUSY).first()
        if run is None:
            return
        if error:
            note_failure(run, error, by=SYSTEM, at=at)
            return
        run.state, run.finished_at = RunState.CANCELLED, at
        run.save(update_fields=["state", "finished_at"])
        found = run.integration
        found.status = Status.UP_TO_DATE if found.last_synced_at else Status.VALIDATED
        found.save(update_fields=["status"])


def register() -> None:
    kinds.register(KIND, Synchronize())
