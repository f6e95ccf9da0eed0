from __future__ import annotations

from datetime import datetime

from accounts.audit.models import Event, EventQuerySet, Outcome


def for_list() -> EventQuerySet:
    return Event.objects.newest_first()


def about(subject_type: str, subject_id: object) -> EventQuerySet:
    return Event.objects.about(subject_type, subject_id).newest_first()


def recent_refusals(subject_type: str, subject_id: object, *, limit: int = 10) -> list[Event]:
    """The newest refusals that concern one subject, for its own page."""
    return list(about(subject_type, subject_id).filter(outcome=Outcome.REFUSED)[:limit])


def count_since(subject_type: str, subject_id: object, action: str, since: datetime) -> int:
    return Event.objects.about(subject_type, subject_id).filter(action=action, at__gt=since).count()
