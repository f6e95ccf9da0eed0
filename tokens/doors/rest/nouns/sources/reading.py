from __future__ import annotations

from typing import Final
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _

from accounts.models import Schedule, Source
from accounts.sources import schedules, trial, tries
from accounts.sources.connectors.base import Trial, Type
from accounts.sources.directory.errors import DirectoryRefused
from accounts.sources.schedules import NotRead
from tokens.doors.rest.answers import answered
from tokens.doors.rest.calls import Request
from tokens.doors.rest.nouns.sources.base import (
    MANAGE,
    SOURCE,
    VIEW,
    load,
    load_to_change,
    merged,
    noun,
    placed_settings,
)
from tokens.doors.rest.schemas.source_reading import (
    ConnectionBody,
    FoundAttribute,
    FoundAttributes,
    ScheduleBody,
    ScheduleDocument,
    TriedAccount,
    TriedConnection,
)

SCHEDULE: Final = SOURCE + "/schedule"


@noun.act(SOURCE + "/try-connection", TriedConnection, needs=MANAGE, changes=False)
def try_connection(request: Request, source_id: UUID, body: ConnectionBody) -> HttpResponse:
    """Read the first few accounts of a source, also by settings that are not saved.

    A secret that is not sent is the saved one, where it would go to the same server. Counted
    apart from other calls, with the tries of the console: a few a minute.
    """
    source = _read_by_itself(request, source_id)
    tries.count(request.by, source)
    try:
        with placed_settings():
            found = trial.try_out(
                by=request.by,
                connector=source.connector,
                source=source,
                config=merged(source.config, body.config),
                typed=body.secrets,
                at=request.now,
            )
    except DirectoryRefused as error:
        failed = TriedConnection(works=False, failure=error.message, accounts=[], left_out=0)
        return answered(failed)
    accounts = _accounts(found)
    tried = TriedConnection(works=True, failure="", accounts=accounts, left_out=found.left_out)
    return answered(tried)


@noun.act(SOURCE + "/discover-attributes", FoundAttributes, needs=MANAGE, changes=False)
def discover_attributes(request: Request, source_id: UUID) -> HttpResponse:
    """Look which attributes a source has beside those of its account schema; none is added."""
    source = _read_by_itself(request, source_id)
    tries.count(request.by, source)
    try:
        found = trial.discover(by=request.by, source=source, at=request.now)
    except DirectoryRefused as error:
        return answered(FoundAttributes(works=False, failure=error.message, attributes=[]))
    attributes = [
        FoundAttribute(
            name=draft.name,
            description=draft.description,
            type=Type(draft.type),
            is_multi_valued=draft.is_multi_valued,
        )
        for draft in found
    ]
    return answered(FoundAttributes(works=True, failure="", attributes=attributes))


@noun.read(SCHEDULE, ScheduleDocument, needs=VIEW)
def read_schedule(request: Request, source_id: UUID) -> HttpResponse:
    """When a source is read by itself."""
    return answered(_schedule(schedules.of(load(request, source_id))))


@noun.put(SCHEDULE, ScheduleDocument, needs=MANAGE)
def set_schedule(request: Request, source_id: UUID, body: ScheduleBody) -> HttpResponse:
    """Have a source read at set times from now on, or at none."""
    put = schedules.put(
        by=request.by,
        source=load_to_change(request, source_id),
        frequency=body.frequency,
        times=body.times,
        weekdays=body.weekdays,
        at=request.now,
    )
    return answered(_schedule(put))


def _read_by_itself(request: Request, source_id: UUID) -> Source:
    source = load_to_change(request, source_id)
    if source.kind.takes_files:
        raise NotRead(_("This source needs a file."))
    return source


def _accounts(found: Trial) -> list[TriedAccount]:
    return [
        TriedAccount(
            account_name=row[found.name_place],
            attributes={
                name: value for name, value in zip(found.columns, row, strict=True) if value
            },
        )
        for row in found.rows
    ]


def _schedule(found: Schedule | None) -> ScheduleDocument:
    return ScheduleDocument(
        frequency=schedules.frequency_of(found),
        times=found.times if found else [],
        weekdays=found.weekdays if found else [],
        zone=found.zone if found else "",
        next_at=found.next_at if found and not found.paused_at else None,
        paused=bool(found and found.paused_at),
        trouble=found.trouble if found else "",
    )
