from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from accounts.audit.actors import Actor
from accounts.audit.context import current
from accounts.audit.models import Event, Outcome

Detail = Mapping[str, Any]


class Subject(Protocol):
    """Something that an event can be about."""

    @property
    def pk(self) -> Any: ...

    @property
    def audit_type(self) -> str: ...

    @property
    def audit_label(self) -> str: ...


def one_line(value: str, limit: int) -> str:
    """`value` without control or invisible characters, cut to `limit` with an ellipsis.

    What a stranger sent (a user agent, a claimed name) must not be able to forge a second line
    of the log or hide part of this one.
    """
    if len(value) > 4 * limit:
        value = value[: 4 * limit]
    clean = "".join("\ufffd" if unicodedata.category(c)[0] == "C" else c for c in value)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


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
    """
    facts = current()
    written: dict[str, Any] = dict(detail or {})
    if before is not None or after is not None:
        written |= {"before": dict(before or {}), "after": dict(after or {})}
    event = Event(
        action=action,
        outcome=outcome,
        actor_kind=by.actor_kind,
        actor_id=by.actor_id,
        actor_label=one_line(by.label, 200),
        subject_type=subject.audit_type if subject else "",
        subject_id=str(subject.pk) if subject else "",
        subject_label=one_line(subject.audit_label, 200) if subject else "",
        reason=one_line(reason, 500),
        detail=written,
        address=facts.address,
        user_agent=one_line(facts.user_agent, 300),
        request_id=facts.request_id,
    )
    if at is not None:
        event.at = at
    event.save(force_insert=True)
    return event
