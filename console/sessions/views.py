from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.authorization.permissions import Permission
from accounts.identities import policies
from accounts.identities import queries as identities
from accounts.lib.errors import DomainError
from accounts.models import Identity
from accounts.sessions import actions, queries
from accounts.sessions.store import ABOUT
from accounts.sign_in import rules
from console.ui import devices
from console.ui.access import ConsoleRequest, refuse, requires, step_up


@requires(Permission.CONSOLE_OPEN)
@require_safe
def own(request: ConsoleRequest) -> HttpResponse:
    return render(request, "sessions/own.html", _listed(request, request.user))


@requires(Permission.CONSOLE_OPEN)
@require_POST
def stay(request: ConsoleRequest) -> HttpResponse:
    """Use the session, so that it does not end; asked for by `session.js`."""
    del request
    return HttpResponse(status=204)


@requires(Permission.CONSOLE_OPEN)
@step_up
@require_POST
def end_own(request: ConsoleRequest, session_id: UUID) -> HttpResponse:
    _end(request, request.user, session_id)
    return redirect("sessions:own")


@requires(Permission.IDENTITY_DISABLE)
@require_safe
def list_(request: ConsoleRequest, identity_id: UUID) -> HttpResponse:
    identity = get_object_or_404(identities.visible_to(request.user), pk=identity_id)
    if not policies.may_act_on(request.user, identity, Permission.IDENTITY_DISABLE):
        refuse(request, Permission.IDENTITY_DISABLE)
    return render(request, "sessions/list.html", _listed(request, identity))


@requires(Permission.IDENTITY_DISABLE)
@step_up
@require_POST
def end(request: ConsoleRequest, identity_id: UUID, session_id: UUID) -> HttpResponse:
    identity = get_object_or_404(identities.visible_to(request.user), pk=identity_id)
    _end(request, identity, session_id)
    return redirect("sessions:list", identity.pk)


def _end(request: ConsoleRequest, identity: Identity, session_id: UUID) -> None:
    now = timezone.now()
    session = queries.find(identity, session_id, now=now)
    if session is None:
        messages.info(request, _("This session has ended already."))
        return
    try:
        actions.end(by=request.user, identity=identity, session=session, at=now)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        said = _("The session of %(device)s is ended.")
        messages.success(request, said % {"device": devices.in_words(session.user_agent)})


def _listed(request: ConsoleRequest, identity: Identity) -> dict[str, Any]:
    here = request.session.get(ABOUT, {}).get("id")
    found = queries.living(identity, now=timezone.now())
    rows = [
        {
            "session": row,
            "device": devices.in_words(row.user_agent),
            "is_this_one": str(row.public_id) == here,
        }
        for row in found
    ]
    rows.sort(key=lambda row: not row["is_this_one"])
    return {"identity": identity, "rows": rows, "rules": rules.current(), "others": len(rows) > 1}
