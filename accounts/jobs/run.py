"""One attempt at a job: taking it, telling how far it is, and ending it, fenced by its attempt."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import SYSTEM, Actor
from accounts.audit.context import Means, RequestFacts, request_facts
from accounts.authorization.policies import NotAllowed
from accounts.identities.models import Identity
from accounts.jobs.endings import close
from accounts.jobs.heartbeat import Heartbeat
from accounts.jobs.kinds import JobKind, kinds
from accounts.jobs.models import Job, JobQuerySet
from accounts.jobs.policies import check_may_have
from accounts.jobs.states import State
from accounts.lib.errors import DomainError

LEASE = timedelta(seconds=30)
"""How long a silent worker keeps a job; every sign of life renews it."""
PROGRESS_SECONDS = 1.0
"""Least time between two writes of progress, so that telling costs nothing beside doing."""
PAUSE = timedelta(seconds=5)
"""Before an attempt that follows a fault of the database."""

DISK_FULL = "53100"
"""SQLSTATE of PostgreSQL."""

logger = logging.getLogger(__name__)


class LostJob(Exception):
    """Another attempt has taken the job over; this one must stop and write nothing."""


class Cancelled(Exception):
    """Somebody asked that the job be stopped."""


class NotAllowedAnyMore(DomainError):
    """Whoever asked lost the permission, or is gone, since they asked."""

    code = "not_allowed_any_more"

    def __init__(self) -> None:
        super().__init__(message=_("Not permitted: whoever asked for this may not do it any more."))


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
        self._progress: dict[str, Any] = {}

    def progress(self, done: int, total: int | None = None) -> None:
        """Tell how far it is. Cheap to call often.

        Raises:
            Cancelled: somebody asked for it.
            LostJob: the lease had run out and another attempt began.
        """
        # a new one each time: the heartbeat may be reading the other
        self._progress = self._progress | {"done": done}
        if total is not None:
            self._progress = self._progress | {"total": total}
        if time.monotonic() - self._told_at >= PROGRESS_SECONDS:
            self._tell()

    def phase(self, text: str, *, total: int | None = None) -> None:
        """Begin another part of the work, told at once; raises as `progress` does."""
        self._progress = {"phase": text[:200], "done": 0, "total": total}
        self._tell()

    def beat(self) -> bool:
        """Renew the lease and write the progress; False if this attempt has lost the job."""
        now = self.clock()
        lease = {"heartbeat_at": now, "lease_until": now + LEASE}
        return bool(self.mine().update(**lease, **self._progress))

    def hold(self) -> None:
        """Make sure, inside a transaction, that this attempt has the job until that ends.

        Nobody sees progress from then on, so a long transaction asks at its end.

        Raises:
            LostJob: it has not.
        """
        if not self.mine().select_for_update().exists():
            raise LostJob

    def finish(self, result: dict[str, Any]) -> None:
        """End the job well; may be called inside the transaction that did its work."""
        now = self.clock()
        with transaction.atomic():
            ended = self.mine().update(
                state=State.SUCCEEDED, finished_at=now, lease_until=None, result=result, phase=""
            )
            if not ended:
                raise LostJob
            detail = {"kind": self.job.kind, **result}
            record("job.succeeded", by=self.actor, subject=self.job, detail=detail, at=now)

    def mine(self) -> JobQuerySet:
        """The row of the job, if this attempt still has it."""
        return Job.objects.filter(pk=self.job.pk, state=State.RUNNING, attempt=self.job.attempt)

    def _tell(self) -> None:
        self._told_at = time.monotonic()
        # inside a transaction nobody would see it before the end, and the heartbeat would wait for
        # its row; so the heartbeat alone tells, and here it is only asked
        if not connection.in_atomic_block and not self.beat():
            raise LostJob
        asked = self.mine().values_list("cancel_asked_at", flat=True)
        found = list(asked)
        if not found:
            raise LostJob
        if found[0] is not None:
            raise Cancelled


def run_job(job_id: UUID, clock: Callable[[], datetime] = timezone.now) -> None:
    """Do a job if it is to be done: what a queue delivers, once, twice or late."""
    job = _take(job_id, clock())
    if job is None:
        return
    with request_facts(_facts_of(job)):
        _attempt(job, clock)


def _facts_of(job: Job) -> RequestFacts:
    """A job is done with what it was asked for with, wherever it runs."""
    kept = job.means
    means = Means(UUID(kept["id"]), kept["kind"], kept["label"]) if kept else None
    return RequestFacts(means=means)


def _attempt(job: Job, clock: Callable[[], datetime]) -> None:
    actor = _actor_of(job)
    run = Run(job, actor or SYSTEM, clock)
    try:
        kind = kinds.get(job.kind)
        _check_permission(job, actor)
        _do(kind, run)
    except LostJob:
        logger.warning("Job was taken over by another attempt", extra={"job": str(job.pk)})
    except Cancelled:
        _close(run, State.CANCELLED)
    except DomainError as error:
        _close(run, State.FAILED, error.message)
    except (OperationalError, InterfaceError) as error:
        logger.exception("The database failed a job", extra={"job": str(job.pk)})
        _put_back(run, error)
    except Exception:
        logger.exception("Job failed", extra={"job": str(job.pk), "kind": job.kind})
        _close(run, State.FAILED, _("It stopped because of a fault in Steward. See the log."))


def _do(kind: JobKind, run: Run) -> None:
    heart = Heartbeat(run.beat)
    heart.start()
    try:
        result = dict(kind.run(run))
        if not Job.objects.filter(pk=run.job.pk, state=State.SUCCEEDED).exists():
            run.finish(result)
    finally:
        heart.stop()


def _take(job_id: UUID, now: datetime) -> Job | None:
    taken = (
        Job.objects.due_at(now)
        .filter(pk=job_id)
        .update(
            state=State.RUNNING,
            attempt=F("attempt") + 1,
            started_at=now,
            heartbeat_at=now,
            lease_until=now + LEASE,
            done=0,
            total=None,
            phase="",
        )
    )
    return Job.objects.get(pk=job_id) if taken else None


def _actor_of(job: Job) -> Actor | None:
    if job.asked_by_id == SYSTEM.actor_id:
        return SYSTEM
    return Identity.objects.filter(pk=job.asked_by_id).first()


def _check_permission(job: Job, actor: Actor | None) -> None:
    if actor is None:
        raise NotAllowedAnyMore
    try:
        check_may_have(actor, job.kind, job.subject_id)
    except NotAllowed as error:
        raise NotAllowedAnyMore from error


def _put_back(run: Run, error: Exception) -> None:
    """Let another attempt begin soon; if even this cannot be written, the lease runs out."""
    if is_full(error):
        _close(run, State.FAILED, _("The disk of the database is full. Make room, then try again."))
        return
    if run.job.attempt >= kinds.get(run.job.kind).max_attempts:
        _close(run, State.FAILED, _("The database failed it too often. See the log."))
        return
    _mend_connection()
    run.mine().update(
        state=State.QUEUED,
        lease_until=None,
        not_before=run.clock() + PAUSE,
        handed_over_at=None,
    )


def is_full(error: Exception) -> bool:
    """Whether the database has no room left: then the next attempt would fare no better."""
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return getattr(cause, "sqlstate", None) == DISK_FULL


def _mend_connection() -> None:
    """The database may be back, and then this connection to it is not."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


def _close(run: Run, state: State, error: str = "") -> None:
    _mend_connection()
    close(
        run.job,
        state=state,
        by=run.actor,
        at=run.clock(),
        error=error,
        attempt=run.job.attempt,
    )
