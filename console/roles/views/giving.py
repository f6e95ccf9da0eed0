from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.models import Identity, Role, RoleAssignment
from accounts.roles import assigning, reach
from accounts.service_accounts.queries import choosable_by
from console.roles import shown
from console.roles.forms import EndForm, GiveForm
from console.ui import days
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import add_error
from console.ui.redirects import own_path

METHODS = ["GET", "HEAD", "POST"]


@requires(Permission.ROLE_MANAGE)
@step_up
@require_http_methods(METHODS)
def give(request: ConsoleRequest, identity_id: UUID) -> HttpResponse:
    """A role for one identity by itself; groups are the better way for several."""
    identity = _load(request, identity_id)
    held = RoleAssignment.objects.current(timezone.now()).filter(identity=identity)
    roles = Role.objects.exclude(pk__in=held.values("role_id")).order_by("name", "pk")
    form = GiveForm(request.POST or None, roles=roles)
    if form.is_valid() and _put(request, form, identity, form.cleaned_data["role"]):
        return redirect(_back(request, identity))
    context = {
        "identity": identity,
        "form": form,
        "has_roles": roles.exists(),
        "back": _back(request, identity),
    }
    return render(request, "roles/give.html", context)


@requires(Permission.ROLE_MANAGE)
@step_up
@require_http_methods(METHODS)
def change(request: ConsoleRequest, identity_id: UUID, role_id: UUID) -> HttpResponse:
    """Another last day for a role that was given to an identity by itself."""
    identity = _load(request, identity_id)
    given = _given(identity, role_id)
    posted = request.POST if request.method == "POST" else None  # nothing typed is an answer, too
    form = EndForm(posted, initial={"until": days.day_of(given.until)})
    if form.is_valid() and _put(request, form, identity, given.role, given):
        return redirect(_back(request, identity))
    context = {"identity": identity, "given": given, "form": form}
    return render(request, "roles/given.html", context | {"back": _back(request, identity)})


@requires(Permission.ROLE_MANAGE)
@require_http_methods(METHODS)
def take(request: ConsoleRequest, identity_id: UUID, role_id: UUID) -> HttpResponse:
    identity = _load(request, identity_id)
    given = _given(identity, role_id)
    role, now = given.role, timezone.now()
    if request.method == "POST":
        try:
            assigning.take(by=request.user, identity=identity, role=role, at=now)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            about = {"role": role.name, "name": identity.display_name}
            messages.success(request, _("%(role)s is taken off %(name)s.") % about)
        return redirect(_back(request, identity))
    context = {
        "identity": identity,
        "given": given,
        "loses": shown.in_words(reach.of_roles([role.pk])),
        "back": _back(request, identity),
    }
    return render(request, "roles/take.html", context)


def _put(
    request: ConsoleRequest,
    form: EndForm,
    identity: Identity,
    role: Role,
    known: RoleAssignment | None = None,
) -> bool:
    """Give the role; false, with the reason in the form, if it may not be given."""
    until = days.end_of(form.cleaned_data["until"], known=known.until if known else None)
    try:
        assigning.assign(
            by=request.user, identity=identity, role=role, until=until, at=timezone.now()
        )
    except DomainError as error:
        add_error(form, error)
        return False
    about = {"role": role.name, "name": identity.display_name}
    messages.success(request, _("%(name)s has the role %(role)s.") % about)
    return True


def _load(request: ConsoleRequest, identity_id: UUID) -> Identity:
    return get_object_or_404(choosable_by(request.user), pk=identity_id)


def _given(identity: Identity, role_id: UUID) -> RoleAssignment:
    rows = RoleAssignment.objects.current(timezone.now()).select_related("role")
    return get_object_or_404(rows, identity=identity, role=role_id)


def _back(request: ConsoleRequest, identity: Identity) -> str:
    page = "identities" if identity.is_person else "service_accounts"
    return own_path(request.GET.get("back", ""), reverse(f"{page}:groups", args=[identity.pk]))
