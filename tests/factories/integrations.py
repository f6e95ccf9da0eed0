from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.integrations import actions
from accounts.integrations.actions import IntegrationDraft
from accounts.models import Integration, ServiceAccount


def make_integration(
    account: ServiceAccount, name: str = "Payroll export", **draft: Any
) -> Integration:
    wanted = IntegrationDraft(name, draft.pop("application", "Payroll"), **draft)
    return actions.declare(by=SYSTEM, account=account, draft=wanted, at=timezone.now())
