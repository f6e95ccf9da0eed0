from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from accounts.audit.csv_lists import BATCH, CsvList
from accounts.audit.models import Event
from accounts.authorization.permissions import Permission
from accounts.lib.registry import Registry

wording: Final[Registry[Callable[[Event], str]]] = Registry("wording of events")
"""How an event reads as a sentence; whoever has the words registers them."""
SENTENCE: Final = "sentence"


def _lines(rows: QuerySet[Event], now: datetime) -> Iterator[Sequence[object]]:
    del now
    sentence = wording.get(SENTENCE)
    for event in rows.iterator(chunk_size=BATCH):
        yield [
            event.pk,
            event.at,
            event.action,
            event.outcome,
            sentence(event),
            event.actor_kind,
            event.actor_label,
            event.actor_id,
            event.subject_type,
            event.subject_label,
            event.subject_id,
            event.reason,
            json.dumps(event.detail, ensure_ascii=False, sort_keys=True) if event.detail else "",
            event.address,
            event.user_agent,
            event.request_id,
            event.credential_kind,
            event.credential_label,
            event.credential_id,
        ]


CSV: Final = CsvList(
    name="audit-log",
    action="audit.exported",
    needs=Permission.AUDIT_EXPORT,
    header=(
        *("id", "at", "action", "outcome", "sentence", "actor_kind", "actor", "actor_id"),
        *("target_type", "target", "target_id", "reason", "details", "address", "client"),
        *("request_id", "credential_kind", "credential", "credential_id"),
    ),
    lines=_lines,
)
"""In the order of the rows that are given."""
