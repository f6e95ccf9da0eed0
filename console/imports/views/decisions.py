from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.authorization.permissions import Permission
from accounts.imports import actions
from accounts.imports.states import State
from accounts.lib.errors import DomainError
from accounts.models import ImportRun
from console.imports.forms import ReasonForm
from console.imports.views.detail import load_to_change, page
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import add_error


@requires(Permission.SOURCE_MANAGE)
@require_POST
def confirm(request: ConsoleRequest, source_id: UUID, import_id: UUID) -> HttpResponse:
    """Have the plan applied that the person has seen; of another one nothing is."""
    run = load_to_change(request, source_id, import_id)
    seen = request.POST.get("plan", "")
    plan = int(seen) if seen.isascii() and seen.isdigit() else 0
    return _act(request, run, actions.confirm, plan=plan)


@requires(Permission.SOURCE_MANAGE)
@step_up
@require_POST
def override(request: ConsoleRequest, source_id: UUID, import_id: UUID) -> HttpResponse:
    """Let this one import remove more than the threshold allows, with a reason."""
    run = load_to_change(request, source_id, import_id)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            actions.override(
                by=request.user,
                import_run=run,
                reason=form.cleaned_data["reason"],
                at=timezone.now(),
            )
        except actions.WrongState as error:
            messages.error(request, error.message)
        except DomainError as error:
            add_error(form, error)
        else:
            said = _("The threshold does not hold for this import. It still waits for you.")
            messages.success(request, said)
    if form.errors and run.state == State.HELD:
        return page(request, run, reason=form)
    return redirect("imports:detail", run.source_id, run.pk)


@requires(Permission.SOURCE_MANAGE)
@require_POST
def keep_missing(request: ConsoleRequest, source_id: UUID, import_id: UUID) -> HttpResponse:
    run = load_to_change(request, source_id, import_id)
    return _act(
        request, run, actions.keep_missing, said=_("No account will be removed by this import.")
    )


@requires(Permission.SOURCE_MANAGE)
@require_POST
def choose_encoding(request: ConsoleRequest, source_id: UUID, import_id: UUID) -> HttpResponse:
    run = load_to_change(request, source_id, import_id)
    encoding = request.POST.get("encoding", "")
    return _act(request, run, actions.choose_encoding, encoding=encoding)


@requires(Permission.SOURCE_MANAGE)
@require_POST
def plan_again(request: ConsoleRequest, source_id: UUID, import_id: UUID) -> HttpResponse:
    return _act(request, load_to_change(request, source_id, import_id), actions.plan_again)


@requires(Permission.SOURCE_MANAGE)
@require_POST
def cancel(request: ConsoleRequest, source_id: UUID, import_id: UUID) -> HttpResponse:
    run = load_to_change(request, source_id, import_id)
    return _act(request, run, actions.cancel, said=_("The import is cancelled."))


def _act(
    request: ConsoleRequest,
    run: ImportRun,
    action: Callable[..., ImportRun],
    *,
    said: str = "",
    **arguments: Any,
) -> HttpResponse:
    """Do one thing with an import and show what became of it, or why it was not done."""
    try:
        done = action(by=request.user, import_run=run, at=timezone.now(), **arguments)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        if said and (action is not actions.cancel or done.is_finished):
            messages.success(request, said)
    return redirect("imports:detail", run.source_id, run.pk)
