from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities.models import Identity
from accounts.jobs.kinds import kinds
from accounts.jobs.models import Job, JobQuerySet, Schedule
from accounts.jobs.states import UNFINISHED


def visible_to(person: Identity) -> JobQuerySet:
    """All jobs by permission; with the lesser one those of one's own, and what kinds let one see.

    Page through them by ("-created_at", "id").
    """
    if may(person, Permission.JOB_VIEW_ALL):
        return Job.objects.all()
    if not may(person, Permission.JOB_VIEW):
        return Job.objects.none()
    seen = Q(asked_by_id=person.actor_id)
    for name, kind in kinds.items():
        if (some := kind.seen_by(person)) is not None:
            seen |= Q(kind=name) & some
    return Job.objects.filter(seen)


def for_frame(person: Identity, *, since: datetime) -> JobQuerySet:
    """What the frame of a page tells: jobs at work, and those of one's own that ended untold."""
    ended = Q(asked_by_id=person.actor_id, told_at=None, finished_at__gte=since)
    rows = visible_to(person).filter(Q(state__in=UNFINISHED) | ended)
    return rows.order_by("finished_at", "pk")


def scheduled(person: Identity) -> QuerySet[Schedule]:
    """What is done at set times, the next first, for whoever may see all jobs."""
    rows = Schedule.objects.order_by("next_at", "pk")
    return rows if may(person, Permission.JOB_VIEW_ALL) else rows.none()


def last_jobs(schedules: Iterable[Schedule]) -> dict[int, Job]:
    """The newest job of each schedule, by the schedule's id; one statement."""
    keys = {schedule.job_key: schedule.pk for schedule in schedules}
    newest = (
        Job.objects.filter(exclusive_key=OuterRef("exclusive_key"))
        .order_by("-created_at", "pk")
        .values("pk")[:1]
    )
    rows = Job.objects.filter(exclusive_key__in=keys, pk=Subquery(newest))
    return {keys[job.exclusive_key]: job for job in rows}
