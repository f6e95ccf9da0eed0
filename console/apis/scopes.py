"""The scopes of an API: to add or change one says who may do more, so it asks for the password."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from console.apis import removal
from console.apis.forms import NewScopeForm, RemoveForm, ScopeForm
from console.ui import conflicts
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.conflicts import Conflict
from console.ui.errors import add_error, submitted
from tokens.apis import actions, queries
from tokens.models import Api, ApiScope

METHODS: Final = ["GET", "HEAD", "POST"]


@requires(Permission.TENANT_MANAGE)
@require_http_methods(METHODS)
@step_up
def new(request: ConsoleRequest, api_id: UUID) -> HttpResponse:
    api = get_object_or_404(Api, pk=api_id)
    form = NewScopeForm(request.POST or None, api=api)
    scope = submitted(
        form,
        lambda: actions.create_scope(
            by=request.user, api=api, draft=form.draft(), at=timezone.now()
        ),
    )
    if scope is None:
        return render(request, "apis/scope_form.html", {"form": form, "api": api})
    said = _("The scope %(name)s is added. Service accounts can be given it now.")
    messages.success(request, said % {"name": scope.name})
    return redirect("apis:new_scope" if "another" in request.POST else "apis:detail", api.pk)


@requires(Permission.TENANT_MANAGE)
@require_http_methods(METHODS)
@step_up
def edit(request: ConsoleRequest, scope_id: UUID) -> HttpResponse:
    scope = _load(scope_id)
    initial = conflicts.opened(ScopeForm.initial_of(scope))
    form = ScopeForm(request.POST or None, api=scope.api, scope=scope, initial=initial)
    conflict: Conflict | None = None
    if form.is_valid():
        try:
            saved = actions.edit_scope(
                by=request.user,
                scope=scope,
                draft=form.draft(),
                revision=form.cleaned_data["revision"] or 0,
                at=timezone.now(),
            )
        except actions.EditConflict as error:
            conflict = form.compare(request.POST, error.current)
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": saved.name})
            return redirect("apis:detail", saved.api_id)
    context = {"form": form, "api": scope.api, "scope": scope, "conflict": conflict}
    return render(request, "apis/scope_form.html", context)


@requires(Permission.TENANT_MANAGE)
@require_http_methods(METHODS)
@step_up
def remove(request: ConsoleRequest, scope_id: UUID) -> HttpResponse:
    scope = _load(scope_id)
    form = RemoveForm(request.POST or None, called=scope.name)
    removed = submitted(
        form,
        lambda: actions.remove_scope(
            by=request.user, scope=scope, at=timezone.now(), seen=form.cleaned_data["seen"]
        ),
    )
    if removed is not None:
        messages.success(request, _("The scope %(name)s is removed.") % {"name": removed.name})
        return redirect("apis:detail", removed.api_id)
    context = {
        "api": scope.api,
        "scope": scope,
        "called": scope.name,
        **removal.shown(form, queries.holders([scope.name]), removal.of_scope(scope)),
    }
    return render(request, "apis/remove.html", context)


def _load(scope_id: UUID) -> ApiScope:
    return get_object_or_404(ApiScope.objects.select_related("api", "parent"), pk=scope_id)
