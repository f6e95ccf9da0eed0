from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.audit import queries as audit
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.groups import queries
from accounts.models import Group
from accounts.roles import reach
from console.groups import shown
from console.ui import events, targets
from console.ui.access import ConsoleRequest, requires
from console.ui.lists import Order, address, chosen_order, paginate, sort_url

CHILDREN_SHOWN: Final = 50
SEARCH_MAX_LENGTH: Final = 200
MEMBER_ORDERS: Final = (Order("name", "identity__display_name"), Order("since", "since"))
ACTIVITY_ORDERS: Final = (Order("at", "at"),)


def load(request: ConsoleRequest, group_id: UUID) -> Group:
    rows = Group.objects.visible_to(request.user).select_related("manager", "parent")
    return get_object_or_404(rows, pk=group_id)


@requires(Permission.CONSOLE_OPEN)
@require_safe
def detail(request: ConsoleRequest, group_id: UUID) -> HttpResponse:
    group = load(request, group_id)
    chain = shown.above(group)
    seen = Group.objects.visible_to(request.user)
    children = list(seen.filter(parent=group).order_by("name", "pk")[: CHILDREN_SHOWN + 1])
    context = shown.frame(request, group, "detail") | {
        "facts": _facts(request, group, chain, timezone.now()),
        "roles": shown.roles_of(group, chain),
        "gives": shown.in_words(reach.of_group(group.pk)),
        "visible": set(seen.filter(pk__in=[each.pk for each in chain])),
        "sees_all": may(request.user, Permission.GROUP_VIEW),
        "children": children[:CHILDREN_SHOWN],
        "more_children": len(children) > CHILDREN_SHOWN,
    }
    return render(request, "groups/detail.html", context)


def _facts(
    request: ConsoleRequest, group: Group, chain: list[Group], now: datetime
) -> list[dict[str, Any]]:
    manager: dict[str, Any] = {"label": _("Manager"), "value": _("No manager")}
    if group.manager is not None:
        manager["value"] = group.manager.display_name
        if may(request.user, Permission.IDENTITY_VIEW) and group.manager.deleted_at is None:
            manager["url"] = reverse("identities:detail", args=[group.manager_id])
    parent: dict[str, Any] = {"label": _("Parent"), "value": _("No parent")}
    if chain:
        parent["value"] = " / ".join(each.name for each in reversed(chain))
        if Group.objects.visible_to(request.user).filter(pk=chain[0].pk).exists():
            parent["url"] = reverse("groups:detail", args=[chain[0].pk])
    facts = [
        {"label": _("Description"), "value": group.description or _("No description")},
        manager,
        parent,
        {"label": _("May be requested"), "value": _requested(group)},
    ]
    if queries.sees_members(request.user, group):
        count = group.memberships.filter(_holds_at(now)).count()
        facts.append({"label": _("Members"), "value": f"{count:,}"})
    return [
        *facts,
        {"label": _("Created by"), "value": group.created_by},
        {"label": _("Created"), "at": group.created_at, "exact": True},
        {"label": _("ID"), "value": str(group.pk), "copy": True, "copy_label": _("Copy the ID")},
    ]


def _holds_at(now: datetime) -> Q:
    return Q(until=None) | Q(until__gt=now)


@requires(Permission.CONSOLE_OPEN)
@require_safe
def members(request: ConsoleRequest, group_id: UUID) -> HttpResponse:
    group, now = load(request, group_id), timezone.now()
    text = request.GET.get("q", "").replace("\0", "").strip()[:SEARCH_MAX_LENGTH]
    rows = queries.members_seen(request.user, group, now)
    if text:
        named = Q(identity__display_name__icontains=text) | Q(identity__user_name__icontains=text)
        rows = rows.filter(named)
    page = paginate(request, rows, orders=MEMBER_ORDERS, default="name")
    order, descending = chosen_order(request, MEMBER_ORDERS, "name")
    urls = targets.urls([("identity", str(row.identity_id)) for row in page.rows], request.user)
    clear = address(request, q="", after="", before="")
    said = _("Search: %(text)s") % {"text": text}
    context = shown.frame(request, group, "members") | {
        "page": page,
        "rows": [
            {
                "membership": row,
                "identity": row.identity,
                "url": urls.get(("identity", str(row.identity_id)), ""),
                "menu_id": f"menu-{row.pk}",
            }
            for row in page.rows
        ],
        "sees_members": queries.sees_members(request.user, group),
        "search": text,
        "chips": [{"label": said, "remove_url": clear}] if text else [],
        "columns": {
            each.name: {
                "url": sort_url(request, each.name, order.name, descending),
                "direction": ("descending" if descending else "ascending") if each == order else "",
            }
            for each in MEMBER_ORDERS
        },
    }
    return render(request, "groups/members.html", context)


@requires(Permission.AUDIT_VIEW)
@require_safe
def activity(request: ConsoleRequest, group_id: UUID) -> HttpResponse:
    group = load(request, group_id)
    found = audit.about(group.audit_type, group.pk)
    page = paginate(request, found, orders=ACTIVITY_ORDERS, default="-at")
    context = shown.frame(request, group, "activity") | {
        "page": page,
        "lines": events.lines(page.rows, person=request.user),
    }
    return render(request, "groups/activity.html", context)


def _requested(group: Group) -> str:
    if not group.may_be_requested:
        return _("No")
    return _("Yes. Who decides: %(who)s") % {"who": group.get_approvers_display()}
