"""One attempt at a job: taking it, telling how far it is, and ending it, fenced by its attempt."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import SYSTEM, Actor
from accounts.audit.models import Outcome
from accounts.authorization.policies import may
from accounts.identities.models import Identity
from accounts.jobs.kinds import JobKind, kinds
from accounts.jobs.models import Job
from accounts.jobs.states import State
from accounts.lib.errors import DomainError

LEASE = timedelta(seconds=30)
"""How long a silent worker keeps a job; a sign of progress renews it."""
PROGRESS_SECONDS = 1.0
"""Least time between two writes of progress, so that telling costs nothing beside doing."""

logger = logging.getLogger(__name__)


class LostJob(Exception):
    """Another attempt has taken the job over; this one must stop and write nothing."""


class Cancelled(Exception):
    """Somebody asked that the job be stopped."""


class Run:
    """One attempt, as the kind of job sees it."""

    def __init__(
        self, job: Job, actor: Actor, clock: Callable[[], datetime] = timezone.now
    ) -> None:
        self.job = job
        self.actor = actor
        self.payload: dict[str, Any] = job.payload
        self.clock = clock
        self._told_at = float("-inf")

    def progress(self, done: int, total: int | None = None, phase: str = "") -> None:
        """Tell how far it is; renews the lease. Cheap to call for every row.

        Raises:
            Cancelled: somebody asked for it.
            LostJob: the lease had run out and another attempt began.
        """
        if time.monotonic() - self._told_at < PROGRESS_SECONDS:
            return
        self._told_at = time.monotonic()
        now = self.clock()
        values: dict[str, Any] = {"done": done, "heartbeat_at": now, "lease_until": now + LEASE}
        if total is not None:
            values["total"] = total
        if phase:
            values["phase"] = phase[:200]
        if not self._mine().update(**values):
            raise LostJob
        if self._mine().filter(cancel_asked_at__isnull=False).exists():
            raise Cancelled

    def phase(self, text: str, *, total: int | None = None) -> None:
        """Begin another part of the work, told at once."""
        self._told_at = float("-inf")
        self.progress(0, total, text)

    def hold(self) -> None:
        """Make sure, inside a transaction, that this attempt still has the job until it ends.

        Raises:
            LostJob: it has not.
        """
        if not self._mine().select_for_update().exists():
            raise LostJob

    def finish(self, result: dict[str, Any]) -> None:
        """End the job well; may be called inside the transaction that did its work."""
        now = self.clock()
        ended = self._mine().update(
            state=State.SUCCEEDED, finished_at=now, lease_until=None, result=result, phase=""
        )
        if not ended:
            raise LostJob
        record("job.succeeded", by=self.actor, subject=self.job, detail=result, at=now)

    def _mine(self) -> Any:
        return Job.objects.filter(
            pk=self.job.pk, state=State.RUNNING, attempt=self.job.attempt
        )


def _take(job_id: UUID, now: datetime) -> Job | None:
    taken = Job.objects.due_at(now).filter(pk=job_id).update(
        state=State.RUNNING,
        attempt=F("attempt") + 1,
        started_at=now,
        heartbeat_at=now,
        lease_until=now + LEASE,
        done=0,
        total=None,
        phase="",
    )
    return Job.objects.get(pk=job_id) if taken else None


def _actor_of(job: Job) -> Actor | None:
    if job.asked_by_id == SYSTEM.actor_id:
        return SYSTEM
    return Identity.objects.filter(pk=job.asked_by_id).first()


def _check_permission(kind: JobKind, actor: Actor | None) -> Actor:
    if actor is None or (kind.permission is not None and not may(actor, kind.permission)):
        raise DomainError(message=_("Whoever asked for this may not do it any more."))
    return actor


def run_job(job_id: UUID, clock: Callable[[], datetime] = timezone.now) -> None:
    """Do a job if it is to be done: what a queue delivers, once, twice or late."""
    job = _take(job_id, clock())
    if job is None:
        return
    kind, actor = kinds.get(job.kind), _actor_of(job)
    run = Run(job, actor or SYSTEM, clock)
    try:
        _check_permission(kind, actor)
        result = dict(kind.run(run))
        if Job.objects.filter(pk=job.pk, state=State.RUNNING).exists():
            with transaction.atomic():
                run.hold()
                run.finish(result)
    except LostJob:
        logger.warning("Job was taken over by another attempt", extra={"job": str(job.pk)})
    except Cancelled:
        _end(run, State.CANCELLED, "")
    except DomainError as error:
        _end(run, State.FAILED, error.message)
    except Exception:
        logger.exception("Job failed", extra={"job": str(job.pk), "kind": job.kind})
        _end(run, State.FAILED, _("It stopped because of a fault in Steward. See the log."))


def _end(run: Run, state: State, error: str) -> None:
    now = run.clock()
    with transaction.atomic():
        ended = run._mine().update(
            state=state, finished_at=now, lease_until=None, error=error[:500]
        )
        if ended:
            outcome = Outcome.FAILED if state == State.FAILED else Outcome.DONE
            record(
                f"job.{state}", by=run.actor, subject=run.job, outcome=outcome, reason=error, at=now
            )
