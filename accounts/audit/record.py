from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from django.utils import timezone

from accounts.audit.actors import Actor
from accounts.audit.context import current
from accounts.audit.models import Event, Outcome
from accounts.audit.plain import plain, safe_line

Detail = Mapping[str, Any]


class Subject(Protocol):
    """Something that an event can be about."""

    @property
    def pk(self) -> Any: ...

    @property
    def audit_type(self) -> str: ...

    @property
    def audit_label(self) -> str: ...


def record(
    action: str,
    *,
    by: Actor,
    subject: Subject | None = None,
    outcome: Outcome = Outcome.DONE,
    reason: str = "",
    before: Detail | None = None,
    after: Detail | None = None,
    detail: Detail | None = None,
    at: datetime | None = None,
) -> Event:
    """Write one event, in the transaction of the caller, so that both happen or neither.

    `before` and `after` hold only what changed. Values must be plain JSON: a `OneTimeSecret`
    has no JSON form, so a secret handed in here fails instead of being written.

    Raises:
        TypeError: a value has no JSON form.
    """
    facts, means = current(), current().means
    written: dict[str, Any] = dict(detail or {})
    if before is not None or after is not None:
        written |= {"before": before or {}, "after": after or {}}
    event = Event(
        action=action,
        outcome=outcome,
        actor_kind=by.actor_kind,
        actor_id=by.actor_id,
        actor_label=safe_line(by.label, 200),
        subject_type=subject.audit_type if subject else "",
        subject_id=str(subject.pk) if subject else "",
        subject_label=safe_line(subject.audit_label, 200) if subject else "",
        reason=safe_line(reason, 500),
        detail=plain(written),
        address=facts.address,
        user_agent=safe_line(facts.user_agent, 300),
        request_id=facts.request_id,
        credential_kind=means.kind if means else None,
        credential_id=means.id if means else None,
        credential_label=safe_line(means.label, 200) if means else None,
        # never by the database: SQLite would write fewer digits than it compares with, and pages
        # of a list by time would overlap
        at=at or timezone.now(),
    )
    event.save(force_insert=True)
    return event
