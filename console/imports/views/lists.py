from __future__ import annotations

from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.authorization.permissions import Permission
from accounts.imports import actions, queries
from accounts.imports.files.uploads import MOST_BYTES
from accounts.lib.errors import DomainError
from accounts.lib.headers import content_disposition
from accounts.models import ImportRun, Schedule, Source
from accounts.sources import actions as source_actions
from accounts.sources import export, schedules
from accounts.sources.actions import Details
from accounts.tenant.time_zone import time_zone
from console.imports.forms import ScheduleForm, ThresholdForm, UploadForm
from console.ui import schedules as schedule_words
from console.ui import sources as pages
from console.ui import times
from console.ui.access import ConsoleRequest, requires
from console.ui.errors import add_error
from console.ui.lists import Order, paginate
from console.ui.uploads import takes_file

ORDERS: Final = (Order("uploaded", "uploaded_at"),)


@requires(Permission.SOURCE_VIEW)
@takes_file(Permission.SOURCE_MANAGE, most_bytes=MOST_BYTES)
@require_http_methods(["GET", "HEAD", "POST"])
def list_(request: ConsoleRequest, source_id: UUID) -> HttpResponse:
    """Import Accounts: template, upload, threshold and history."""
    source = pages.load(request, source_id)
    form = UploadForm()
    if request.method == "POST":
        pages.check_may_change(request, source)
        form = UploadForm(request.POST, request.FILES)
        run = _upload(request, source, form)
        if run is not None:
            return redirect("imports:detail", source.pk, run.pk)
    return _page(request, source, form)


def _upload(request: ConsoleRequest, source: Source, form: UploadForm) -> ImportRun | None:
    if not source.kind.takes_files:
        return _refresh(request, source)
    if not form.is_valid():
        return None
    file = form.cleaned_data["file"]
    try:
        return actions.upload(
            by=request.user,
            source=source,
            file_name=file.name,
            chunks=file.chunks(),
            at=timezone.now(),
            mode=form.cleaned_data["mode"],
            encoding=form.cleaned_data["encoding"],
        )
    except DomainError as error:
        add_error(form, error)
        return None


def _refresh(request: ConsoleRequest, source: Source) -> ImportRun | None:
    """Read a source that needs no file; nothing is applied before the plan is confirmed."""
    try:
        return actions.refresh(by=request.user, source=source, at=timezone.now(), confirm=False)
    except DomainError as error:
        messages.error(request, error.message)
        return None


def _page(
    request: ConsoleRequest,
    source: Source,
    form: UploadForm,
    *,
    threshold: ThresholdForm | None = None,
    schedule: ScheduleForm | None = None,
) -> HttpResponse:
    history = queries.history(source)
    page = paginate(request, history, orders=ORDERS, default="-uploaded")
    context: dict[str, Any] = pages.frame(request, source, current="imports:list") | {
        "form": form,
        "threshold": threshold or ThresholdForm(initial=ThresholdForm.stored(source)),
        "history": pages.history(page.rows),
        "page": page,
        "waiting": list(queries.history(source).unfinished()[:5]),
        "takes_files": source.kind.takes_files,
    }
    if not source.kind.takes_files:
        current = schedules.of(source)
        context["schedule"] = schedule or ScheduleForm(initial=ScheduleForm.stored(current))
        context["schedule_facts"] = _schedule_facts(source, current)
    return render(request, "imports/list.html", context)


@requires(Permission.SOURCE_MANAGE)
@require_POST
def threshold(request: ConsoleRequest, source_id: UUID) -> HttpResponse:
    """The box "Account Delete Threshold"."""
    source = pages.load_to_change(request, source_id)
    form = ThresholdForm(request.POST)
    if form.is_valid():
        cleaned = form.cleaned_data
        details = replace(
            _details_of(source),
            delete_threshold_percent=cleaned["delete_threshold_percent"],
            deletion_disabled=cleaned["deletion_disabled"],
        )
        try:
            source_actions.edit(
                by=request.user,
                source=source,
                details=details,
                revision=cleaned["revision"],
                at=timezone.now(),
            )
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("The Account Delete Threshold is saved."))
            return redirect("imports:list", source.pk)
    return _page(request, source, UploadForm(), threshold=form)


@requires(Permission.SOURCE_MANAGE)
@require_POST
def schedule(request: ConsoleRequest, source_id: UUID) -> HttpResponse:
    """When a source is read by itself."""
    source = pages.load_to_change(request, source_id)
    form = ScheduleForm(request.POST)
    if form.is_valid():
        try:
            put = schedules.put(
                by=request.user,
                source=source,
                frequency=form.cleaned_data["frequency"],
                times=form.listed_times(),
                weekdays=form.cleaned_data["weekdays"],
                at=timezone.now(),
            )
        except DomainError as error:
            add_error(form, error)
        else:
            said = _("The schedule is saved.") if put else _("It is read by hand only.")
            messages.success(request, said)
            return redirect("imports:list", source.pk)
    return _page(request, source, UploadForm(), schedule=form)


def _schedule_facts(source: Source, current: Schedule | None) -> list[dict[str, Any]]:
    """When it is read next, by the tenant's clock, and how it went the last time by itself."""
    if current is None:
        return []
    with timezone.override(time_zone()):
        said = times.exact(current.next_at)
    facts: list[dict[str, Any]] = [
        {"label": _("Read"), "value": schedule_words.words(current)},
        {"label": _("Next run"), "value": _("Paused") if current.paused_at else said},
    ]
    if current.trouble:
        facts.append({"label": _("Why not"), "value": current.trouble})
    last = queries.history(source).filter(auto_apply=True).first()
    if last is None:
        facts.append({"label": _("Last result"), "value": _("Not run by itself yet")})
    else:
        url = reverse("imports:detail", args=[source.pk, last.pk])
        done = f"{last.get_state_display()}: {pages.import_words(last)}"
        facts.append({"label": _("Last run"), "at": last.uploaded_at})
        facts.append({"label": _("Last result"), "value": done, "url": url})
    return facts


def _details_of(source: Source) -> Details:
    return Details(
        name=source.name,
        description=source.description,
        owner=source.owner,
        config=source.config,
        delete_threshold_percent=source.delete_threshold_percent,
        deletion_disabled=source.deletion_disabled,
    )


@requires(Permission.SOURCE_VIEW)
@require_safe
def template(request: ConsoleRequest, source_id: UUID) -> StreamingHttpResponse:
    """Accounts File Template (.CSV)."""
    source = pages.load(request, source_id)
    answer = StreamingHttpResponse(export.template(source), content_type="text/csv; charset=utf-8")
    name = f"{slugify(source.name) or 'accounts'}-template.csv"
    answer.headers["Content-Disposition"] = content_disposition(name)
    return answer
