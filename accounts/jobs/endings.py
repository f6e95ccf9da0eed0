"""How a job ends that was not done."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.audit.models import Outcome
from accounts.jobs.kinds import kinds
from accounts.jobs.models import Job
from accounts.jobs.states import State


@transaction.atomic
def close(
    job: Job, *, state: State, by: Actor, at: datetime, error: str = "", attempt: int | None = None
) -> bool:
    """End a job as failed or cancelled, if it has not ended; with `attempt`, only if that runs.

    Who holds the row of the job may cancel it, and fails it after `JobKind.lock_to_fail` only.
    """
    if state == State.FAILED and job.kind in kinds:
        kinds.get(job.kind).lock_to_fail(job, wait=True)
    still_open = Job.objects.unfinished().filter(pk=job.pk)
    if attempt is not None:
        still_open = still_open.filter(state=State.RUNNING, attempt=attempt)
    if not still_open.update(state=state, finished_at=at, lease_until=None, error=error[:500]):
        return False
    record(
        "job.failed" if state == State.FAILED else "job.cancelled",
        by=by,
        subject=job,
        outcome=Outcome.FAILED if state == State.FAILED else Outcome.DONE,
        reason=error,
        detail={"kind": job.kind},
        at=at,
    )
    if job.kind in kinds:
        kinds.get(job.kind).ended(job, error=error, at=at)
    return True
