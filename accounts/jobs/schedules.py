"""Jobs at set times of the day, by the tenant's clock."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.audit import record
from accounts.audit.actors import SYSTEM, Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.jobs import actions
from accounts.jobs.clock import WEEKDAYS, next_time, parse_times, parse_weekdays
from accounts.jobs.kinds import kinds
from accounts.jobs.models import Job, Schedule
from accounts.tenant.time_zone import time_zone

logger = logging.getLogger(__name__)


@transaction.atomic
def put(
    *,
    by: Actor,
    name: str,
    kind: str,
    times: Iterable[str],
    at: datetime,
    payload: Mapping[str, Any] | None = None,
    weekdays: Iterable[int] = (),
    title: str = "",
) -> Schedule:
    """Have a job done at these times, from now on; replaces that of the same name.

    On `weekdays` from 0 (Monday) to 6, or on every day.

    The caller has asked whether `by` may; the jobs themselves run as the system.

    Raises:
        BadTime, UnknownPart: the times or the kind are none.
    """
    kinds.get(kind)
    clean, days, zone = parse_times(times), parse_weekdays(weekdays), time_zone()
    schedule, _created = Schedule.objects.update_or_create(
        name=name,
        defaults={
            "kind": kind,
            "times": clean,
            "weekdays": days,
            "title": title,
            "payload": dict(payload or {}),
            "zone": zone.key,
            "next_at": next_time(clean, zone, at, days),
        },
    )
    detail: dict[str, Any] = {"kind": kind, "times": clean}
    if days:
        detail["weekdays"] = [str(WEEKDAYS[day]) for day in days]
    record("job.scheduled", by=by, subject=schedule, detail=detail, at=at)
    return schedule


@transaction.atomic
def remove(*, by: Actor, name: str, at: datetime) -> None:
    """Do it at no set time any more. Twice is harmless."""
    schedule = Schedule.objects.filter(name=name).first()
    if schedule is not None:
        record("job.unscheduled", by=by, subject=schedule, detail={"kind": schedule.kind}, at=at)
        schedule.delete()


@transaction.atomic
def run_now(*, by: Actor, schedule: Schedule, at: datetime) -> Job:
    """Do it once more, now; its times stay as they are.

    Raises:
        AlreadyRunning: it is being done.
        NotAllowed: `by` may not manage jobs, or not have such jobs done.
    """
    check_may(by, Permission.JOB_MANAGE)
    job = actions.start(
        by=by,
        kind=schedule.kind,
        payload=schedule.payload,
        exclusive_key=schedule.job_key,
        at=at,
    )
    record("job.run_now", by=by, subject=schedule, detail={"kind": schedule.kind}, at=at)
    return job


def fire_due(*, at: datetime) -> int:
    """Start what is due, each once however many workers ask; answers how many.

    What fell due several times while nothing ran is made up for by one job.
    """
    zone = time_zone()
    for schedule in Schedule.objects.exclude(zone=zone.key):
        # the tenant's clock was set to another zone
        Schedule.objects.filter(pk=schedule.pk, zone=schedule.zone).update(
            zone=zone.key, next_at=next_time(schedule.times, zone, at, schedule.weekdays)
        )
    fired = 0
    for schedule in Schedule.objects.filter(next_at__lte=at):
        with transaction.atomic():
            mine = Schedule.objects.filter(pk=schedule.pk, next_at=schedule.next_at).update(
                next_at=next_time(schedule.times, zone, at, schedule.weekdays), fired_at=at
            )
            if mine:
                fired += _start(schedule, at)
    return fired


def _start(schedule: Schedule, at: datetime) -> int:
    try:
        actions.start(
            by=SYSTEM,
            kind=schedule.kind,
            payload=schedule.payload,
            exclusive_key=schedule.job_key,
            at=at,
        )
    except actions.AlreadyRunning:
        logger.warning("A scheduled job still runs", extra={"schedule": schedule.name})
        return 0
    return 1
