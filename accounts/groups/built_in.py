"""The group and the roles that every tenant has from the start, as ServiceNow's sites have them.

Used by a migration, so what a name means here never changes. They are like any others: who
administers the tenant changes and deletes them.
"""

from __future__ import annotations

import uuid
from typing import Any, Final

from accounts.lib.names import skeleton

GROUP: Final = "ServiceNow Service Accounts"
ITIL: Final = "itil"
REST_API_EXPLORER: Final = "rest_api_explorer"

ROLES: Final[dict[str, dict[str, Any]]] = {
    ITIL: {
        "description": "Reads identities, groups and roles, and calls the ServiceNow interface.",
        "scopes": ["useraccount"],
        "permissions": ["identity.view", "group.view"],
    },
    REST_API_EXPLORER: {
        "description": "Tries calls to the programming interfaces in the API explorer.",
        "permissions": ["api_explorer.use"],
    },
}
GROUP_DESCRIPTION: Final = (
    "Service accounts that call the programming interfaces. Whoever needs that for an account "
    "asks for it; their manager decides."
)


def add(apps: Any, schema_editor: Any) -> None:
    """Whatever has one of these names, or one that looks like it, stays as it is; the group gets
    those roles alone that are made here."""
    from django.utils import timezone

    now = timezone.now()
    alias = schema_editor.connection.alias
    groups = apps.get_model("accounts", "Group").objects.using(alias)
    roles = apps.get_model("accounts", "Role").objects.using(alias)
    made = [
        roles.create(**_columns(name, now), **values)
        for name, values in ROLES.items()
        if not roles.filter(name_key=skeleton(name)).exists()
    ]
    if groups.filter(name_key=skeleton(GROUP)).exists():
        return
    group = groups.create(
        **_columns(GROUP, now), description=GROUP_DESCRIPTION, may_be_requested=True
    )
    carried = apps.get_model("accounts", "GroupRole").objects.using(alias)
    for role in made:
        carried.create(group=group, role=role, granted_at=now, granted_by="System")


def _columns(name: str, now: Any) -> dict[str, Any]:
    return {
        "id": uuid.uuid4(),
        "name": name,
        "name_key": skeleton(name),
        "created_at": now,
        "created_by": "System",
        "changed_at": now,
    }
