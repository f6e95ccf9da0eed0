from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.audit import queries as audit
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.lifecycle_integrations import members as entitled
from accounts.lifecycle_integrations.connectors import connectors
from accounts.models import LifecycleIntegration, LifecycleLink, LifecycleRun
from console.lifecycle_integrations.shown import context_of, load
from console.ui import events
from console.ui.access import ConsoleRequest, requires
from console.ui.lists import Order, paginate

ORDERS: Final = (Order("name", "name"),)
BY_IDENTITY: Final = (Order("user_name", "identity__user_name"),)
EVENTS: Final = (Order("at", "at"),)
RUNS_SHOWN: Final = 10


@requires(Permission.TENANT_VIEW)
@require_safe
def list_(request: ConsoleRequest) -> HttpResponse:
    page = paginate(request, LifecycleIntegration.objects.all(), orders=ORDERS, default="name")
    context = {
        "page": page,
        "rows": page.rows,
        "may_manage": may(request.user, Permission.TENANT_MANAGE),
    }
    return render(request, "lifecycle_integrations/list.html", context)


@requires(Permission.TENANT_VIEW)
@require_safe
def detail(request: ConsoleRequest, lifecycle_id: UUID) -> HttpResponse:
    lifecycle = load(lifecycle_id)
    runs = LifecycleRun.objects.filter(integration=lifecycle).order_by("-started_at", "-pk")
    context = context_of(request, lifecycle, "detail") | {
        "facts": _facts(lifecycle),
        "runs": list(runs[:RUNS_SHOWN]),
    }
    return render(request, "lifecycle_integrations/detail.html", context)


def _facts(lifecycle: LifecycleIntegration) -> list[dict[str, Any]]:
    now = timezone.now()
    links = LifecycleLink.objects.filter(integration=lifecycle)
    owner = lifecycle.owner
    return [
        {"label": _("App"), "value": lifecycle.application},
        {"label": _("Members of its groups"), "value": entitled.entitled(lifecycle, now).count()},
        {"label": _("Linked accounts"), "value": links.count()},
        {"label": _("Owner"), "value": owner.display_name if owner else _("Nobody named")},
        {"label": _("Last synced"), "at": lifecycle.last_synced_at, "missing": _("Never")},
        {"label": _("Next"), "at": lifecycle.next_sync_at, "missing": _("When somebody begins it")},
        {"label": _("ID"), "value": str(lifecycle.pk), "copy": True, "copy_label": _("Copy ID")},
    ]


@requires(Permission.TENANT_VIEW)
@require_safe
def members(request: ConsoleRequest, lifecycle_id: UUID) -> HttpResponse:
    """The linked accounts, and the groups that say who should have one."""
    lifecycle = load(lifecycle_id)
    links = LifecycleLink.objects.filter(integration=lifecycle).select_related("identity")
    page = paginate(request, links, orders=BY_IDENTITY, default="user_name")
    context = context_of(request, lifecycle, "members") | {
        "page": page,
        "rows": page.rows,
        "groups": list(lifecycle.groups.order_by("name", "pk")),
    }
    return render(request, "lifecycle_integrations/members.html", context)


@requires(Permission.TENANT_VIEW)
@require_safe
def activity(request: ConsoleRequest, lifecycle_id: UUID) -> HttpResponse:
    lifecycle = load(lifecycle_id)
    found = audit.about(lifecycle.audit_type, lifecycle.pk)
    page = paginate(request, found, orders=EVENTS, default="-at")
    context = context_of(request, lifecycle, "activity") | {
        "page": page,
        "lines": events.lines(page.rows, person=request.user),
    }
    return render(request, "lifecycle_integrations/activity.html", context)


@requires(Permission.TENANT_VIEW)
@require_safe
def settings_(request: ConsoleRequest, lifecycle_id: UUID) -> HttpResponse:
    lifecycle = load(lifecycle_id)
    context = context_of(request, lifecycle, "settings") | {
        "connection": _connection(lifecycle),
        "rules": _rules(lifecycle),
    }
    return render(request, "lifecycle_integrations/settings.html", context)


def _connection(lifecycle: LifecycleIntegration) -> list[dict[str, Any]]:
    if lifecycle.item is not None:
        secret = _("From the vault: %(label)s") % {"label": lifecycle.item.label}
    else:
        secret = _("Stored, never shown") if lifecycle.has_secret else _("None yet")
    return [
        {"label": _("Kind"), "value": str(connectors.get(lifecycle.connector).label)},
        {"label": _("Address"), "value": lifecycle.url or _("None yet")},
        {"label": _("Login method"), "value": lifecycle.get_auth_display()},
        {"label": _("User name"), "value": lifecycle.username or _("None")},
        {"label": _("Secret"), "value": secret},
    ]


def _rules(lifecycle: LifecycleIntegration) -> list[dict[str, Any]]:
    groups = lifecycle.groups.order_by("name", "pk").values_list("name", flat=True)
    owner = lifecycle.owner
    return [
        {"label": _("Groups"), "value": ", ".join(groups) or _("None yet")},
        {"label": _("Who leaves them"), "value": lifecycle.get_leavers_display()},
        {
            "label": _("Accounts that are there already"),
            "value": _("Linked by user name") if lifecycle.adopt else _("Left alone"),
        },
        {
            "label": _("Safeguard"),
            "value": _("%(percent)d %%") % {"percent": lifecycle.threshold_percent},
        },
        {"label": _("Owner"), "value": owner.display_name if owner else _("Nobody named")},
    ]
