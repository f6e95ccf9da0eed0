from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.authorization.permissions import Permission
from accounts.lib.errors import DomainError
from accounts.models import IdentityProfile
from accounts.profiles import actions, policies, queries
from accounts.profiles.actions import Details
from console.profiles.forms import NewProfileForm
from console.ui import processing
from console.ui.access import ConsoleRequest, requires
from console.ui.errors import add_error
from console.ui.lists import Order, address, paginate, sort_url

ORDERS: Final = (Order("priority", "priority"), Order("name", "name"))
SEARCH_MAX_LENGTH: Final = 200


@requires(Permission.PROFILE_VIEW)
@require_safe
def list_(request: ConsoleRequest) -> HttpResponse:
    text = request.GET.get("q", "").replace("\0", "").strip()[:SEARCH_MAX_LENGTH]
    found = queries.visible_to(request.user)
    if text:
        found = found.filter(name__icontains=text)
    page = paginate(request, found, orders=ORDERS, default="priority")
    states = processing.states(page.rows)
    chips = (
        [
            {
                "label": _("Search: %(text)s") % {"text": text},
                "remove_url": address(request, q="", after="", before=""),
            }
        ]
        if text
        else []
    )
    context: dict[str, Any] = {
        "rows": [{"profile": profile, "state": states[profile.pk]} for profile in page.rows],
        "page": page,
        "search": text,
        "chips": chips,
        "may_manage": policies.may_manage(request.user),
        "columns": {
            order.name: {
                "url": sort_url(request, order.name, page.order, page.descending),
                "direction": ("descending" if page.descending else "ascending")
                if order.name == page.order
                else "",
            }
            for order in ORDERS
        },
    }
    return render(request, "profiles/list.html", context)


@requires(Permission.PROFILE_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ConsoleRequest) -> HttpResponse:
    """Create New Identity Profile; `?source=` chooses the source, from the page of one."""
    posted = request.POST if request.method == "POST" else None
    form = NewProfileForm(posted, initial=_initial(request))
    if form.is_valid() and (profile := _create(request, form)) is not None:
        said = _("The identity profile %(name)s is created. Map its attributes next.")
        messages.success(request, said % {"name": profile})
        return redirect("profiles:mappings", profile.pk)
    context = {"form": form, "has_sources": queries.possible_sources().exists()}
    return render(request, "profiles/new.html", context)


def _initial(request: ConsoleRequest) -> dict[str, Any]:
    try:
        wanted = UUID(request.GET.get("source", ""))
    except ValueError:
        return {}
    source = queries.possible_sources().filter(pk=wanted).first()
    return {"source": source.pk, "name": source.name} if source else {}


def _create(request: ConsoleRequest, form: NewProfileForm) -> IdentityProfile | None:
    cleaned = form.cleaned_data
    try:
        return actions.create(
            by=request.user,
            source=cleaned["source"],
            kind=cleaned["kind"],
            details=Details(
                name=cleaned["name"], owner=request.user if request.user.is_person else None
            ),
            at=timezone.now(),
        )
    except DomainError as error:
        add_error(form, error)
        return None
