from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed, may
from accounts.jobs import actions, policies, queries, schedules
from accounts.jobs.kinds import job_kinds
from accounts.jobs.states import UNFINISHED, State
from accounts.models import Job
from accounts.tenant.time_zone import time_zone
from console.ui import downloads, events, times
from console.ui import jobs as jobs_ui
from console.ui import progress as progress_words
from console.ui import schedules as schedule_words
from console.ui.access import ConsoleRequest, refuse, requires
from console.ui.lists import Order, address, paginate

ORDERS: Final = (Order("created", "created_at"),)
NOT_SHOWN: Final = ("import", "processing", "decision")
"""Members of a result that name things for programs."""
AT_WORK: Final = "at_work"
"""Filter: whatever has not ended."""


@requires(Permission.JOB_VIEW)
@require_safe
def list_(request: ConsoleRequest) -> HttpResponse:
    now = timezone.now()
    wanted = _wanted(request)
    found = queries.visible_to(request.user).filter(**narrowed(request))
    page = paginate(request, found, orders=ORDERS, default="-created")
    rows = [
        {
            "job": job,
            "progress": progress_words.of(job, now),
            "took": progress_words.took(job, now),
            "result": jobs_ui.result(job) if job.state == State.SUCCEEDED else "",
            "subject_url": jobs_ui.subject_url(job),
        }
        for job in page.rows
    ]
    running = any(not job.is_finished for job in page.rows)
    context = {"rows": rows, "page": page, "running": running, "tabs": _tabs(request, "list")}
    context |= _filters(request, wanted)
    if may(request.user, Permission.JOB_VIEW_ALL):
        context["export_url"] = downloads.url(request, "jobs:export")
    return render(request, "jobs/list.html", context)


@requires(Permission.JOB_VIEW_ALL)
@require_safe
def scheduled(request: ConsoleRequest) -> HttpResponse:
    """What is done at set times, and how it went the last time."""
    schedules_ = list(queries.scheduled(request.user))
    last = queries.last_jobs(schedules_)
    may_run = may(request.user, Permission.JOB_MANAGE)
    zone = time_zone()
    rows = []
    for schedule in schedules_:
        job = last.get(schedule.pk)
        rows.append(
            {
                "schedule": schedule,
                "times": schedule_words.words(schedule),
                "set_url": schedule_words.page_of(schedule),
                "next_at": schedule.next_at,
                "next_said": _in_zone(schedule.next_at, zone),
                "job": job,
                "may_run": may_run and (job is None or job.is_finished),
            }
        )
    context = {"rows": rows, "zone": zone.key, "keep_days": actions.KEEP.days}
    return render(request, "jobs/scheduled.html", context | {"tabs": _tabs(request, "scheduled")})


@requires(Permission.JOB_MANAGE)
@require_POST
def run_now(request: ConsoleRequest, schedule_id: int) -> HttpResponse:
    schedule = get_object_or_404(queries.scheduled(request.user), pk=schedule_id)
    try:
        job = schedules.run_now(by=request.user, schedule=schedule, at=timezone.now())
    except actions.AlreadyRunning as error:
        messages.info(request, error.message)
        return redirect("jobs:scheduled")
    except NotAllowed as error:
        refuse(request, error.permission)
    messages.success(request, _("%(name)s: it runs now.") % {"name": schedule})
    return redirect("jobs:detail", job.pk)


@requires(Permission.JOB_VIEW)
@require_safe
def indicator(request: ConsoleRequest) -> HttpResponse:
    """How many jobs run, for the frame to ask while some do; what ended is told beside it."""
    here = urlsplit(request.headers.get("HX-Current-URL", "")).path
    found = jobs_ui.indicator(request, here=here)
    return render(request, "jobs/indicator.html", {"jobs": found})


@requires(Permission.JOB_VIEW)
@require_safe
def detail(request: ConsoleRequest, job_id: UUID) -> HttpResponse:
    job = _load(request, job_id)
    return render(request, "jobs/detail.html", _context(request, job, timezone.now()))


@requires(Permission.JOB_VIEW)
@require_safe
def progress(request: ConsoleRequest, job_id: UUID) -> HttpResponse:
    """How far it is, for the page to ask every two seconds; at the end that loads itself anew."""
    job = _load(request, job_id)
    answer = render(request, "jobs/_progress.html", _context(request, job, timezone.now()))
    if job.is_finished:
        answer.headers[progress_words.HTMX_POLL_ENDS] = "true"
    return answer


