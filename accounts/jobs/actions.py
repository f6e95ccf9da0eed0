from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import SYSTEM, Actor
from accounts.audit.context import current
from accounts.audit.record import Subject
from accounts.jobs import policies
from accounts.jobs.endings import close
from accounts.jobs.kinds import kinds
from accounts.jobs.models import Job
from accounts.jobs.states import State
from accounts.lib.errors import DomainError

Carrier = Callable[[UUID], None]
"""Hands a job's id to whatever queue there is. It may lose it: the sweep hands it over again."""

HAND_OVER_AGAIN = timedelta(seconds=60)
"""A job that waits this long for its turn may have been lost by the queue; twice is harmless."""
HAND_OVER_AT_ONCE = 200
"""Jobs of one sweep."""
KEEP = timedelta(days=90)
"""How long a job that has ended is listed."""
FORGOTTEN_AT_ONCE = 1_000

_carriers: list[Carrier] = []


class AlreadyRunning(DomainError):
    """Another job of the same exclusive key has not ended yet."""

    code = "already_running"

    def __init__(self, running: Job | None) -> None:
        super().__init__(
            message=_("The same is being done already. Wait until it has ended, or cancel it.")
        )
        self.running = running


def carry_by(carrier: Carrier) -> None:
    """Say what carries jobs to the workers; the console does, when it starts."""
    _carriers[:] = [carrier]


def hand_over(job_id: UUID) -> None:
    for carrier in _carriers:
        carrier(job_id)


@transaction.atomic
def start(
    *,
    by: Actor,
    kind: str,
    at: datetime,
    subject: Subject | None = None,
    payload: Mapping[str, Any] | None = None,
    exclusive_key: str = "",
    not_before: datetime | None = None,
) -> Job:
    """Ask for a job; it is handed to a worker once the caller's transaction is committed.

    Raises:
        AlreadyRunning: a job of the same `exclusive_key` has not ended.
        NotAllowed: `by` may not have such jobs done.
        UnknownPart: there is no such kind.
    """
    policies.check_may_have(by, kind, str(subject.pk) if subject else "")
    is_due = not_before is None or not_before <= at
    job = Job(
        kind=kind,
        subject_type=subject.audit_type if subject else "",
        subject_id=str(subject.pk) if subject else "",
        subject_label=subject.audit_label[:200] if subject else "",
        exclusive_key=exclusive_key,
        payload=dict(payload or {}),
        asked_by_id=by.actor_id,
        asked_by=by.label[:200],
        means=_means(),
        created_at=at,
        not_before=not_before or at,
        handed_over_at=at if is_due else None,
    )
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError as error:
        running = Job.objects.unfinished().filter(exclusive_key=exclusive_key).first()
        raise AlreadyRunning(running) from error
    if is_due:
        _hand_over_later(job.pk)
    return job


def _means() -> dict[str, str] | None:
    means = current().means
    return {"id": str(means.id), "kind": means.kind, "label": means.label} if means else None


@transaction.atomic
def ask_to_cancel(*, by: Actor, job: Job, at: datetime) -> None:
    """Stop a job: at once if it waits, else at its next sign of progress. Twice is harmless.

    Raises:
        NotAllowed: they could not have asked for it either.
    """
    policies.check_may_cancel(by, job)
    locked = Job.objects.select_for_update().get(pk=job.pk)
    if locked.state == State.QUEUED:
        close(locked, state=State.CANCELLED, by=by, at=at)
    elif locked.state == State.RUNNING and locked.cancel_asked_at is None:
        Job.objects.filter(pk=job.pk).update(cancel_asked_at=at)
        record("job.cancel_asked", by=by, subject=job, detail={"kind": job.kind}, at=at)
    job.refresh_from_db()


def tell(jobs: Iterable[Job], *, at: datetime) -> list[Job]:
    """Note that whoever asked for these jobs hears of their end now; answers those not told yet.

    Of two pages that load at once, one tells it.
    """
    return [
        job for job in jobs if Job.objects.filter(pk=job.pk, told_at=None).update(told_at=at) == 1
    ]


def tell_of_many(jobs: Iterable[Job], *, at: datetime) -> int:
    """The same for jobs that are told as a number; answers how many of them were not told yet."""
    untold = Job.objects.filter(pk__in=[job.pk for job in jobs], told_at=None)
    return untold.update(told_at=at)


def forget_old(*, at: datetime) -> None:
    """Drop jobs that ended long ago; what they did is in the audit log. Upkeep."""
    old = Job.objects.filter(created_at__lt=at - KEEP, finished_at__lt=at - KEEP)
    while some := list(old.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE]):
        Job.objects.filter(pk__in=some).delete()


def recover_lost(*, at: datetime) -> int:
    """Give jobs whose worker died back to the queue, or give them up; answers how many.

    What somebody holds is left for the next time: a worker that was only slow may still be at it.
    """
    return sum(_recover(job, at) for job in Job.objects.lost_at(at).order_by("pk"))


@transaction.atomic
def _recover(seen: Job, at: datetime) -> bool:
    kind = kinds.get(seen.kind) if seen.kind in kinds else None
    is_last = seen.attempt >= (kind.max_attempts if kind else 0)
    if is_last and kind and not kind.lock_to_fail(seen, wait=False):
        return False
    lost = Job.objects.lost_at(at).filter(pk=seen.pk, attempt=seen.attempt)
    job = lost.select_for_update(skip_locked=True).first()
    if job is None:
        return False
    if job.cancel_asked_at is not None:
        close(job, state=State.CANCELLED, by=SYSTEM, at=at)
    elif is_last:
        error = _("Its worker died %(times)d times.") % {"times": job.attempt}
        close(job, state=State.FAILED, by=SYSTEM, at=at, error=error)
    else:
        Job.objects.filter(pk=job.pk).update(
            state=State.QUEUED, lease_until=None, not_before=at, handed_over_at=at
        )
        _hand_over_later(job.pk)
    return True


def hand_over_waiting(*, at: datetime) -> int:
    """Hand over what is due and no queue seems to know of; answers how many."""
    waiting = Job.objects.due_at(at).filter(
        Q(handed_over_at=None) | Q(handed_over_at__lt=at - HAND_OVER_AGAIN)
    )
    handed = 0
    for job in waiting.order_by("not_before", "pk")[:HAND_OVER_AT_ONCE]:
        # of two workers that see the same job, one hands it over
        seen = Job.objects.filter(pk=job.pk, state=State.QUEUED, handed_over_at=job.handed_over_at)
        if seen.update(handed_over_at=at):
            hand_over(job.pk)
            handed += 1
    return handed


def _hand_over_later(job_id: UUID) -> None:
    # robust: a queue that is down is no reason to fail, since the sweep comes back to the job
    transaction.on_commit(lambda: hand_over(job_id), robust=True)
