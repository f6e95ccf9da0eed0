"""When a schedule is next due: times of a wall clock, which springs forward and falls back."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.lib.errors import DomainError

TIME: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


WEEKDAYS: Final = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)
EVERY_HOUR: Final = tuple(f"{hour:02d}:00" for hour in range(24))


class BadTime(DomainError):
    """Not a time of the day."""

    code = "bad_time"


def parse_times(texts: Iterable[str]) -> list[str]:
    """Times of the day as HH:MM, each once, in order.

    Raises:
        BadTime: there is none, or one is not of that form.
    """
    found = set()
    for text in texts:
        if not TIME.fullmatch(text.strip()):
            raise BadTime(
                _("Write times as HH:MM, for example 08:00; “%(text)s” is none.")
                % {"text": text[:20]},
                field="times",
            )
        found.add(text.strip())
    if not found:
        raise BadTime(_("Choose at least one time of the day."), field="times")
    return sorted(found)


def parse_weekdays(days: Iterable[int]) -> list[int]:
    """Days of the week from 0 (Monday) to 6, each once, in order; empty for all of them.

    Raises:
        BadTime: one is none.
    """
    found = sorted(set(days))
    if any(day not in range(7) for day in found):
        raise BadTime(_("Choose days of the week."), field="weekdays")
    return [] if len(found) == 7 else found


def next_time(
    times: Iterable[str], zone: ZoneInfo, after: datetime, weekdays: Collection[int] = ()
) -> datetime:
    """The first of the wall clock's `times` later than `after`, in UTC; on `weekdays`, or any day.

    A time that the clock skips in spring comes an hour later; one that it shows twice in autumn
    counts the first time only. So each fires once a day, every day.
    """
    today = after.astimezone(zone).date()
    days = (today + timedelta(days=number) for number in range(-1, 9))
    moments = (
        datetime.combine(day, time.fromisoformat(text), tzinfo=zone)
        for day in days
        if not weekdays or day.weekday() in weekdays
        for text in times
    )
    return min(m for moment in moments if (m := moment.astimezone(UTC)) > after)
