from __future__ import annotations

from accounts.identities.models import Identity
from accounts.integrations.models import Integration, IntegrationQuerySet
from accounts.service_accounts.models import ServiceAccount


def of_account(account: ServiceAccount | Identity) -> IntegrationQuerySet:
    """What was declared to use an account, by name; nothing uses a person."""
    rows = Integration.objects.filter(account_id=account.pk)
    return rows.select_related("owner").order_by("name", "pk")
