from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Query

from accounts.audit.csv_lists import CONTENT_TYPE
from accounts.authorization.permissions import Permission
from accounts.jobs import actions, queries, schedules
from accounts.jobs.csv_list import CSV
from accounts.jobs.kinds import job_kinds
from accounts.jobs.states import UNFINISHED, State
from accounts.models import Job, Schedule
from tokens.doors.rest.answers import Reading, answered
from tokens.doors.rest.calls import Request, one_of
from tokens.doors.rest.downloads import csv_file
from tokens.doors.rest.errors import invalid
from tokens.doors.rest.noun import Noun
from tokens.doors.rest.pages import listed, orders
from tokens.doors.rest.schemas.jobs import (
    JobDocument,
    JobFilters,
    JobListing,
    JobPage,
    ScheduledDocument,
    ScheduledListing,
    ScheduledPage,
)

noun: Final = Noun("jobs", "Jobs", "What takes long and is done in the background.")

JOB: Final = "/{uuid:job_id}"
SCHEDULE: Final = "/schedules/{int:schedule_id}"
VIEW: Final = (Permission.JOB_VIEW,)
VIEW_ALL: Final = (Permission.JOB_VIEW_ALL,)
SCHEDULE_ORDERS: Final = orders({"next_at": "next_at"})
ORDERS: Final = orders({"created_at": "created_at"})


@noun.read("", JobPage, needs=VIEW)
def list_jobs(request: Request, asked: Query[JobListing]) -> HttpResponse:
    """The jobs that the caller sees: their own, those of what they own, or all."""
    return listed(
        request, _rows(request, asked), asked, orders=ORDERS, kind=JobDocument, documents=documents
    )


@noun.download("/export", media=CONTENT_TYPE, needs=[Permission.JOB_VIEW_ALL])
def export_jobs(request: Request, asked: Query[JobFilters]) -> HttpResponse:
    """The jobs as a CSV file, read while it is sent."""
    return csv_file(request, CSV, _rows(request, asked), asked)


@noun.read("/schedules", ScheduledPage, needs=VIEW_ALL)
def list_schedules(request: Request, asked: Query[ScheduledListing]) -> HttpResponse:
    """What is done at set times, and how it went the last time."""
    return listed(
        request,
        queries.scheduled(request.by),
        asked,
        orders=SCHEDULE_ORDERS,
        kind=ScheduledDocument,
        documents=_scheduled,
    )


@noun.read(SCHEDULE, ScheduledDocument, needs=VIEW_ALL)
def read_job_schedule(request: Request, schedule_id: int, asked: Query[Reading]) -> HttpResponse:
    """One of the things that are done at set times."""
    schedule = one_of(queries.scheduled(request.by), schedule_id, "schedule")
    return answered(_scheduled([schedule])[0], fields=asked.fields)


@noun.act(SCHEDULE + "/run", JobDocument, needs=[Permission.JOB_MANAGE], status=HTTPStatus.CREATED)
def run_schedule(request: Request, schedule_id: int) -> HttpResponse:
    """Do it once more, now; its times stay as they are."""
    schedule = one_of(queries.scheduled(request.by), schedule_id, "schedule")
    job = schedules.run_now(by=request.by, schedule=schedule, at=request.now)
    return noun.created(documents([job])[0])


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


def _rows(request: Request, asked: JobFilters) -> QuerySet[Job]:
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
    return rows


def _job(request: Request, job_id: UUID) -> Job:
    return one_of(queries.visible_to(request.by), job_id, "job")


def _scheduled(rows: Sequence[Schedule]) -> list[ScheduledDocument]:
    last = queries.last_jobs(rows)
    return [
        ScheduledDocument(
            id=row.pk,
            name=str(row),
            kind=row.kind,
            times=row.times,
            weekdays=row.weekdays,
            zone=row.zone,
            next_at=row.next_at,
            fired_at=row.fired_at,
            set_by=row.set_by,
            paused=row.paused_at is not None,
            trouble=row.trouble,
            last_job=documents([last[row.pk]])[0] if row.pk in last else None,
        )
        for row in rows
    ]


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
