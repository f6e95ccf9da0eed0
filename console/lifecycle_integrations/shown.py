"""What the pages of one integration have in common."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.lifecycle_integrations.states import NOT_TESTED, OPEN
from accounts.models import LifecycleIntegration, LifecycleRun
from console.ui.access import ConsoleRequest


def load(lifecycle_id: UUID) -> LifecycleIntegration:
    rows = LifecycleIntegration.objects.select_related("owner", "item")
    return get_object_or_404(rows, pk=lifecycle_id)


def load_run(lifecycle_run_id: UUID) -> LifecycleRun:
    rows = LifecycleRun.objects.select_related("integration__owner", "integration__item")
    return get_object_or_404(rows, pk=lifecycle_run_id)


def context_of(
    request: ConsoleRequest, lifecycle: LifecycleIntegration, current: str
) -> dict[str, Any]:
    """For `_integration.html`."""
    open_run = LifecycleRun.objects.filter(integration=lifecycle, state__in=OPEN).first()
    may_manage = may(request.user, Permission.TENANT_MANAGE)
    is_tested = lifecycle.status not in NOT_TESTED
    return {
        "lifecycle": lifecycle,
        "open_run": open_run,
        "may_manage": may_manage,
        "is_tested": is_tested,
        "may_start": may_manage
        and is_tested
        and lifecycle.paused_at is None
        and not (open_run and open_run.is_busy),
        "tabs": [
            _tab(lifecycle, "detail", _("Overview"), current),
            _tab(lifecycle, "members", _("Members"), current),
            _tab(lifecycle, "activity", _("Activity"), current),
            _tab(lifecycle, "settings", _("Settings"), current),
        ],
    }


def _tab(lifecycle: LifecycleIntegration, name: str, label: str, current: str) -> dict[str, Any]:
    url = reverse(f"lifecycle_integrations:{name}", args=[lifecycle.pk])
    return {"label": label, "url": url, "current": name == current, "count": ""}
