from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.audit.models import Outcome
from accounts.audit.record import Subject
from accounts.jobs.kinds import kinds
from accounts.jobs.models import Job
from accounts.jobs.states import UNFINISHED, State
from accounts.lib.errors import DomainError

Carrier = Callable[[UUID], None]
"""Hands a job's id to whatever queue there is. It may lose it: the sweep hands it over again."""

_carriers: list[Carrier] = []


def carry_by(carrier: Carrier) -> None:
    """Say what carries jobs to the workers; the console does, when it starts."""
    _carriers[:] = [carrier]


def hand_over(job_id: UUID) -> None:
    for carrier in _carriers:
        carrier(job_id)


class AlreadyRunning(DomainError):
    """Another job of the same exclusive key has not ended yet."""

    code = "already_running"

    def __init__(self, running: Job | None) -> None:
        super().__init__(
            message=_("The same is being done already. Wait until it has ended, or cancel it.")
        )
        self.running = running


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
        UnknownPart: there is no such kind.
    """
    kinds.get(kind)
    job = Job(
        kind=kind,
        subject_type=subject.audit_type if subject else "",
        subject_id=str(subject.pk) if subject else "",
        subject_label=subject.audit_label[:200] if subject else "",
        exclusive_key=exclusive_key,
        payload=dict(payload or {}),
        asked_by_id=by.actor_id,
        asked_by=by.label[:200],
        created_at=at,
        not_before=not_before or at,
    )
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError as error:
        running = Job.objects.unfinished().filter(exclusive_key=exclusive_key).first()
        raise AlreadyRunning(running) from error
    transaction.on_commit(lambda: hand_over(job.pk))
    return job


@transaction.atomic
def ask_to_cancel(*, by: Actor, job: Job, at: datetime) -> None:
    """Stop a job: at once if it waits, else at its next sign of progress. Twice is harmless."""
    ended = Job.objects.filter(pk=job.pk, state=State.QUEUED).update(
        state=State.CANCELLED, cancel_asked_at=at, finished_at=at
    )
    asked = Job.objects.filter(pk=job.pk, state=State.RUNNING, cancel_asked_at=None).update(
        cancel_asked_at=at
    )
    if ended or asked:
        record("job.cancel_asked", by=by, subject=job, at=at)
    job.refresh_from_db()


@transaction.atomic
def recover_lost(*, at: datetime) -> int:
    """Give jobs whose worker died back to the queue, or give them up; answers how many."""
    lost = list(Job.objects.lost_at(at).select_for_update(skip_locked=True))
    for job in lost:
        if job.cancel_asked_at is not None:
            _end(job, State.CANCELLED, at)
        elif job.attempt >= kinds.get(job.kind).max_attempts:
            error = _("Its worker died %(times)d times.") % {"times": job.attempt}
            _end(job, State.FAILED, at, error=error)
        else:
            Job.objects.filter(pk=job.pk).update(
                state=State.QUEUED, lease_until=None, not_before=at
            )
            transaction.on_commit(lambda job_id=job.pk: hand_over(job_id))
    return len(lost)


def _end(job: Job, state: State, at: datetime, *, error: str = "") -> None:
    from accounts.audit.actors import SYSTEM

    Job.objects.filter(pk=job.pk, state__in=UNFINISHED).update(
        state=state, finished_at=at, lease_until=None, error=error[:500]
    )
    outcome = Outcome.FAILED if state == State.FAILED else Outcome.DONE
    record(f"job.{state}", by=SYSTEM, subject=job, outcome=outcome, reason=error, at=at)
