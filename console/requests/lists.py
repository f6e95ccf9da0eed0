from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.models import AccessRequest, Approval, Takeover
from accounts.requests import queries
from accounts.requests.models import RequestQuerySet
from accounts.requests.states import State
from console.ui import downloads
from console.ui.access import ConsoleRequest, requires
from console.ui.lists import Order, address, paginate
from console.ui.waiting import answers_wanted

ORDERS: Final = (Order("asked", "asked_at"),)


@requires(Permission.REQUEST_ASK)
@require_safe
def mine(request: ConsoleRequest) -> HttpResponse:
    """What one has asked for."""
    found = AccessRequest.objects.filter(requester=request.user)
    return _list(request, "mine", found)


@requires(Permission.REQUEST_ASK)
@require_safe
def to_approve(request: ConsoleRequest) -> HttpResponse:
    """What waits for a decision of one's own."""
    waiting = Approval.objects.waiting().for_person(request.user, timezone.now())
    found = AccessRequest.objects.filter(pk__in=waiting.values("request_id"))
    takeovers = Takeover.objects.waiting().for_person(request.user).count()
    return _list(request, "to_approve", found, takeovers=takeovers)


@requires(Permission.REQUEST_VIEW_ALL)
@require_safe
def all_(request: ConsoleRequest) -> HttpResponse:
    return _list(request, "all", AccessRequest.objects.all())


def _list(
    request: ConsoleRequest, name: str, found: RequestQuerySet, *, takeovers: int = 0
) -> HttpResponse:
    state = request.GET.get("state", "")
    if state in State.values:
        found = found.filter(state=state)
    rows = found.select_related("requester", "requested_for")
    page = paginate(request, rows, orders=ORDERS, default="-asked")
    narrowed = state in State.values
    away = queries.in_place_of_each(request.user, page.rows, timezone.now())
    context: dict[str, Any] = {
        "page": page,
        "export_url": downloads.url(request, "requests:export")
        if name == "all" and may(request.user, Permission.REQUEST_VIEW_ALL)
        else "",
        "rows": [{"asked": each, "in_place_of": away.get(each.pk, [])} for each in page.rows],
        "list": name,
        "tabs": _tabs(request, name),
        "narrowed": narrowed,
        "takeovers": takeovers,
        "filters": [_states(state)] if name != "to_approve" else [],
        "chips": _chips(request, state) if narrowed else [],
        "clear_url": request.path,
    }
    return render(request, "requests/list.html", context)


def _tabs(request: ConsoleRequest, current: str) -> list[dict[str, Any]]:
    tabs = [
        ("mine", _("My requests"), None),
        ("to_approve", _("To approve"), answers_wanted(request.user)),
    ]
    if may(request.user, Permission.REQUEST_VIEW_ALL):
        tabs.append(("all", _("All"), None))
    return [
        {
            "label": label,
            "url": reverse(f"requests:{name}"),
            "current": name == current,
            "count": count,
        }
        for name, label, count in tabs
    ]


def _states(chosen: str) -> dict[str, Any]:
    options = [{"value": "", "label": _("All")}]
    options += [{"value": value, "label": str(label)} for value, label in State.choices]
    return {"name": "state", "label": _("State"), "value": chosen, "options": options}


def _chips(request: ConsoleRequest, state: str) -> list[dict[str, str]]:
    return [{"label": str(State(state).label), "remove_url": address(request, state="")}]
