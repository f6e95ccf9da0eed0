from __future__ import annotations

from typing import Final

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.audit import queries
from accounts.audit.csv_list import CSV
from accounts.audit.models import EventQuerySet
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.models import Event
from console.audit.forms import FilterForm
from console.ui import downloads, events
from console.ui.access import ConsoleRequest, requires
from console.ui.lists import Order, address, paginate, sort_url

ORDERS: Final = (Order("at", "at"),)
SAME_REQUEST: Final = 20
"""Events of one request that its page lists; the log itself lists the rest."""


@requires(Permission.AUDIT_VIEW)
@require_safe
def list_(request: ConsoleRequest) -> HttpResponse:
    form = FilterForm(request.GET)
    page = paginate(request, _rows(form), orders=ORDERS, default="-at")
    more_open = any(request.GET.get(name) for name in FilterForm.MORE)
    context = {
        "form": form,
        "more_open": more_open or bool(form.errors),
        "chips": _chips(request, form),
        "clear_url": reverse("audit:list"),
        "page": page,
        "lines": events.lines(page.rows, person=request.user),
        "sort_url": sort_url(request, "at", page.order, page.descending),
        "direction": "descending" if page.descending else "ascending",
        "sort": request.GET.get("sort", ""),
        "previous_label": _("Newer") if page.descending else _("Older"),
        "next_label": _("Older") if page.descending else _("Newer"),
        "may_export": may(request.user, Permission.AUDIT_EXPORT),
    }
    return render(request, "audit/list.html", context)


def _rows(form: FilterForm) -> EventQuerySet:
    """The events that are asked for; none where it is not clear what that would be."""
    if not form.is_valid():
        return Event.objects.none()
    return queries.for_list(form.wanted(timezone.now()))


def _chips(request: ConsoleRequest, form: FilterForm) -> list[dict[str, str]]:
    if not form.is_valid():
        return []
    return [
        {"label": label, "remove_url": address(request, after="", before="", **{name: ""})}
        for name, label in form.in_words().items()
    ]


@requires(Permission.AUDIT_VIEW)
@require_safe
def detail(request: ConsoleRequest, event_id: int) -> HttpResponse:
    event = get_object_or_404(Event, pk=event_id)
    together: list[Event] = []
    if event.request_id:
        same = queries.for_list(queries.Wanted(request_id=event.request_id))
        together = list(same.exclude(pk=event.pk)[:SAME_REQUEST])
    line, *others = events.lines([event, *together], person=request.user)
    return render(request, "audit/detail.html", {"line": line, "event": event, "others": others})


@requires(Permission.AUDIT_EXPORT)
@require_safe
def export(request: ConsoleRequest) -> HttpResponseBase:
    """The log as CSV with the filters of the address, newest first, read while it is sent."""
    form = FilterForm(request.GET)
    rows = _rows(form)
    if form.errors:
        return list_(request)
    return downloads.csv_file(request, CSV, rows, form.cleaned_data)
