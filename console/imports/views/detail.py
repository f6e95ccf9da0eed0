from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.audit import record
from accounts.authorization.permissions import Permission
from accounts.imports import affected, queries
from accounts.imports.actions import NothingAccepted
from accounts.imports.states import BUSY, OPEN, Decision, State
from accounts.lib.headers import content_disposition
from accounts.models import ImportRun, Job
from accounts.sources import policies
from accounts.sources import schema as schemas
from console.imports import plan
from console.imports.forms import EncodingForm, ReasonForm
from console.ui import progress as progress_words
from console.ui import sources as pages
from console.ui.access import ConsoleRequest, requires

ALL_REJECTED: Final = NothingAccepted.code
"""Why an import failed that has a plan to look at: of rejected rows alone."""
WITH_PLAN: Final = (State.PLANNED, State.HELD, State.APPLYING, State.APPLIED, State.CANCELLED)


def load(request: ConsoleRequest, source_id: UUID, import_id: UUID) -> ImportRun:
    runs = queries.visible_to(request.user).select_related("source__owner")
    return get_object_or_404(runs, pk=import_id, source=source_id)


def load_to_change(request: ConsoleRequest, source_id: UUID, import_id: UUID) -> ImportRun:
    run = load(request, source_id, import_id)
    pages.check_may_change(request, run.source)
    return run


@requires(Permission.SOURCE_VIEW)
@require_safe
def detail(request: ConsoleRequest, source_id: UUID, import_id: UUID) -> HttpResponse:
    """One import, wherever it is: encoding needed, plan, progress, result."""
    return page(request, load(request, source_id, import_id))


def page(
    request: ConsoleRequest, run: ImportRun, *, reason: ReasonForm | None = None
) -> HttpResponse:
    source, now = run.source, timezone.now()
    context: dict[str, Any] = pages.frame(request, source, current="imports:list")
    context |= {"run": run, "facts": plan.facts(run), "said": pages.import_words(run)}
    context |= _job_context(request, run, now)
    may_act = context["may_manage"] and not context["busy"]
    if may_act and run.stored_name and run.state in (*OPEN, State.FAILED):
        context["encoding_form"] = EncodingForm(initial={"encoding": run.encoding})
    if run.plan is not None and (run.state in WITH_PLAN or run.failure_reason == ALL_REJECTED):
        attributes = schemas.attributes_of(source)
        context |= plan.shown(request, run, attributes)
    if run.state == State.HELD and may_act:
        context["reason_form"] = reason or ReasonForm()
    if run.state == State.CANCELLED:
        context["newer"] = queries.newer_than(run)
    elif run.state in (State.PLANNED, State.HELD):
        context["superseded"] = list(queries.superseded_by(run))
    context["is_unreadable"] = run.decision == Decision.UNREADABLE
    return render(request, "imports/detail.html", context)


def _job_context(request: ConsoleRequest, run: ImportRun, now: datetime) -> dict[str, Any]:
    busy = run.state in BUSY
    job = queries.job_of(run) if busy else None
    may_cancel = policies.may_manage(request.user, run.source) and not _is_stopping(job)
    return {
        "busy": busy,
        "job": job,
        "progress": progress_words.of(job, now) if job else None,
        "may_cancel": busy and may_cancel,
    }


def _is_stopping(job: Job | None) -> bool:
    return job is not None and job.cancel_asked_at is not None


@requires(Permission.SOURCE_VIEW)
@require_safe
def progress(request: ConsoleRequest, source_id: UUID, import_id: UUID) -> HttpResponse:
    """How far it is; at the end the page that asks loads itself anew."""
    run = load(request, source_id, import_id)
    context = {"source": run.source, "run": run} | _job_context(request, run, timezone.now())
    answer = render(request, "imports/_progress.html", context)
    if not context["busy"]:
        answer.headers[progress_words.HTMX_POLL_ENDS] = "true"
    return answer


@requires(Permission.SOURCE_VIEW)
@require_safe
def rejected_csv(
    request: ConsoleRequest, source_id: UUID, import_id: UUID
) -> StreamingHttpResponse:
    """The rejected rows with line and reason, ready to be mended and sent again."""
    run = load(request, source_id, import_id)
    record(
        "import.rejected_exported",
        by=request.user,
        subject=run,
        detail={"rows": run.rejected},
        at=timezone.now(),
    )
    answer = StreamingHttpResponse(
        queries.rejected_csv(run), content_type="text/csv; charset=utf-8"
    )
    answer.headers["Content-Disposition"] = content_disposition(f"{_stem(run)}-rejected.csv")
    return answer


def _stem(run: ImportRun) -> str:
    """What downloads are called by."""
    return slugify(run.file_name.rpartition(".")[0] or run.file_name) or "import"


@requires(Permission.SOURCE_VIEW)
@require_safe
def accounts_csv(request: ConsoleRequest, source_id: UUID, import_id: UUID) -> HttpResponseBase:
    """The accounts that it touches: what happened to each, and what changed of it."""
    run = load(request, source_id, import_id)
    if not affected.are_kept(run):
        messages.error(request, _("The accounts of this import are not kept any more."))
        return redirect("imports:detail", source_id, run.pk)
    record(
        "import.accounts_exported",
        by=request.user,
        subject=run,
        detail={"rows": run.new + run.changed + run.missing},
        at=timezone.now(),
    )
    answer = StreamingHttpResponse(affected.as_csv(run), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = content_disposition(f"{_stem(run)}-accounts.csv")
    return answer
