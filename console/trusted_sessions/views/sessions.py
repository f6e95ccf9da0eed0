from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.authorization.permissions import Permission
from accounts.trusted_sessions import queries
from accounts.trusted_sessions.actions import MOST_SESSIONS
from accounts.trusted_sessions.models import State
from console.ui import trusted
from console.ui.access import ConsoleRequest, requires
from console.ui.lists import Order, paginate

ORDERS = (Order("asked", "asked_at"),)


@requires(Permission.VAULT_OWN)
@require_safe
def list_(request: ConsoleRequest) -> HttpResponse:
    """The trusted sessions that one has and had."""
    here = trusted.current(request)
    page = paginate(request, queries.of(request.user), orders=ORDERS, default="-asked")
    now = timezone.now()
    rows = [
        {
            "session": session,
            "is_this_one": here is not None and session.pk == here.pk,
            "state": _state(session.state, session.is_waiting),
            "waits": session.is_waiting,
            "is_open": session.state == State.TRUSTED or session.is_waiting,
        }
        for session in page.rows
    ]
    context = {
        "rows": rows,
        "page": page,
        "here": here,
        "recovery": queries.recovery_key_of(request.user),
        "most": MOST_SESSIONS,
        "now": now,
        "unlock_url": trusted.unlock_url(request.path),
    }
    return render(request, "trusted_sessions/list.html", context)


def _state(state: str, is_waiting: bool) -> str:
    if state == State.PENDING and not is_waiting:
        return "session_removed"
    return f"session_{state}"
