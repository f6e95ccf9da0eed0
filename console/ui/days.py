"""A last day as a person types it, and the moment that it stands for."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from django import forms
from django.utils.translation import gettext_lazy as _


class LastDayField(forms.DateField):
    """A day, empty for no end; see `end_of`."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Last day"),
            required=False,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            help_text=_("It ends with this day (UTC). Empty for no end."),
            error_messages={"invalid": _("Type a date, such as 2027-12-31.")},
        )


def end_of(day: date | None, *, known: datetime | None = None) -> datetime | None:
    """The last second of a day; an end set to the minute stays while its day does."""
    if day is None:
        return None
    if known is not None and known.astimezone(UTC).date() == day:
        return known
    return datetime.combine(day, time(23, 59, 59), tzinfo=UTC)


def day_of(at: datetime | None) -> date | None:
    return at.astimezone(UTC).date() if at else None
