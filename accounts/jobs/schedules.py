"""Jobs at set times of the day, by the tenant's clock."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import SYSTEM, Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.identities.models import Identity
from accounts.jobs import actions
from accounts.jobs.clock import WEEKDAYS, next_time, parse_times, parse_weekdays
from accounts.jobs.kinds import kinds
from accounts.jobs.models import Job, Schedule
from accounts.lib.errors import DomainError
from accounts.tenant.time_zone import time_zone

TRIED_AGAIN: Final = timedelta(hours=1)
"""After a schedule could not begin: a newer worker may know what this one does not."""

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

    The caller has asked whether `by` may; the jobs themselves run as the system. The kind is
    asked again each time: see `JobKind.may_be_scheduled`.

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
            "set_by_id": by.actor_id,
            "set_by": by.label[:200],
            "paused_at": None,
            "trouble": "",
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

    What fell due several times while nothing ran is made up for by one job. One that cannot
    begin holds up none of the others: it is tried again later, and says what is wrong.
    """
    zone = time_zone()
    fired = 0
    # the tenant's clock may have been set to another zone
    for schedule in Schedule.objects.exclude(zone=zone.key).order_by("pk"):
        _guarded(_follow_zone, schedule, zone, at)
    for schedule in Schedule.objects.due_at(at):
        fired += _guarded(_fire, schedule, zone, at)
    return fired


def _guarded(
    step: Callable[[Schedule, ZoneInfo, datetime], int],
    schedule: Schedule,
    zone: ZoneInfo,
    at: datetime,
) -> int:
    try:
        with transaction.atomic():
            return step(schedule, zone, at)
    except (OperationalError, InterfaceError):
        raise  # the database is away or busy: that says nothing of the schedule
    except Exception as error:
        logger.exception("A schedule could not begin", extra={"schedule": schedule.name})
        fault = _("It could not begin because of a fault in Steward. See the log.")
        trouble = error.message if isinstance(error, DomainError) else fault
        Schedule.objects.filter(pk=schedule.pk).update(
            trouble=trouble[:500], zone=zone.key, next_at=at + TRIED_AGAIN
        )
        return 0


def _follow_zone(schedule: Schedule, zone: ZoneInfo, at: datetime) -> int:
    return Schedule.objects.filter(pk=schedule.pk, zone=schedule.zone).update(
        zone=zone.key, next_at=next_time(schedule.times, zone, at, schedule.weekdays)
    )


def _fire(schedule: Schedule, zone: ZoneInfo, at: datetime) -> int:
    mine = Schedule.objects.due_at(at).filter(pk=schedule.pk, next_at=schedule.next_at)
    taken = mine.order_by().update(
        next_at=next_time(schedule.times, zone, at, schedule.weekdays), fired_at=at, trouble=""
    )
    if not taken:
        return 0
    if not kinds.get(schedule.kind).may_be_scheduled(_setter(schedule), schedule.payload):
        _pause(schedule, at)
        return 0
    return _start(schedule, at)


def _setter(schedule: Schedule) -> Actor | None:
    if schedule.set_by_id == SYSTEM.actor_id:
        return SYSTEM
    if not schedule.set_by_id:
        return None
    return Identity.objects.get_queryset().filter(pk=schedule.set_by_id).first()


def _pause(schedule: Schedule, at: datetime) -> None:
    reason = _("Whoever set it may not do this any more. Save the times again to let it go on.")
    Schedule.objects.filter(pk=schedule.pk).update(
        paused_at=at, trouble=reason, fired_at=schedule.fired_at
    )
    detail = {"kind": schedule.kind, "set_by": schedule.set_by}
    record("job.schedule_paused", by=SYSTEM, subject=schedule, reason=reason, detail=detail, at=at)


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
