"""How far a background job is, in words, for `components/progress.html`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypedDict

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.jobs.states import State
from accounts.models import Job

HTMX_POLL_ENDS = "HX-Refresh"
"""Header of the answer that tells the page to load itself anew: the job has ended."""


class Progress(TypedDict):
    title: str
    done: int
    total: int | None
    """None where it is not known yet."""
    detail: str


def of(job: Job, now: datetime) -> Progress:
    return {
        "title": _title(job),
        "done": job.done,
        "total": job.total or None,
        "detail": detail(job, now),
    }


def _title(job: Job) -> str:
    if job.is_finished:
        return str(job.get_state_display())
    if job.cancel_asked_at is not None:
        return _("Stopping")
    if job.state == State.QUEUED:
        return _("Waiting for its turn")
    return job.phase or str(job.get_state_display())


def detail(job: Job, now: datetime) -> str:
    """Rate and time left, as far as they can be told."""
    parts = []
    if not job.is_finished and (rate := job.rate_at(now)):
        parts.append(_("%(rate)s a second") % {"rate": f"{max(1, round(rate)):,}"})
    if (left := job.time_left_at(now)) is not None:
        parts.append(_("%(time)s left") % {"time": duration(left)})
    if job.attempt > 1 and not job.is_finished:
        parts.append(_("attempt %(number)d") % {"number": job.attempt})
    return ", ".join(parts)


def duration(span: timedelta) -> str:
    """Such as "3 seconds" or "2 minutes"; whole units of the largest that there is one of."""
    seconds = max(0, round(span.total_seconds()))
    if seconds < 1:
        return _("less than a second")
    if seconds < 60:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    if seconds < 3600:
        minutes, rest = divmod(seconds, 60)
        said = ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
        return f"{said} {_('%(n)d s') % {'n': rest}}" if minutes < 5 and rest else said
    hours, rest = divmod(seconds, 3600)
    said = ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    return f"{said} {_('%(n)d min') % {'n': rest // 60}}" if rest >= 60 else said


def took(job: Job, now: datetime) -> str:
    """How long it ran, or has run so far; empty before it began."""
    if job.started_at is None:
        return ""
    return duration((job.finished_at or now) - job.started_at)
