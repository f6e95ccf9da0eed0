from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.authorization.permissions import Permission
from accounts.groups import actions
from accounts.lib.errors import DomainError
from accounts.models import Group
from console.groups.forms import GroupForm
from console.groups.views.detail import load
from console.ui import conflicts
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import add_error, submitted


@requires(Permission.GROUP_MANAGE)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ConsoleRequest) -> HttpResponse:
    form = GroupForm(request.POST or None)
    group = submitted(
        form, lambda: actions.create(by=request.user, draft=form.draft(), at=timezone.now())
    )
    if group is not None:
        said = _("The group %(name)s is added. Now add who belongs to it.")
        messages.success(request, said % {"name": group.name})
        return redirect("groups:members", group.pk)
    return render(request, "groups/form.html", _context(form))


@requires(Permission.GROUP_MANAGE)
@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ConsoleRequest, group_id: UUID) -> HttpResponse:
    group = load(request, group_id)
    initial = conflicts.opened(GroupForm.stored(group))
    form = GroupForm(request.POST or None, group=group, initial=initial)
    found: conflicts.Conflict | None = None
    if form.is_valid():
        try:
            actions.edit(
                by=request.user,
                group=group,
                draft=form.draft(),
                revision=form.cleaned_data["revision"] or 0,
                at=timezone.now(),
            )
        except actions.EditConflict as error:
            who = conflicts.who_changed(error.group, ("group.edited",))
            current = GroupForm.stored(error.group)
            found = conflicts.resolve(form, request.POST, current=current, who=who)
            form.data = found.data
        except actions.GroupGone as error:
            messages.error(request, error.message)
            return redirect("groups:list")
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("The changes are saved."))
            return redirect("groups:detail", group.pk)
    return render(request, "groups/form.html", _context(form, group) | {"conflict": found})


def _context(form: GroupForm, group: Group | None = None) -> dict[str, object]:
    return {"form": form, "group": group, "has_roles": "roles" in form.fields}
