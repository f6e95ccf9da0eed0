from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.models import GroupRole, Role, RoleAssignment
from accounts.roles import queries
from console.ui import downloads
from console.ui.access import ConsoleRequest, requires
from console.ui.lists import Order, address, chosen_order, paginate, sort_url

ORDERS: Final = (Order("name", "name"), Order("changed", "changed_at"))
SEARCH_MAX_LENGTH: Final = 200


@requires(Permission.GROUP_VIEW)
@require_safe
def list_(request: ConsoleRequest) -> HttpResponse:
    text = request.GET.get("q", "").replace("\0", "").strip()[:SEARCH_MAX_LENGTH]
    page = paginate(request, queries.matching(text), orders=ORDERS, default="name")
    order, descending = chosen_order(request, ORDERS, "name")
    clear = address(request, q="", after="", before="")
    said = _("Search: %(text)s") % {"text": text}
    context = {
        "page": page,
        "export_url": downloads.url(request, "roles:export"),
        "rows": _counted(page.rows),
        "search": text,
        "chips": [{"label": said, "remove_url": clear}] if text else [],
        "keep": [{"name": "sort", "value": request.GET["sort"]}] if "sort" in request.GET else [],
        "columns": {
            each.name: {
                "url": sort_url(request, each.name, order.name, descending),
                "direction": ("descending" if descending else "ascending") if each == order else "",
            }
            for each in ORDERS
        },
        "may_manage": may(request.user, Permission.ROLE_MANAGE),
    }
    return render(request, "roles/list.html", context)


def _counted(roles: Iterable[Role]) -> list[dict[str, Any]]:
    """Each role with its numbers; two statements, however many roles."""
    roles = list(roles)
    of_groups = GroupRole.objects.filter(role__in=roles).order_by()
    groups = dict(of_groups.values_list("role").annotate(Count("pk")))
    given = RoleAssignment.objects.current(timezone.now()).filter(role__in=roles).order_by()
    holders = dict(given.values_list("role").annotate(Count("pk")))
    return [
        {"role": each, "groups": groups.get(each.pk, 0), "holders": holders.get(each.pk, 0)}
        for each in roles
    ]
