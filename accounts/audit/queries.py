from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.audit.models import Event, EventQuerySet, Outcome


@dataclass(frozen=True)
class Wanted:
    """Which events are asked for; what is left empty does not narrow them."""

    actor_id: str = ""
    claimed_as: str = ""
    """The label of an actor that nobody proved to be."""
    action: str = ""
    without_issued: bool = False
    """Everything but issued access tokens, which hide the rest."""
    outcome: str = ""
    subject_id: str = ""
    address: str = ""
    request_id: str = ""
    since: datetime | None = None
    """From this moment on."""
    before: datetime | None = None
    """Earlier than this moment."""


def for_list(wanted: Wanted | None = None) -> EventQuerySet:
    """The events that are asked for, newest first; each way of asking has its index."""
    found, wanted = Event.objects.newest_first(), wanted or Wanted()
    if wanted.actor_id:
        found = found.filter(actor_id=wanted.actor_id)
    if wanted.claimed_as:
        found = found.filter(actor_id="", actor_label=wanted.claimed_as)
    if wanted.action:
        found = found.filter(action=wanted.action)
    if wanted.without_issued:
        found = found.without_issued()
    if wanted.outcome:
        found = found.ended_in(wanted.outcome)
    if wanted.subject_id:
        found = found.filter(subject_id=wanted.subject_id)
    if wanted.address:
        found = found.filter(address=wanted.address)
    if wanted.request_id:
        found = found.filter(request_id=wanted.request_id)
    if wanted.since is not None:
        found = found.filter(at__gte=wanted.since)
    if wanted.before is not None:
        found = found.filter(at__lt=wanted.before)
    return found


def about(subject_type: str, subject_id: object) -> EventQuerySet:
    return Event.objects.about(subject_type, subject_id).newest_first()


def recent_refusals(subject_type: str, subject_id: object, *, limit: int = 10) -> list[Event]:
    """The newest refusals that concern one subject, for its own page."""
    return list(about(subject_type, subject_id).ended_in(Outcome.REFUSED)[:limit])


def count_since(subject_type: str, subject_id: object, action: str, since: datetime) -> int:
    return Event.objects.about(subject_type, subject_id).filter(action=action, at__gt=since).count()


def refusals_since(since: datetime, *, cap: int) -> int:
    """How many refusals there were, counted up to `cap`."""
    refused = Event.objects.ended_in(Outcome.REFUSED).filter(at__gte=since)
    return refused.order_by()[:cap].count()
