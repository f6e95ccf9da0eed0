"""When a source is read by itself. The job is that of imports; here is only when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit.actors import Actor
from accounts.jobs import schedules
from accounts.jobs.clock import EVERY_HOUR, BadTime
from accounts.jobs.models import Schedule
from accounts.lib.errors import DomainError
from accounts.sources import policies
from accounts.sources.locking import lock
from accounts.sources.models import Source

KIND: Final = "import.scheduled"
SUGGESTED_TIMES: Final = ("08:00", "20:00")
"""By the tenant's clock."""


MOST_TIMES: Final = 24


class Frequency(StrEnum):
    NEVER = "never"
    HOURLY = "hourly"
    DAILY = "daily"


class NotRead(DomainError):
    """The source waits for files, so there is nothing to read at set times."""

    code = "not_read"


def of(source: Source) -> Schedule | None:
    return Schedule.objects.filter(name=_name(source)).first()


def frequency_of(schedule: Schedule | None) -> Frequency:
    if schedule is None:
        return Frequency.NEVER
    return Frequency.HOURLY if schedule.times == list(EVERY_HOUR) else Frequency.DAILY


@transaction.atomic
def put(
    *,
    by: Actor,
    source: Source,
    frequency: str,
    times: Iterable[str],
    weekdays: Iterable[int],
    at: datetime,
) -> Schedule | None:
    """Have the source read at these times of the tenant's clock from now on, or at none.

    Raises:
        BadTime: `field` says whether a time or a day is none.
        NotRead, SourceGone, NotAllowed.
    """
    current = lock(source)
    policies.check_may_manage(by, current)
    if current.kind.takes_files:
        raise NotRead(_("This source needs a file."))
    if frequency not in list(Frequency):
        raise BadTime(_("Choose how often."), field="frequency")
    times = list(times)
    if len(times) > MOST_TIMES:
        message = _("Choose at most %(limit)d times.") % {"limit": MOST_TIMES}
        raise BadTime(message, field="times")
    if frequency == Frequency.NEVER:
        schedules.remove(by=by, name=_name(current), at=at)
        return None
    return schedules.put(
        by=by,
        name=_name(current),
        title=title(current),
        kind=KIND,
        times=EVERY_HOUR if frequency == Frequency.HOURLY else times,
        weekdays=weekdays,
        payload={"source": str(current.pk)},
        at=at,
    )


def follow(source: Source) -> None:
    """The source has another name now."""
    Schedule.objects.filter(name=_name(source)).update(title=title(source))


def forget(source: Source, *, by: Actor, at: datetime) -> None:
    """The source is gone."""
    schedules.remove(by=by, name=_name(source), at=at)


def title(source: Source) -> str:
    return _("Aggregation of %(name)s") % {"name": source.name}


def _name(source: Source) -> str:
    return f"source:{source.pk}"
