"""What stands in the database, told so that two runs of the same thing can be compared."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from django.core.management import call_command
from django.db import models

from accounts.models import Job

UUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
DIGESTS: Final = ("digest",)
"""Ids that tell what an account holds."""
CHANCE: Final = ("plan", "problems", "password", "stored_name", "account_id", "first", "last")
"""What is another one each time."""

Snapshot = dict[str, Counter[str]]


def rows_of(found: models.QuerySet[Any]) -> Counter[str]:
    """Each row as a text, and how often it is there: without ids, times as set or not set."""
    fields = [
        field
        for field in found.model._meta.concrete_fields
        if field.name not in CHANCE and (field.name in DIGESTS or not _is_id(field))
    ]
    return Counter(
        json.dumps({f.name: _told(f, getattr(row, f.attname)) for f in fields}, sort_keys=True)
        for row in found
    )


def snapshot(tables: Iterable[type[models.Model] | models.QuerySet[Any]]) -> Snapshot:
    """Of these tables, and how all jobs ended."""
    found: Snapshot = {}
    for table in tables:
        rows = table if isinstance(table, models.QuerySet) else table._base_manager.all()
        found[rows.model.__name__] = rows_of(rows)
    return found | {"Job": _jobs()}


def _jobs() -> Counter[str]:
    """How each job ended; how often it was begun and what it told meanwhile differs."""
    ended = Job.objects.values_list("kind", "state", "result", "error", "cancel_asked_at")
    return Counter(UUID.sub("an id", json.dumps(values, sort_keys=True)) for values in ended)


def empty() -> None:
    """As between two tests that may commit."""
    call_command("flush", verbosity=0, interactive=False)


def _is_id(field: models.Field[Any, Any]) -> bool:
    return isinstance(field, models.UUIDField | models.ForeignKey | models.AutoField)


def _told(field: models.Field[Any, Any], value: Any) -> Any:
    if isinstance(field, models.DateTimeField):
        return value is not None
    text = json.dumps(value, sort_keys=True, default=str)
    return UUID.sub("an id", text) if field.name not in DIGESTS else text
