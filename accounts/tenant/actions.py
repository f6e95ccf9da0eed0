from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.tenant import queries
from accounts.tenant.catalogue import switches
from accounts.tenant.models import TenantSetting


@transaction.atomic
def set_switches(*, by: Actor, states: Mapping[str, bool], at: datetime) -> list[str]:
    """Turn settings on or off; answers the names of those that changed.

    Raises:
        UnknownPart: there is no such setting.
    """
    check_may(by, Permission.TENANT_MANAGE)
    current = queries.all_switches()
    for name in states:
        switches.get(name)
    changed = [name for name, state in states.items() if current[name] != state]
    for name in changed:
        row, _created = TenantSetting.objects.update_or_create(
            name=name,
            defaults={"value": states[name], "changed_at": at, "changed_by": by.label[:200]},
        )
        record(
            "tenant_setting.changed",
            by=by,
            subject=row,
            before={name: current[name]},
            after={name: states[name]},
            at=at,
        )
    return changed
