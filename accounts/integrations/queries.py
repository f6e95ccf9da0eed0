from __future__ import annotations

from django.db.models import Case, When

from accounts.identities.models import Identity
from accounts.integrations.models import Environment, Integration, IntegrationQuerySet
from accounts.service_accounts.models import ServiceAccount


def of_account(account: ServiceAccount | Identity) -> IntegrationQuerySet:
    """What was declared to use an account, production first, then by name; nothing uses a
    person."""
    hurts_most = Case(When(environment=Environment.PRODUCTION, then=0), default=1)
    rows = Integration.objects.filter(account_id=account.pk).select_related("owner")
    return rows.order_by(hurts_most, "name", "pk")
