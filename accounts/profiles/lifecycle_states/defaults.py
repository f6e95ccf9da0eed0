"""The states that every profile has from the start.

Used by a migration, so what is here never changes.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Final

DEFAULTS: Final[tuple[dict[str, Any], ...]] = (
    {
        "name": "Active",
        "technical_name": "active",
        "identity_state": "ACTIVE",
        "on_entry": "enable",
        "priority": 10,
    },
    {
        "name": "Inactive",
        "technical_name": "inactive",
        "identity_state": "INACTIVE_SHORT_TERM",
        "on_entry": "disable",
        "priority": 20,
    },
)


def rows(profile_id: uuid.UUID, *, at: datetime, by: str) -> list[dict[str, Any]]:
    """The fields of the states of a new profile."""
    common = {"profile_id": profile_id, "is_enabled": True, "created_by": by}
    times = {"created_at": at, "changed_at": at}
    return [{"id": uuid.uuid4(), **state, **common, **times} for state in DEFAULTS]


def add(apps: Any, schema_editor: Any) -> None:
    """Give the profiles that are there their states, and the one on which they invite."""
    from django.utils import timezone

    alias, now = schema_editor.connection.alias, timezone.now()
    states = apps.get_model("accounts", "LifecycleState").objects.using(alias)
    profiles = apps.get_model("accounts", "IdentityProfile").objects.using(alias)
    for profile in profiles.filter(deleted_at=None):
        if states.filter(profile_id=profile.pk).exists():
            continue
        found = rows(profile.pk, at=now, by="System")
        named = {row["technical_name"] for row in found}
        if profile.invite_state and profile.invite_state not in named:
            state = {"name": profile.invite_state, "technical_name": profile.invite_state}
            found.append({**found[0], **state, "id": uuid.uuid4(), "on_entry": "", "priority": 30})
        for row in found:
            states.create(**row)


def remove(apps: Any, schema_editor: Any) -> None:
    alias = schema_editor.connection.alias
    apps.get_model("accounts", "LifecycleState").objects.using(alias).all().delete()
