from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.models import Processing
from accounts.profiles.processing import actions
from console.profiles import plan
from console.profiles.tabs import load
from console.profiles.views.changes import load_processing
from console.ui.access import ConsoleRequest, requires, step_up


@requires(Permission.PROFILE_MANAGE)
@require_POST
def apply(request: ConsoleRequest, profile_id: UUID) -> HttpResponse:
    """Apply Changes: have a plan made; nothing changes before it is confirmed."""
    profile = load(request, profile_id)
    try:
        processing = actions.plan(by=request.user, profile=profile, at=timezone.now())
    except actions.AlreadyProcessing as error:
        messages.info(request, error.message)
        processing = error.running
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("profiles:list")
    return redirect("profiles:processing", profile.pk, processing.pk)


@requires(Permission.PROFILE_MANAGE)
@require_POST
def confirm(request: ConsoleRequest, profile_id: UUID, processing_id: UUID) -> HttpResponseBase:
    """Have the plan applied that the person has seen; of another one nothing is.

    Where it ends identities, or there is something to look at first, the password is asked for
    again.
    """
    processing = load_processing(load(request, profile_id), processing_id)
    if plan.losing(processing) or processing.disabled_by_state or processing.held_reason:
        return _confirm_grave(request, processing)
    return _confirm(request, processing)


@step_up
def _confirm_grave(request: ConsoleRequest, processing: Processing) -> HttpResponse:
    return _confirm(request, processing)


def _confirm(request: ConsoleRequest, processing: Processing) -> HttpResponse:
    seen = request.POST.get("plan", "")
    number = int(seen) if seen.isascii() and seen.isdigit() else 0
    try:
        actions.confirm(
            by=request.user,
            processing=processing,
            at=timezone.now(),
            plan=number,
            sure=request.POST.get("sure") == "on",
        )
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("profiles:processing", processing.profile_id, processing.pk)


@requires(Permission.PROFILE_MANAGE)
@require_POST
def cancel(request: ConsoleRequest, profile_id: UUID, processing_id: UUID) -> HttpResponse:
    processing = load_processing(load(request, profile_id), processing_id)
    try:
        actions.cancel(by=request.user, processing=processing, at=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        processing.refresh_from_db()
        if processing.is_finished:
            messages.success(request, _("The changes are cancelled."))
        else:
            messages.info(request, _("The work is being stopped."))
    return redirect("profiles:processing", processing.profile_id, processing.pk)
