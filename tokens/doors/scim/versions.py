"""Entity tags: what changes whenever the resource does."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import Group, Identity


def now() -> datetime:
    return timezone.now()


def of_person(person: Identity, external_id: str | None) -> str:
    return _tag(
        person.pk,
        person.changed_at,
        person.user_name,
        person.first_name,
        person.last_name,
        person.display_name,
        person.email,
        person.attributes,
        person.manager_id,
        person.is_active,
        external_id,
    )


def of_group(group: Group, members: int, latest: datetime | None, external_id: str | None) -> str:
    """`members` is how many belong to it, `latest` when the last of them came."""
    return _tag(group.pk, group.revision, group.name, members, latest, external_id)


def _tag(*parts: Any) -> str:
    text = json.dumps(parts, default=str, sort_keys=True)
    return f'W/"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
