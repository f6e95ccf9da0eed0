from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.http import HttpResponse
from ninja import Query

from accounts.audit.actors import ActorKind
from accounts.audit.csv_list import CSV
from accounts.audit.csv_lists import CONTENT_TYPE
from accounts.audit.models import EventQuerySet, Outcome
from accounts.audit.queries import Wanted, for_list
from accounts.authorization.permissions import Permission
from accounts.models import Event
from tokens.doors.rest.answers import Reading, answered
from tokens.doors.rest.calls import Request, one_of
from tokens.doors.rest.downloads import csv_file
from tokens.doors.rest.noun import Noun
from tokens.doors.rest.pages import listed, orders
from tokens.doors.rest.schemas.audit import (
    Actor,
    EventDocument,
    EventFilters,
    EventListing,
    EventPage,
    Target,
    UsedCredential,
)

noun: Final = Noun("audit", "Audit log", "Who did what, and what was refused.")

VIEW: Final = (Permission.AUDIT_VIEW,)
ORDERS: Final = orders({"at": "at"})


@noun.read("", EventPage, needs=VIEW)
def list_events(request: Request, asked: Query[EventListing]) -> HttpResponse:
    """The events of the audit log, newest first unless asked otherwise."""
    rows = _rows(asked)
    return listed(request, rows, asked, orders=ORDERS, kind=EventDocument, documents=_documents)


@noun.download("/export", media=CONTENT_TYPE, needs=[Permission.AUDIT_EXPORT])
def export_events(request: Request, asked: Query[EventFilters]) -> HttpResponse:
    """The events, newest first, as a CSV file, read while it is sent."""
    return csv_file(request, CSV, _rows(asked), asked)


@noun.read("/{int:event_id}", EventDocument, needs=VIEW)
def read_event(request: Request, event_id: int, asked: Query[Reading]) -> HttpResponse:
    """One event."""
    del request  # who may read the log reads all of it
    event = one_of(Event.objects.all(), event_id, "event")
    return answered(_documents([event])[0], fields=asked.fields)


def _rows(asked: EventFilters) -> EventQuerySet:
    wanted = Wanted(
        actor_id=asked.actor_id or "",
        action=asked.action or "",
        outcome=asked.outcome or "",
        subject_id=asked.target_id or "",
        credential_ids=[asked.credential_id] if asked.credential_id else (),
        address=asked.address or "",
        request_id=asked.request_id or "",
        since=asked.since,
        before=asked.before,
        without_issued=asked.without_issued is not None,
    )
    return for_list(wanted)


def _documents(events: Sequence[Event]) -> list[EventDocument]:
    return [
        EventDocument(
            id=event.pk,
            at=event.at,
            action=event.action,
            outcome=Outcome(event.outcome),
            actor=Actor(
                kind=ActorKind(event.actor_kind), id=event.actor_id, name=event.actor_label
            ),
            target=_target(event),
            reason=event.reason,
            detail=event.detail,
            address=event.address,
            client=event.user_agent,
            request_id=event.request_id,
            credential=_credential(event),
        )
        for event in events
    ]


def _target(event: Event) -> Target | None:
    if not event.subject_type:
        return None
    return Target(type=event.subject_type, id=event.subject_id, name=event.subject_label)


def _credential(event: Event) -> UsedCredential | None:
    if event.credential_id is None:
        return None
    return UsedCredential(
        kind=event.credential_kind or "",
        id=event.credential_id,
        name=event.credential_label or "",
    )
