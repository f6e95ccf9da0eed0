from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.models import IdentityProfile
from accounts.profiles import actions, impact, policies, queries
from accounts.profiles.models import VanishedPolicy
from console.profiles.forms import SettingsForm
from console.profiles.tabs import frame, load
from console.ui import conflicts
from console.ui.access import ConsoleRequest, refuse, requires, step_up
from console.ui.errors import add_error

ORDER_SHOWN: Final = 100
"""Profiles in the order of priority; a tenant has far fewer."""


@requires(Permission.PROFILE_VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: ConsoleRequest, profile_id: UUID) -> HttpResponse:
    """Settings: to be read by those who see profiles, to be edited by those who manage them."""
    profile = load(request, profile_id)
    if not policies.may_manage(request.user):
        if request.method == "POST":
            refuse(request, Permission.PROFILE_MANAGE)
        return _page(request, profile, {})
    posted = request.POST if request.method == "POST" else None
    initial = conflicts.opened(SettingsForm.stored(profile))
    form = SettingsForm(posted, profile=profile, initial=initial)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        try:
            actions.edit(
                by=request.user,
                profile=profile,
                details=form.details(),
                revision=form.cleaned_data["revision"],
                at=timezone.now(),
            )
        except actions.EditConflict as error:
            found = _conflict(request, form, error.profile)
            context["conflict"], form.data = found, found.data
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("The settings are saved."))
            return redirect("profiles:detail", profile.pk)
    return _page(request, profile, context)


def _page(
    request: ConsoleRequest, profile: IdentityProfile, context: dict[str, Any]
) -> HttpResponse:
    context |= frame(request, profile, current="profiles:detail") | {
        "facts": _facts(profile, of_settings="form" not in context),
        "order": queries.visible_to(request.user).order_by("priority", "name", "id")[:ORDER_SHOWN],
    }
    return render(request, "profiles/detail.html", context)


def _facts(profile: IdentityProfile, *, of_settings: bool) -> list[dict[str, Any]]:
    source_url = reverse("sources:detail", args=[profile.source_id])
    facts: list[dict[str, Any]] = [
        {"label": _("Account Source"), "value": profile.source.name, "url": source_url},
        {"label": _("Identities are"), "value": profile.get_kind_display()},
        {"label": _("Accounts"), "value": f"{profile.source.account_count:,}"},
        {"label": _("Changes last applied"), "at": profile.applied_at, "missing": _("Never")},
        {"label": _("Created"), "at": profile.created_at},
        {"label": _("ID"), "value": str(profile.pk), "copy": True, "copy_label": _("Copy ID")},
    ]
    if of_settings:
        invites = profile.get_invite_policy_display()
        vanished = VanishedPolicy(profile.vanished_policy).label
        facts[2:2] = [
            {"label": _("Priority"), "value": profile.priority},
            {
                "label": _("Invitations"),
                "value": f"{invites}: {profile.invite_state}" if profile.invite_state else invites,
            },
            {"label": _("When an account is no longer in the source"), "value": vanished},
        ]
    return facts


def _conflict(
    request: ConsoleRequest, form: SettingsForm, current: IdentityProfile
) -> conflicts.Conflict:
    who = conflicts.who_changed(current, ("identity_profile.edited", "identity_profile.mapped"))
    stored = SettingsForm.stored(current)
    return conflicts.resolve(form, request.POST, current=stored, who=who)


@requires(Permission.PROFILE_MANAGE)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: ConsoleRequest, profile_id: UUID) -> HttpResponse:
    """Asks for the name, so that nothing is deleted by a slip."""
    profile = load(request, profile_id)
    error = ""
    if request.method == "POST":
        if request.POST.get("name", "").strip() != profile.name:
            said = _("This is not the name. Type %(name)s exactly as it stands here.")
            error = said % {"name": profile.name}
        else:
            try:
                actions.delete(by=request.user, profile=profile, at=timezone.now())
            except DomainError as refused:
                error = refused.message
            else:
                said = _("The identity profile %(name)s is deleted.")
                messages.success(request, said % {"name": profile})
                return redirect("profiles:list")
    context = {"profile": profile, "error": error, "deletion": impact.of_deleting(profile)}
    return render(request, "profiles/delete.html", context)
