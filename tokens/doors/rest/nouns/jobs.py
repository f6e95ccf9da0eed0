from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.http import HttpResponse
from ninja import Query

from accounts.authorization.permissions import Permission
from accounts.jobs import actions, queries
from accounts.jobs.kinds import job_kinds
from accounts.jobs.states import UNFINISHED, State
from accounts.models import Job
from tokens.doors.rest.answers import Reading, answered
from tokens.doors.rest.calls import Request, one_of
from tokens.doors.rest.errors import invalid
from tokens.doors.rest.noun import Noun
from tokens.doors.rest.pages import listed, orders
from tokens.doors.rest.schemas.jobs import JobDocument, JobListing, JobPage

noun: Final = Noun("jobs", "Jobs", "What takes long and is done in the background.")

JOB: Final = "/{uuid:job_id}"
VIEW: Final = (Permission.JOB_VIEW,)
ORDERS: Final = orders({"created_at": "created_at"})


@noun.read("", JobPage, needs=VIEW)
def list_jobs(request: Request, asked: Query[JobListing]) -> HttpResponse:
    """The jobs that the caller sees: their own, those of what they own, or all."""
    rows = queries.visible_to(request.by)
    if asked.state is not None:
        states = UNFINISHED if asked.state == "at_work" else (asked.state,)
        rows = rows.filter(state__in=states)
    if asked.kind is not None:
        if asked.kind not in dict(job_kinds()):
            raise invalid("kind", "There is no such kind of job.")
        rows = rows.filter(kind=asked.kind)
    if asked.subject_id is not None:
        rows = rows.filter(subject_id=asked.subject_id)
    return listed(request, rows, asked, orders=ORDERS, kind=JobDocument, documents=documents)


@noun.read(JOB, JobDocument, needs=VIEW)
def read_job(request: Request, job_id: UUID, asked: Query[Reading]) -> HttpResponse:
    """One job, and how far it is."""
    return answered(documents([_job(request, job_id)])[0], fields=asked.fields)


@noun.act(JOB + "/cancel", JobDocument, needs=VIEW)
def cancel_job(request: Request, job_id: UUID) -> HttpResponse:
    """Stop a job: at once where it waits, else at its next sign of progress.

    May be done by whoever might have asked for it. One that has ended is answered as it is.
    """
    job = _job(request, job_id)
    actions.ask_to_cancel(by=request.by, job=job, at=request.now)
    return answered(documents([job])[0])


def _job(request: Request, job_id: UUID) -> Job:
    return one_of(queries.visible_to(request.by), job_id, "job")


def documents(jobs: Sequence[Job]) -> list[JobDocument]:
    return [
        JobDocument(
            id=job.pk,
            kind=job.kind,
            state=State(job.state),
            subject_type=job.subject_type,
            subject_id=job.subject_id,
            subject=job.subject_label,
            asked_by=job.asked_by,
            created_at=job.created_at,
            started_at=job.started_at,
            finished_at=job.finished_at,
            cancel_asked_at=job.cancel_asked_at,
            attempts=job.attempt,
            phase=job.phase,
            done=job.done,
            total=job.total,
            result=job.result,
            error=job.error,
        )
        for job in jobs
    ]
