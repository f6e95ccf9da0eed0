"""When something is done by itself, in words."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.jobs.clock import EVERY_HOUR, WEEKDAYS
from accounts.models import Schedule


def page_of(schedule: Schedule) -> str:
    """Where its times are set; empty where nobody sets them."""
    source = schedule.payload.get("source")
    return f"{reverse('imports:list', args=[source])}#schedule" if source else ""


def words(schedule: Schedule) -> str:
    """Such as "Every hour" or "08:00, 20:00 on Monday, Friday"."""
    hourly = schedule.times == list(EVERY_HOUR)
    said = _("Every hour") if hourly else ", ".join(schedule.times)
    if not schedule.weekdays:
        return said if hourly else _("%(times)s every day") % {"times": said}
    days = ", ".join(str(WEEKDAYS[day]) for day in schedule.weekdays)
    return _("%(times)s on %(days)s") % {"times": said, "days": days}
