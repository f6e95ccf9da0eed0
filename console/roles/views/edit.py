from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.models import Role
from accounts.roles import actions
from console.roles.forms import RoleForm
from console.ui import conflicts, scope_choice
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import add_error, submitted


@requires(Permission.ROLE_MANAGE)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ConsoleRequest) -> HttpResponse:
    form = RoleForm(request.POST or None)
    role = submitted(
        form, lambda: actions.create(by=request.user, draft=form.draft(), at=timezone.now())
    )
    if role is not None:
        said = _("The role %(name)s is added. Now give it to a group or an identity.")
        messages.success(request, said % {"name": role.name})
        return redirect("roles:detail", role.pk)
    return render(request, "roles/form.html", _context(form))


@requires(Permission.ROLE_MANAGE)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ConsoleRequest, role_id: UUID) -> HttpResponse:
    role = get_object_or_404(Role, pk=role_id)
    initial = conflicts.opened(RoleForm.stored(role))
    form = RoleForm(request.POST or None, role=role, initial=initial)
    found: conflicts.Conflict | None = None
    if form.is_valid():
        try:
            actions.edit(
                by=request.user,
                role=role,
                draft=form.draft(),
                revision=form.cleaned_data["revision"] or 0,
                at=timezone.now(),
            )
        except actions.EditConflict as error:
            who = conflicts.who_changed(error.role, ("role.edited",))
            current = RoleForm.stored(error.role)
            found = conflicts.resolve(form, request.POST, current=current, who=who)
            form.data = found.data
        except DomainError as error:
            if isinstance(error, actions.RoleGone) and not Role.objects.filter(pk=role.pk).exists():
                messages.error(request, error.message)
                return redirect("roles:list")
            add_error(form, error)
        else:
            messages.success(request, _("The changes are saved."))
            return redirect("roles:detail", role.pk)
    return render(request, "roles/form.html", _context(form, role) | {"conflict": found})


def _context(form: RoleForm, role: Role | None = None) -> dict[str, Any]:
    presets = [
        {"label": each["label"], "scopes": each["scopes"]} for each in scope_choice.presets()
    ]
    return {
        "form": form,
        "role": role,
        "has_others": "contains" in form.fields,
        "sections": scope_choice.sections(form.chosen("scopes")),
        "presets": presets,
        "subjects": list(form.subjects()),
    }
