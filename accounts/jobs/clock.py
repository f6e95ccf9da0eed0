"""When a schedule is next due: times of a wall clock, which springs forward and falls back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accounts.lib.errors import DomainError

TIME: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


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


def next_time(times: Iterable[str], zone: ZoneInfo, after: datetime) -> datetime:
    """The first of the wall clock's `times` later than `after`, in UTC.

    A time that the clock skips in spring comes an hour later; one that it shows twice in autumn
    counts the first time only. So each fires once a day, every day.
    """
    today = after.astimezone(zone).date()
    moments = (
        datetime.combine(today + timedelta(days=day), time.fromisoformat(text), tzinfo=zone)
        for day in (-1, 0, 1, 2)
        for text in times
    )
    return min(m for moment in moments if (m := moment.astimezone(UTC)) > after)
