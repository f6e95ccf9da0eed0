"""The transforms that every tenant has from the start.

Used by a migration, so what a name means here never changes.
"""

from __future__ import annotations

import uuid
from typing import Any, Final

DEFINITIONS: Final[dict[str, dict[str, Any]]] = {
    "To Lower": {"type": "lower"},
    "To Upper": {"type": "upper"},
    "Trim": {"type": "trim"},
    "Normalize Names": {"type": "normalizeNames"},
    "Remove Diacritical Marks": {"type": "decomposeDiacriticalMarks"},
    "ISO3166 Country Code": {"type": "iso3166"},
    "E.164 Phone": {"type": "e164phone"},
}


def add(apps: Any, schema_editor: Any) -> None:
    from django.utils import timezone

    now = timezone.now()
    transforms = apps.get_model("accounts", "Transform").objects.using(
        schema_editor.connection.alias
    )
    for name, body in DEFINITIONS.items():
        definition = {**body, "name": name, "requiresPeriodicRefresh": False, "attributes": {}}
        transforms.get_or_create(
            name=name,
            defaults={
                "id": uuid.uuid4(),
                "type": body["type"],
                "definition": definition,
                "built_in": True,
                "created_at": now,
                "created_by": "System",
                "changed_at": now,
            },
        )


def remove(apps: Any, schema_editor: Any) -> None:
    transforms = apps.get_model("accounts", "Transform").objects.using(
        schema_editor.connection.alias
    )
    transforms.filter(name__in=DEFINITIONS, built_in=True).delete()
