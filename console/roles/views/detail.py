from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.audit import queries as audit
from accounts.authorization.permissions import IN_WORDS, SUBJECTS, Permission
from accounts.models import Group, Role, RoleAssignment
from accounts.roles import reach
from console.roles import shown
from console.ui import events, targets
from console.ui.access import ConsoleRequest, requires
from console.ui.lists import Order, address, paginate
from tokens.scopes import in_force

GROUPS_SHOWN: Final = 50
SEARCH_MAX_LENGTH: Final = 200
HOLDER_ORDERS: Final = (Order("name", "identity__display_name"),)
ACTIVITY_ORDERS: Final = (Order("at", "at"),)


@requires(Permission.GROUP_VIEW)
@require_safe
def detail(request: ConsoleRequest, role_id: UUID) -> HttpResponse:
    role = get_object_or_404(Role, pk=role_id)
    now = timezone.now()
    whole = reach.of_roles([role.pk])
    carrying = Group.objects.filter(group_roles__role=role)
    counted = Count("memberships", filter=_holds_at("memberships", now), distinct=True)
    groups = list(carrying.annotate(members=counted).order_by("name", "pk")[: GROUPS_SHOWN + 1])
    direct = RoleAssignment.objects.current(now).filter(role=role).count()
    within = role.containers.select_related("role").order_by("role__name")
    context = shown.frame(request, role, "detail") | {
        "facts": _facts(role, direct),
        "scopes": _scopes(role),
        "subjects": _permissions(role),
        "contained": [each.contained for each in _contained(role)],
        "by_others": shown.in_words(
            reach.Carried(
                whole.scopes - set(role.scopes),
                whole.permissions - {p for p in Permission if p in role.permissions},
            )
        ),
        "containers": [each.role for each in within],
        "groups": groups[:GROUPS_SHOWN],
        "more_groups": len(groups) > GROUPS_SHOWN,
        "direct": direct,
    }
    return render(request, "roles/detail.html", context)


def _holds_at(relation: str, now: Any) -> Q:
    return Q(**{f"{relation}__until": None}) | Q(**{f"{relation}__until__gt": now})


def _contained(role: Role) -> Any:
    return role.containments.select_related("contained").order_by("contained__name")


def _facts(role: Role, direct: int) -> list[dict[str, Any]]:
    return [
        {"label": _("Description"), "value": role.description or _("No description")},
        {"label": _("Given directly to"), "value": f"{direct:,}"},
        {"label": _("Created by"), "value": role.created_by},
        {"label": _("Created"), "at": role.created_at, "exact": True},
        {"label": _("Changed"), "at": role.changed_at, "exact": True},
        {"label": _("ID"), "value": str(role.pk), "copy": True, "copy_label": _("Copy the ID")},
    ]


def _scopes(role: Role) -> list[dict[str, str]]:
    catalogue = in_force.for_names(role.scopes)
    found = []
    for name in catalogue.in_order(role.scopes):
        scope = catalogue.get(name)
        said = (scope.plain or scope.purpose) if scope else _("Not in the catalogue.")
        found.append({"name": name, "says": said})
    return found


def _permissions(role: Role) -> list[dict[str, Any]]:
    """The console permissions in words, by what they are about."""
    carried = [permission for permission in Permission if permission in role.permissions]
    return [
        {"title": title, "said": [IN_WORDS[p] for p in carried if p.subject == subject]}
        for subject, title in SUBJECTS.items()
        if any(p.subject == subject for p in carried)
    ]


@requires(Permission.GROUP_VIEW)
@require_safe
def holders(request: ConsoleRequest, role_id: UUID) -> HttpResponse:
    """Who has the role by itself, not by a group."""
    role = get_object_or_404(Role, pk=role_id)
    text = request.GET.get("q", "").replace("\0", "").strip()[:SEARCH_MAX_LENGTH]
    rows = RoleAssignment.objects.current(timezone.now()).filter(role=role)
    if text:
        named = Q(identity__display_name__icontains=text) | Q(identity__user_name__icontains=text)
        rows = rows.filter(named)
    rows = rows.select_related("identity")
    page = paginate(request, rows, orders=HOLDER_ORDERS, default="name")
    urls = targets.urls([("identity", str(row.identity_id)) for row in page.rows], request.user)
    clear = address(request, q="", after="", before="")
    said = _("Search: %(text)s") % {"text": text}
    context = shown.frame(request, role, "holders") | {
        "page": page,
        "rows": [
            {
                "given": row,
                "identity": row.identity,
                "url": urls.get(("identity", str(row.identity_id)), ""),
                "menu_id": f"menu-{row.pk}",
            }
            for row in page.rows
        ],
        "search": text,
        "chips": [{"label": said, "remove_url": clear}] if text else [],
    }
    return render(request, "roles/holders.html", context)


@requires(Permission.AUDIT_VIEW)
@require_safe
def activity(request: ConsoleRequest, role_id: UUID) -> HttpResponse:
    role = get_object_or_404(Role, pk=role_id)
    found = audit.about(role.audit_type, role.pk)
    page = paginate(request, found, orders=ACTIVITY_ORDERS, default="-at")
    context = shown.frame(request, role, "activity") | {
        "page": page,
        "lines": events.lines(page.rows, person=request.user),
    }
    return render(request, "roles/activity.html", context)
