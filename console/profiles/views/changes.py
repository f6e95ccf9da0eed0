from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.authorization.permissions import Permission
from accounts.models import IdentityProfile, Job, Processing
from accounts.profiles import policies
from accounts.profiles.processing.states import BUSY, Effect, State
from console.profiles import plan
from console.profiles.tabs import frame, load
from console.ui import progress as progress_words
from console.ui.access import ConsoleRequest, requires
from console.ui.lists import Order, paginate

ORDERS: Final = (Order("asked", "asked_at"),)


def load_processing(profile: IdentityProfile, processing_id: UUID) -> Processing:
    found = Processing.objects.select_related("profile__source").filter(profile=profile)
    return get_object_or_404(found, pk=processing_id)


@requires(Permission.PROFILE_VIEW)
@require_safe
def history(request: ConsoleRequest, profile_id: UUID) -> HttpResponse:
    """Each time that changes were planned and applied, the newest first."""
    profile = load(request, profile_id)
    found = Processing.objects.filter(profile=profile)
    page = paginate(request, found, orders=ORDERS, default="-asked")
    context: dict[str, Any] = frame(request, profile, current="profiles:history") | {
        "page": page,
        "rows": [{"processing": row, "said": plan.result(row) or row.failure} for row in page.rows],
    }
    return render(request, "profiles/history.html", context)


@requires(Permission.PROFILE_VIEW)
@require_safe
def detail(request: ConsoleRequest, profile_id: UUID, processing_id: UUID) -> HttpResponse:
    """One processing, wherever it is: plan, progress, result."""
    profile = load(request, profile_id)
    processing = load_processing(profile, processing_id)
    context = frame(request, profile, current="profiles:history")
    if (bar := context["pending"]) is not None and bar.processing == processing:
        context["pending"] = None  # this page says it
    context |= {
        "processing": processing,
        "facts": plan.facts(processing),
        "said": plan.result(processing),
        "made_any": processing.count(Effect.CREATED) > 0,
    } | _job_context(request, processing, timezone.now())
    if processing.state in plan.WITH_PLAN and processing.plan is not None:
        context |= plan.shown(request, processing)
    return render(request, "profiles/processing.html", context)


def _job_context(request: ConsoleRequest, processing: Processing, now: datetime) -> dict[str, Any]:
    busy, job_id = processing.state in BUSY, processing.job_id
    job = Job.objects.filter(pk=job_id).first() if busy and job_id else None
    is_stopping = job is not None and job.cancel_asked_at is not None
    return {
        "busy": busy,
        "applying": processing.state == State.APPLYING,
        "progress": progress_words.of(job, now) if job is not None else None,
        "may_cancel": busy and policies.may_manage(request.user) and not is_stopping,
    }


@requires(Permission.PROFILE_VIEW)
@require_safe
def progress(request: ConsoleRequest, profile_id: UUID, processing_id: UUID) -> HttpResponse:
    """How far it is; at the end the page that asks loads itself anew."""
    profile = load(request, profile_id)
    processing = load_processing(profile, processing_id)
    context: dict[str, Any] = {"profile": profile, "processing": processing}
    context |= _job_context(request, processing, timezone.now())
    answer = render(request, "profiles/_progress.html", context)
    if not context["busy"]:
        answer.headers[progress_words.HTMX_POLL_ENDS] = "true"
    return answer
