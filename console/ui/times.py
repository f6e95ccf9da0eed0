"""Times in words: near ones relative to now, exact ones with their zone."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_MONTH = 30 * _DAY
_YEAR = 365 * _DAY

_UNITS: tuple[tuple[int, Promise, Promise], ...] = (
    (
        _YEAR,
        ngettext_lazy("%(n)d year ago", "%(n)d years ago", "n"),
        ngettext_lazy("in %(n)d year", "in %(n)d years", "n"),
    ),
    (
        _MONTH,
        ngettext_lazy("%(n)d month ago", "%(n)d months ago", "n"),
        ngettext_lazy("in %(n)d month", "in %(n)d months", "n"),
    ),
    (
        _DAY,
        ngettext_lazy("%(n)d day ago", "%(n)d days ago", "n"),
        ngettext_lazy("in %(n)d day", "in %(n)d days", "n"),
    ),
    (
        _HOUR,
        ngettext_lazy("%(n)d hour ago", "%(n)d hours ago", "n"),
        ngettext_lazy("in %(n)d hour", "in %(n)d hours", "n"),
    ),
    (
        _MINUTE,
        ngettext_lazy("%(n)d minute ago", "%(n)d minutes ago", "n"),
        ngettext_lazy("in %(n)d minute", "in %(n)d minutes", "n"),
    ),
)
"""Seconds, words for the past, words for the future; `static/js/app.js` counts the same way."""


_SHORT = 24
"""A time ahead that lacks less than this part of its unit counts as whole: an hour of a day."""


def relative(at: datetime, now: datetime) -> str:
    """Such as "3 days ago" or "in 6 days": whole units, rounded towards now.

    But what was given 30 days a minute ago ends in 30 days, not in 29.
    """
    seconds = int((at - now).total_seconds())
    for size, past, future in _UNITS:
        if abs(seconds) < size:
            continue
        if seconds < 0:
            return str(past % {"n": -seconds // size})
        return str(future % {"n": (seconds + size // _SHORT - 1) // size})
    return _("in less than a minute") if seconds > 0 else _("just now")


def exact(at: datetime) -> str:
    """Date, time to the minute and zone: "29 Nov 2026, 14:00 UTC"."""
    local = timezone.localtime(at)
    return f"{date_format(local, 'j M Y, H:i')} {local.tzname()}"


def exact_to_the_second(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{date_format(local, 'j F Y, H:i:s')} {local.tzname()}"


def machine(at: datetime) -> str:
    """For the `datetime` attribute: UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
