from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.audit.models import Event, EventQuerySet, Outcome


@dataclass(frozen=True)
class Wanted:
    """Which events are asked for; what is left empty does not narrow them."""

    actor_id: str = ""
    claimed_as: str = ""
    """The label of an actor that nobody proved to be."""
    action: str = ""
    actions: Sequence[str] = ()
    """Any of these, in place of one."""
    without_issued: bool = False
    """Everything but issued access tokens, which hide the rest."""
    outcome: str = ""
    subject_id: str = ""
    subject_ids: Sequence[str] = ()
    """Any of these, in place of one."""
    credential_ids: Sequence[UUID] = ()
    """Done by means of any of these."""
    address: str = ""
    request_id: str = ""
    since: datetime | None = None
    """From this moment on."""
    before: datetime | None = None
    """Earlier than this moment."""


def for_list(wanted: Wanted | None = None) -> EventQuerySet:
    """The events that are asked for, newest first; each way of asking has its index."""
    found, wanted = Event.objects.newest_first(), wanted or Wanted()
    exact = {
        "actor_id": wanted.actor_id,
        "action": wanted.action,
        "action__in": wanted.actions,
        "subject_id": wanted.subject_id,
        "subject_id__in": wanted.subject_ids,
        "credential_id__in": wanted.credential_ids,
        "address": wanted.address,
        "request_id": wanted.request_id,
        "at__gte": wanted.since,
        "at__lt": wanted.before,
    }
    found = found.filter(**{name: value for name, value in exact.items() if value})
    for name in ("address", "request_id"):
        if exact[name]:  # said twice, since SQLite takes a partial index only where it is
            found = found.exclude(**{name: ""})
    if wanted.claimed_as:
        found = found.filter(actor_id="", actor_label=wanted.claimed_as)
    if wanted.without_issued:
        found = found.without_issued()
    if wanted.outcome:
        found = found.ended_in(wanted.outcome)
    return found


def about(subject_type: str, subject_id: object) -> EventQuerySet:
    return Event.objects.about(subject_type, subject_id).newest_first()


def about_account(account_id: UUID) -> EventQuerySet:
    """What happened to a service account, and to it as an identity, by which it signs in."""
    found = Event.objects.filter(
        subject_id=str(account_id), subject_type__in=("service_account", "identity")
    )
    return found.newest_first()


def recent_refusals(subject_type: str, subject_id: object, *, limit: int = 10) -> list[Event]:
    """The newest refusals that concern one subject, for its own page."""
    return list(about(subject_type, subject_id).ended_in(Outcome.REFUSED)[:limit])


def happened_since(
    subject_type: str, subject_id: object, action: str, since: datetime
) -> EventQuerySet:
    return Event.objects.about(subject_type, subject_id).filter(action=action, at__gt=since)


def refusals_since(since: datetime, *, cap: int) -> int:
    """How many refusals there were, counted up to `cap`."""
    refused = Event.objects.ended_in(Outcome.REFUSED).filter(at__gte=since)
    return refused.order_by()[:cap].count()
