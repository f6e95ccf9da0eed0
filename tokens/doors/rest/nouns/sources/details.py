from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Query

from accounts.audit.csv_lists import CONTENT_TYPE
from accounts.authorization.permissions import Permission
from accounts.identities.queries import possible_owners
from accounts.models import Identity, Source
from accounts.sources import actions, policies, queries, secrets
from accounts.sources.actions import Details
from accounts.sources.csv_list import CSV
from tokens.doors.rest.answers import Reading, answered, done
from tokens.doors.rest.calls import Request
from tokens.doors.rest.downloads import csv_file
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
from tokens.doors.rest.pages import listed, orders
from tokens.doors.rest.references import meant
from tokens.doors.rest.revisions import check, seen
from tokens.doors.rest.schemas.base import Reference
from tokens.doors.rest.schemas.sources import (
    NewSource,
    SourceBody,
    SourceChange,
    SourceDocument,
    SourceFilters,
    SourceListing,
    SourcePage,
)

ORDERS: Final = orders({"name": "name", "changed_at": "changed_at"})


@noun.read("", SourcePage, needs=VIEW)
def list_sources(request: Request, asked: Query[SourceListing]) -> HttpResponse:
    """The sources that the caller sees: their own, or all."""
    return listed(
        request,
        _rows(request, asked),
        asked,
        orders=ORDERS,
        kind=SourceDocument,
        documents=lambda found: _documents(request, found),
    )


@noun.download("/export", media=CONTENT_TYPE, needs=[Permission.SOURCE_VIEW_ALL])
def export_sources(request: Request, asked: Query[SourceFilters]) -> HttpResponse:
    """The sources as a CSV file, read while it is sent."""
    return csv_file(request, CSV, _rows(request, asked), asked)


@noun.create("", SourceDocument, needs=MANAGE)
def create_source(request: Request, body: NewSource) -> HttpResponse:
    """Add a source with the first account schema of its connector, and no account.

    It is the caller's where no `owner` is sent.
    """
    policies.check_may_add(request.by)
    owner = body.owner
    if "owner" not in body.model_fields_set and request.by.is_person:
        owner = request.by.pk
    with placed_settings():
        source = actions.create(
            by=request.by,
            connector=body.connector,
            details=_details(request, body, owner=owner, config=body.config),
            start=body.start,
            at=request.now,
        )
    return noun.created(_documents(request, [source])[0], revision=source.revision)


@noun.read(SOURCE, SourceDocument, needs=VIEW)
def read_source(request: Request, source_id: UUID, asked: Query[Reading]) -> HttpResponse:
    """One source."""
    source = load(request, source_id)
    document = _documents(request, [source])[0]
    return answered(document, fields=asked.fields, revision=source.revision)


@noun.change(SOURCE, SourceDocument, needs=MANAGE)
def change_source(request: Request, source_id: UUID, body: SourceChange) -> HttpResponse:
    """Change a source; plans that were made by other settings are not applied any more.

    A secret has to be sent again where it would go elsewhere than before.
    """
    source = load_to_change(request, source_id)
    check(request, source.revision)
    wanted = body.over(_body_of(source))
    config = merged(source.config, wanted.config)
    with placed_settings():
        changed = actions.edit(
            by=request.by,
            source=source,
            details=_details(request, wanted, owner=wanted.owner, config=config, source=source),
            revision=source.revision,
            at=request.now,
        )
    return answered(_documents(request, [changed])[0], revision=changed.revision)


@noun.delete(SOURCE, needs=MANAGE)
def delete_source(request: Request, source_id: UUID) -> HttpResponse:
    """Delete a source with its accounts and secrets; refused while something needs it."""
    source = load_to_change(request, source_id)
    revision = seen(request, source.revision)
    actions.delete(by=request.by, source=source, revision=revision, at=request.now)
    return done()


def _rows(request: Request, asked: SourceFilters) -> QuerySet[Source]:
    rows = queries.for_list(request.by)
    if asked.q:
        rows = rows.filter(name__icontains=asked.q)
    if asked.owner is not None:
        rows = rows.filter(owner=asked.owner)
    return rows


def _details(
    request: Request,
    body: SourceBody,
    *,
    owner: UUID | None,
    config: Mapping[str, Any],
    source: Source | None = None,
) -> Details:
    """The body with its owner: who owns the source already may stay, also disabled."""
    people = Identity.objects.filter(pk=request.by.pk)
    if policies.may_choose_owner(request.by):
        people = possible_owners()
    if source is not None and source.owner_id is not None:
        people |= Identity.objects.filter(pk=source.owner_id)
    return Details(
        name=body.name,
        description=body.description,
        owner=meant(people, owner, "owner", "person who can sign in"),
        config=config,
        secrets=body.secrets,
        delete_threshold_percent=body.delete_threshold_percent,
        deletion_disabled=body.deletion_disabled,
    )


def _body_of(source: Source) -> SourceBody:
    return SourceBody(
        name=source.name,
        description=source.description,
        owner=source.owner_id,
        delete_threshold_percent=source.delete_threshold_percent,
        deletion_disabled=source.deletion_disabled,
    )


def _documents(request: Request, sources: Sequence[Source]) -> list[SourceDocument]:
    """What they are configured by is told to who may configure them; one statement for all."""
    managed = [source for source in sources if policies.may_manage(request.by, source)]
    known = secrets.names_of(managed)
    return [_document(source, known.get(source.pk)) for source in sources]


def _document(source: Source, secrets_set: list[str] | None) -> SourceDocument:
    return SourceDocument(
        id=source.pk,
        name=source.name,
        description=source.description,
        owner=Reference.to(source.owner),
        connector=source.connector,
        config=None if secrets_set is None else source.config,
        secrets_set=secrets_set,
        delete_threshold_percent=source.delete_threshold_percent,
        deletion_disabled=source.deletion_disabled,
        accounts=source.account_count,
        status=source.status,
        status_since=source.status_since,
        failure=source.failure,
        revision=source.revision,
        created_at=source.created_at,
        created_by=source.created_by,
        changed_at=source.changed_at,
    )
