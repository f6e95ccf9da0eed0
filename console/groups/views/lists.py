from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.models import Group, GroupRole, Membership
from console.ui import downloads
from console.ui.access import ConsoleRequest, requires
from console.ui.lists import Order, address, chosen_order, paginate, sort_url

ORDERS: Final = (Order("name", "name"), Order("changed", "changed_at"))
SEARCH_MAX_LENGTH: Final = 200


@requires(Permission.CONSOLE_OPEN)
@require_safe
def list_(request: ConsoleRequest) -> HttpResponse:
    """All groups by permission, else those that one manages or has to do with."""
    text, which = _asked(request)
    page = paginate(request, rows_for(request), orders=ORDERS, default="name")
    order, descending = chosen_order(request, ORDERS, "name")
    context = {
        "page": page,
        "export_url": downloads.url(request, "groups:export")
        if may(request.user, Permission.GROUP_VIEW)
        else "",
        "rows": _counted(page.rows),
        "search": text,
        "filters": [_filter(which)],
        "chips": _chips(request, text, which),
        "keep": [{"name": "sort", "value": request.GET["sort"]}] if "sort" in request.GET else [],
        "columns": {
            each.name: {
                "url": sort_url(request, each.name, order.name, descending),
                "direction": ("descending" if descending else "ascending") if each == order else "",
            }
            for each in ORDERS
        },
        "may_manage": may(request.user, Permission.GROUP_MANAGE),
        "sees_all": may(request.user, Permission.GROUP_VIEW),
        "narrowed": bool(text or which in _labels()),
    }
    return render(request, "groups/list.html", context)


def _asked(request: ConsoleRequest) -> tuple[str, str]:
    """What is searched for, and which groups are to be shown."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:SEARCH_MAX_LENGTH]
    return text, request.GET.get("show", "")


def rows_for(request: ConsoleRequest) -> QuerySet[Group]:
    """The groups that the filters of the address leave."""
    text, which = _asked(request)
    rows = Group.objects.visible_to(request.user).select_related("manager", "parent")
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(description__icontains=text))
    if which == "mine":
        rows = rows.filter(manager=request.user)
    elif which == "requestable":
        rows = rows.filter(may_be_requested=True)
    return rows


def _counted(groups: Iterable[Group]) -> list[dict[str, Any]]:
    """Each group with its numbers; two statements, however many groups."""
    groups = list(groups)
    current = Membership.objects.current(timezone.now()).filter(group__in=groups)
    members = dict(current.order_by().values_list("group").annotate(Count("pk")))
    of_groups = GroupRole.objects.filter(group__in=groups).order_by()
    roles = dict(of_groups.values_list("group").annotate(Count("pk")))
    return [
        {"group": group, "members": members.get(group.pk, 0), "roles": roles.get(group.pk, 0)}
        for group in groups
    ]


def _labels() -> dict[str, str]:
    return {"mine": _("Managed by me"), "requestable": _("May be requested")}


def _filter(which: str) -> dict[str, Any]:
    options = [{"value": "", "label": _("All groups")}]
    options += [{"value": value, "label": label} for value, label in _labels().items()]
    chosen = which if which in _labels() else ""
    return {"name": "show", "label": _("Show"), "value": chosen, "options": options}


def _chips(request: ConsoleRequest, text: str, which: str) -> list[dict[str, str]]:
    chips = []
    if text:
        label = _("Search: %(text)s") % {"text": text}
        chips.append({"label": label, "remove_url": address(request, q="", after="", before="")})
    if which in _labels():
        url = address(request, show="", after="", before="")
        chips.append({"label": _labels()[which], "remove_url": url})
    return chips
