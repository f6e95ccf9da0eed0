from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.authorization.permissions import Permission
from accounts.identities import actions, queries
from accounts.lib.errors import DomainError
from accounts.models import Identity, ServiceAccount, Takeover
from accounts.takeovers.states import Cause
from console.identities.forms import DeleteForm
from console.identities.leaving import left_behind
from console.ui.access import ConsoleRequest, requires, step_up
from console.ui.errors import add_error

OWNED_SHOWN = 20


def _load(request: ConsoleRequest, identity_id: UUID) -> Identity:
    return get_object_or_404(queries.visible_to(request.user).people(), pk=identity_id)


@requires(Permission.IDENTITY_DISABLE)
@require_http_methods(["GET", "POST"])
def disable(request: ConsoleRequest, identity_id: UUID) -> HttpResponse:
    identity = _load(request, identity_id)
    if request.method == "POST":
        try:
            actions.disable(by=request.user, identity=identity, at=timezone.now())
        except DomainError as error:
            messages.error(request, error.message)
        else:
            said = _("%(name)s is disabled and signed out everywhere.")
            messages.success(request, said % {"name": identity})
        return redirect("identities:detail", identity.pk)
    consequences = [
        _("They are signed out everywhere at once and cannot sign in."),
        _("Nothing is lost: Enable lets them sign in again."),
    ]
    return render(request, "identities/disable.html", _asking(request, identity, consequences))


@requires(Permission.IDENTITY_DISABLE)
@require_POST
def enable(request: ConsoleRequest, identity_id: UUID) -> HttpResponse:
    identity = _load(request, identity_id)
    try:
        actions.enable(by=request.user, identity=identity, at=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("%(name)s can sign in again.") % {"name": identity})
        if Takeover.objects.filter(giver=identity, cause=Cause.LEFT).exists():
            text = _("Service accounts that passed on meanwhile stay with whoever owns them now.")
            messages.info(request, text)
    return redirect("identities:detail", identity.pk)


@requires(Permission.IDENTITY_DISABLE)
@require_POST
def end_sessions(request: ConsoleRequest, identity_id: UUID) -> HttpResponse:
    identity = get_object_or_404(queries.visible_to(request.user), pk=identity_id)
    try:
        actions.end_sessions(by=request.user, identity=identity, at=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("%(name)s is signed out everywhere.") % {"name": identity})
    return redirect("identities:detail", identity.pk)


@requires(Permission.IDENTITY_MANAGE)
@step_up
@require_http_methods(["GET", "POST"])
def delete(request: ConsoleRequest, identity_id: UUID) -> HttpResponse:
    identity = _load(request, identity_id)
    name = identity.display_name
    form = DeleteForm(request.POST or None, identity=identity)
    if form.is_valid():
        try:
            actions.delete(by=request.user, identity=identity, at=timezone.now())
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("%(name)s is deleted.") % {"name": name})
            return redirect("identities:list")
    consequences = [
        _("They are signed out everywhere at once, for good."),
        _("The user name is free again; the ID is never given to anybody else."),
        _("What they did stays in the audit log."),
    ]
    context = _asking(request, identity, consequences) | {"form": form}
    return render(request, "identities/delete.html", context)


def _asking(request: ConsoleRequest, identity: Identity, consequences: list[str]) -> dict[str, Any]:
    """What the question before an act shows."""
    owned = ServiceAccount.objects.existing().filter(owner=identity)
    count = owned.count()
    said = ngettext(
        "%(count)d service account passes to somebody else",
        "%(count)d service accounts pass to somebody else",
        count,
    )
    return {
        "identity": identity,
        "consequences": consequences,
        "owned": list(owned.order_by("name", "pk")[:OWNED_SHOWN]),
        "owned_title": said % {"count": count} if count else "",
        "more_owned": max(count - OWNED_SHOWN, 0),
        "left_behind": left_behind(identity, person=request.user, now=timezone.now()),
    }