@requires(Permission.JOB_VIEW)
@require_POST
def cancel(request: ConsoleRequest, job_id: UUID) -> HttpResponse:
    job = _load(request, job_id)
    if not policies.may_cancel(request.user, job):
        refuse(request, policies.permission_of(job))
    if job.is_finished:
        messages.info(request, _("The job has ended already."))
    else:
        actions.ask_to_cancel(by=request.user, job=job, at=timezone.now())
        stopped = job.state == State.CANCELLED
        said = _("The job is cancelled.") if stopped else _("The job is being stopped.")
        messages.success(request, said)
    return redirect("jobs:detail", job.pk)


def _in_zone(at: datetime, zone: ZoneInfo) -> str:
    with timezone.override(zone):
        return times.exact(at)


def _tabs(request: ConsoleRequest, current: str) -> list[dict[str, Any]]:
    """None where there would be one only."""
    if not may(request.user, Permission.JOB_VIEW_ALL):
        return []
    named = (("list", _("Jobs")), ("scheduled", _("Scheduled")))
    return [
        {"label": label, "url": reverse(f"jobs:{name}"), "current": name == current, "count": None}
        for name, label in named
    ]


def _load(request: ConsoleRequest, job_id: UUID) -> Job:
    return get_object_or_404(queries.visible_to(request.user), pk=job_id)


def _wanted(request: HttpRequest) -> dict[str, str]:
    """The filters of the address; what makes no sense is as if it were not there."""
    asked = {
        "state": [AT_WORK, *State.values],
        "kind": [name for name, _label in job_kinds()],
    }
    chosen = {name: request.GET.get(name, "") for name in asked}
    return {name: value for name, value in chosen.items() if value in asked[name]}


def narrowed(request: HttpRequest) -> dict[str, Any]:
    """What the filters of the address ask of a job."""
    wanted = _wanted(request)
    if wanted.get("state") != AT_WORK:
        return dict(wanted)
    return {name: value for name, value in wanted.items() if name != "state"} | {
        "state__in": UNFINISHED
    }


def _filters(request: HttpRequest, wanted: dict[str, str]) -> dict[str, Any]:
    choices: dict[str, tuple[str, str, list[tuple[str, Any]]]] = {
        "state": (_("State"), _("Any state"), [(AT_WORK, _("At work")), *State.choices]),
        "kind": (_("Kind"), _("Any kind"), job_kinds()),
    }
    return {
        "filters": [
            {
                "name": name,
                "label": label,
                "value": wanted.get(name, ""),
                "options": [{"value": v, "label": text} for v, text in [("", anything), *options]],
            }
            for name, (label, anything, options) in choices.items()
        ],
        "chips": [
            {
                "label": dict(choices[name][2])[value],
                "remove_url": address(request, after="", before="", **{name: ""}),
            }
            for name, value in wanted.items()
        ],
        "clear_url": request.path,
    }


def _context(request: ConsoleRequest, job: Job, now: datetime) -> dict[str, Any]:
    may_cancel = not job.is_finished and job.cancel_asked_at is None
    return {
        "job": job,
        "progress": progress_words.of(job, now),
        "may_cancel": may_cancel and policies.may_cancel(request.user, job),
        "facts": _facts(job, now),
        "result": _result(job),
        "subject_url": jobs_ui.subject_url(job),
        "page_url": jobs_ui.work_url(job),
        "next_step": jobs_ui.next_step(job),
    }


def _facts(job: Job, now: datetime) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = [
        {"label": _("Kind"), "value": job.get_kind_display()},
        {"label": _("Asked for by"), "value": job.asked_by},
        {"label": _("Asked for"), "at": job.created_at},
        {"label": _("Started"), "at": job.started_at, "missing": _("Not yet")},
        {"label": _("Ended"), "at": job.finished_at, "missing": _("Not yet")},
        {"label": _("Took"), "value": progress_words.took(job, now) or _("Nothing yet")},
        {"label": _("Attempts"), "value": job.attempt},
        {"label": _("ID"), "value": str(job.pk), "copy": True, "copy_label": _("Copy ID")},
    ]
    if job.subject_label:
        about: dict[str, Any] = {"label": _("About"), "value": job.subject_label}
        facts.insert(1, about | ({"url": url} if (url := jobs_ui.subject_url(job)) else {}))
    return facts


def _result(job: Job) -> list[dict[str, Any]]:
    return [
        {"label": events.label(name), "value": f"{value:,}" if type(value) is int else text}
        for name, value in job.result.items()
        if name not in NOT_SHOWN and (text := events.shown(name, value))
    ]
