from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.models import IdentityProfile, LifecycleState
from accounts.profiles import queries as profiles
from accounts.profiles.attributes import LIFECYCLE_STATE
from accounts.profiles.lifecycle_states import actions, queries
from console.profiles.lifecycle_forms import NewStateForm, StateForm
from console.profiles.tabs import frame, load
from console.ui import conflicts
from console.ui.access import ConsoleRequest, requires
from console.ui.errors import add_error

TAB = "profiles:lifecycle_states"
CHANGES = ("lifecycle_state.edited", "lifecycle_state.enabled", "lifecycle_state.disabled")


@requires(Permission.PROFILE_VIEW)
@require_safe
def list_(request: ConsoleRequest, profile_id: UUID) -> HttpResponse:
    profile = load(request, profile_id)
    counts = queries.counts(profile)
    latest = profiles.latest(profile)
    context = frame(request, profile, current=TAB) | {
        "rows": [
            {
                "state": state,
                "count": counts.get(state.technical_name, 0),
                "is_more": counts.get(state.technical_name, 0) > queries.COUNTED,
                "invites": profile.invite_state == state.technical_name,
                "menu_id": f"menu-{state.pk}",
            }
            for state in queries.of(profile)
        ],
        "is_mapped": profile.mappings.filter(attribute=LIFECYCLE_STATE).exists(),
        "unknown": unknown(latest.unknown_states if latest else {}),
    }
    return render(request, "profiles/lifecycle_states.html", context)


def unknown(counted: dict[str, int]) -> list[dict[str, Any]]:
    """Values of the source that name no enabled state, the most frequent first."""
    found = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return [{"value": value, "count": count} for value, count in found]


@requires(Permission.PROFILE_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ConsoleRequest, profile_id: UUID) -> HttpResponse:
    profile = load(request, profile_id)
    named = request.GET.get("name", "").replace("\0", "")[:100]
    form = NewStateForm(request.POST or None, initial={"name": named, "technical_name": named})
    if form.is_valid():
        try:
            state = actions.add(
                by=request.user,
                profile=profile,
                technical_name=form.cleaned_data["technical_name"],
                draft=form.draft(),
                at=timezone.now(),
            )
        except DomainError as error:
            add_error(form, error)
        else:
            said = _("The state %(name)s is added. Nobody enters it before it is enabled.")
            messages.success(request, said % {"name": state})
            return redirect(TAB, profile.pk)
    return _form_page(request, profile, {"form": form})


@requires(Permission.PROFILE_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ConsoleRequest, profile_id: UUID, state_id: UUID) -> HttpResponse:
    profile = load(request, profile_id)
    state = _load_state(profile, state_id)
    form = StateForm(request.POST or None, initial=conflicts.opened(StateForm.stored(state)))
    context: dict[str, Any] = {"form": form, "lifecycle_state": state}
    if form.is_valid():
        try:
            actions.edit(
                by=request.user,
                state=state,
                draft=form.draft(),
                revision=form.cleaned_data["revision"] or 0,
                at=timezone.now(),
            )
        except actions.EditConflict as error:
            who = conflicts.who_changed(state, CHANGES)
            now = StateForm.stored(error.state)
            found = conflicts.resolve(form, request.POST, current=now, who=who)
            context["conflict"], form.data = found, found.data
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("The state %(name)s is saved.") % {"name": state})
            return redirect(TAB, profile.pk)
    return _form_page(request, profile, context)


def _form_page(
    request: ConsoleRequest, profile: IdentityProfile, context: dict[str, Any]
) -> HttpResponse:
    return render(request, "profiles/lifecycle_state.html", {"profile": profile, **context})


def _load_state(profile: IdentityProfile, state_id: UUID) -> LifecycleState:
    found = LifecycleState.objects.select_related("profile__source").filter(profile=profile)
    return get_object_or_404(found, pk=state_id)


@requires(Permission.PROFILE_MANAGE)
@require_POST
def enable(request: ConsoleRequest, profile_id: UUID, state_id: UUID) -> HttpResponse:
    return _set_enabled(request, profile_id, state_id, enabled=True)


@requires(Permission.PROFILE_MANAGE)
@require_POST
def disable(request: ConsoleRequest, profile_id: UUID, state_id: UUID) -> HttpResponse:
    return _set_enabled(request, profile_id, state_id, enabled=False)


def _set_enabled(
    request: ConsoleRequest, profile_id: UUID, state_id: UUID, *, enabled: bool
) -> HttpResponse:
    profile = load(request, profile_id)
    state = _load_state(profile, state_id)
    try:
        actions.set_enabled(by=request.user, state=state, enabled=enabled, at=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        said = _("The state %(name)s is enabled.") if enabled else _("%(name)s is disabled.")
        text = f"{said % {'name': state}} {_('Apply the changes to let it count.')}"
        messages.success(request, text)
    return redirect(TAB, profile.pk)


@requires(Permission.PROFILE_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: ConsoleRequest, profile_id: UUID, state_id: UUID) -> HttpResponse:
    profile = load(request, profile_id)
    state = _load_state(profile, state_id)
    error = ""
    if request.method == "POST":
        try:
            actions.remove(by=request.user, state=state, at=timezone.now())
        except DomainError as refused:
            error = refused.message
        else:
            messages.success(request, _("The state %(name)s is removed.") % {"name": state})
            return redirect(TAB, profile.pk)
    context = {"profile": profile, "lifecycle_state": state, "error": error}
    return render(request, "profiles/lifecycle_state_remove.html", context)
