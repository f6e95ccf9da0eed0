"""Synchronizations: begun, looked at, confirmed; and what stops or ends an integration."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.lib.errors import DomainError
from accounts.lifecycle_integrations import actions, runs
from accounts.lifecycle_integrations.states import WAITING, Act, RunState
from accounts.models import Job, LifecycleRun, LifecycleStep
from console.lifecycle_integrations.shown import load, load_run
from console.ui import progress as progress_words
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.buttons import pressed
from console.ui.errors import add_error
from console.ui.lists import Order, paginate
from console.ui.typed_name import TypedNameForm

IN_ORDER: Final = (Order("position", "position"),)


@requires(Permission.TENANT_MANAGE)
@require_POST
def synchronize(request: ConsoleRequest, lifecycle_id: UUID) -> HttpResponse:
    lifecycle = load(lifecycle_id)
    never = lifecycle.last_synced_at is None
    try:
        begun = runs.start(
            by=request.user,
            lifecycle=lifecycle,
            # what was never done is looked at first
            plan_only=never or request.POST.get("act") == "plan",
            at=timezone.now(),
        )
    except DomainError as error:
        messages.warning(request, error.message)
        return redirect("lifecycle_integrations:detail", lifecycle.pk)
    return redirect("lifecycle_integrations:run", begun.pk)


@requires(Permission.TENANT_VIEW)
@require_safe
def run(request: ConsoleRequest, lifecycle_run_id: UUID) -> HttpResponse:
    """What a synchronization is about to do, does, or has done."""
    found = load_run(lifecycle_run_id)
    page = paginate(
        request, LifecycleStep.objects.filter(run=found), orders=IN_ORDER, default="position"
    )
    waits = found.state in WAITING
    context = _job_context(found) | {
        "lifecycle": found.integration,
        "figures": _figures(found),
        "page": page,
        "rows": page.rows,
        "waits": waits,
        "may_confirm": waits and may(request.user, Permission.TENANT_MANAGE),
    }
    return render(request, "lifecycle_integrations/run.html", context)


def _figures(found: LifecycleRun) -> list[dict[str, Any]]:
    labels = {
        Act.INVITE: _("Invited"),
        Act.UPDATE: _("Updated"),
        Act.DEACTIVATE: _("Deactivated"),
        Act.REMOVE: _("Removed"),
        Act.REFUSE: _("Not possible"),
        "unchanged": _("Unchanged"),
        "unmanaged": _("Nobody's here, left alone"),
    }
    return [
        {"label": label, "value": found.numbers[str(name)]}
        for name, label in labels.items()
        if str(name) in found.numbers
    ]


def _job_context(found: LifecycleRun) -> dict[str, Any]:
    job_id = found.job_id if found.is_busy else None
    job = Job.objects.filter(pk=job_id).first() if job_id else None
    return {
        "run": found,
        "busy": found.is_busy,
        "progress": progress_words.of(job, timezone.now()) if job else None,
    }


@requires(Permission.TENANT_VIEW)
@require_safe
def progress(request: ConsoleRequest, lifecycle_run_id: UUID) -> HttpResponse:
    """How far it is; at the end the page that asks loads itself anew."""
    found = load_run(lifecycle_run_id)
    answer = render(request, "lifecycle_integrations/_progress.html", _job_context(found))
    if not found.is_busy:
        answer.headers[progress_words.HTMX_POLL_ENDS] = "true"
    return answer


@requires(Permission.TENANT_MANAGE)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: ConsoleRequest, lifecycle_run_id: UUID) -> HttpResponse:
    """Confirm a plan; one that is held wants the name of the integration typed."""
    found = load_run(lifecycle_run_id)
    lifecycle = found.integration
    posted = request.POST if request.method == "POST" else None
    form = TypedNameForm(posted, called=lifecycle.name)
    if found.state != RunState.HELD:
        del form.fields["name"]
    if request.method == "POST" and form.is_valid():
        try:
            runs.confirm(by=request.user, lifecycle_run=found, at=timezone.now())
        except DomainError as error:
            messages.warning(request, error.message)
        return redirect("lifecycle_integrations:run", found.pk)
    context = {
        "run": found,
        "lifecycle": lifecycle,
        "form": form,
        "figures": _figures(found),
        "held": found.state == RunState.HELD,
        "waits": found.state in WAITING,
    }
    return render(request, "lifecycle_integrations/apply.html", context)


@requires(Permission.TENANT_MANAGE)
@require_POST
def discard(request: ConsoleRequest, lifecycle_run_id: UUID) -> HttpResponse:
    found = load_run(lifecycle_run_id)
    pressed(
        request,
        lambda: runs.discard(by=request.user, lifecycle_run=found, at=timezone.now()),
        said=_("The plan is discarded. Nothing was changed."),
    )
    return redirect("lifecycle_integrations:detail", found.integration_id)


@requires(Permission.TENANT_MANAGE)
@require_POST
def pause(request: ConsoleRequest, lifecycle_id: UUID) -> HttpResponse:
    lifecycle = load(lifecycle_id)
    pressed(
        request,
        lambda: actions.pause(by=request.user, lifecycle=lifecycle, at=timezone.now()),
        said=_("It is paused: nothing is changed in the application."),
    )
    return redirect("lifecycle_integrations:detail", lifecycle.pk)


@requires(Permission.TENANT_MANAGE)
@require_POST
def resume(request: ConsoleRequest, lifecycle_id: UUID) -> HttpResponse:
    lifecycle = load(lifecycle_id)
    pressed(
        request,
        lambda: actions.resume(by=request.user, lifecycle=lifecycle, at=timezone.now()),
        said=_("It goes on."),
    )
    return redirect("lifecycle_integrations:detail", lifecycle.pk)


@requires(Permission.TENANT_MANAGE)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: ConsoleRequest, lifecycle_id: UUID) -> HttpResponse:
    lifecycle = load(lifecycle_id)
    form = TypedNameForm(request.POST or None, called=lifecycle.name)
    if form.is_valid():
        try:
            actions.delete(by=request.user, lifecycle=lifecycle, at=timezone.now())
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("%(name)s is deleted.") % {"name": lifecycle.name})
            return redirect("lifecycle_integrations:list")
    return render(
        request, "lifecycle_integrations/delete.html", {"lifecycle": lifecycle, "form": form}
    )
