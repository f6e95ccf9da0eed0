from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from ninja import Query

from accounts.authorization.permissions import Permission
from accounts.models import Transform
from accounts.profiles import library, queries, trying
from accounts.profiles.trying import Trial
from accounts.sources import queries as sources
from tokens.doors.rest.answers import Reading, answered, done
from tokens.doors.rest.calls import Request, one_of
from tokens.doors.rest.errors import invalid
from tokens.doors.rest.noun import Noun
from tokens.doors.rest.pages import listed, orders
from tokens.doors.rest.references import meant
from tokens.doors.rest.revisions import check, seen
from tokens.doors.rest.schemas.transforms import (
    NewTransform,
    TransformBody,
    TransformChange,
    TransformDocument,
    TransformListing,
    TransformPage,
    TrialBody,
    TrialDocument,
    TrialStep,
)

noun: Final = Noun("transforms", "Transforms", "How attributes of accounts become other values.")

TRANSFORM: Final = "/{uuid:transform_id}"
VIEW: Final = (Permission.PROFILE_VIEW,)
MANAGE: Final = (Permission.PROFILE_MANAGE,)
ORDERS: Final = orders({"name": "name", "changed_at": "changed_at"})


@noun.read("", TransformPage, needs=VIEW)
def list_transforms(request: Request, asked: Query[TransformListing]) -> HttpResponse:
    """The library of transforms."""
    rows = queries.transforms()
    if asked.q:
        rows = rows.filter(Q(name__icontains=asked.q) | Q(type__icontains=asked.q))
    if asked.type is not None:
        rows = rows.filter(type=asked.type)
    return listed(request, rows, asked, orders=ORDERS, kind=TransformDocument, documents=_documents)


@noun.create("", TransformDocument, needs=MANAGE)
def create_transform(request: Request, body: NewTransform) -> HttpResponse:
    """Add a transform to the library."""
    made = library.create(
        by=request.by, name=body.name, definition=_definition(body, body.type), at=request.now
    )
    return noun.created(_documents([made])[0], revision=made.revision)


@noun.act("/try", TrialDocument, needs=MANAGE, changes=False)
def try_transform(request: Request, body: TrialBody) -> HttpResponse:
    """Say what a transform makes of an account or of some values, step by step."""
    definition = _definition(body, body.type)
    library.check(definition)
    if body.source is None:
        subject = trying.typed(
            account=body.account_attributes, identity=body.identity_attributes, at=request.now
        )
        return _tried(trying.try_out(definition, subject=subject, given=body.input))
    source = meant(sources.for_list(request.by), body.source, "source", "source")
    assert source is not None
    if body.attribute and not source.attributes.filter(name=body.attribute).exists():
        raise invalid("attribute", "The account schema of the source has no such attribute.")
    account = trying.account_for(source, body.account)
    if account is None:
        raise invalid("account", "The source has no such account.")
    return _tried(
        trying.try_on_account(
            definition, source=source, account=account, attribute=body.attribute, at=request.now
        )
    )


@noun.read(TRANSFORM, TransformDocument, needs=VIEW)
def read_transform(request: Request, transform_id: UUID, asked: Query[Reading]) -> HttpResponse:
    """One transform."""
    del request  # who may see transforms sees all of them
    row = _transform(transform_id)
    return answered(_documents([row])[0], fields=asked.fields, revision=row.revision)


@noun.change(TRANSFORM, TransformDocument, needs=MANAGE)
def change_transform(request: Request, transform_id: UUID, body: TransformChange) -> HttpResponse:
    """Change what a transform does; profiles that use it are to be applied again."""
    row = _transform(transform_id)
    check(request, row.revision)
    current = TransformBody(
        attributes=row.definition.get("attributes") or {},
        requires_periodic_refresh=bool(row.definition.get("requiresPeriodicRefresh")),
    )
    changed = library.edit(
        by=request.by,
        transform=row,
        definition=_definition(body.over(current), row.type),
        revision=row.revision,
        at=request.now,
    )
    return answered(_documents([changed])[0], revision=changed.revision)


@noun.delete(TRANSFORM, needs=MANAGE)
def delete_transform(request: Request, transform_id: UUID) -> HttpResponse:
    """Delete a transform that nothing names."""
    row = _transform(transform_id)
    revision = seen(request, row.revision)
    library.delete(by=request.by, transform=row, revision=revision, at=request.now)
    return done()


def _transform(transform_id: UUID) -> Transform:
    return one_of(queries.transforms(), transform_id, "transform")


def _definition(body: TransformBody, kind: str) -> dict[str, Any]:
    return {
        "type": kind,
        "attributes": body.attributes,
        "requiresPeriodicRefresh": body.requires_periodic_refresh,
    }


def _tried(trial: Trial) -> HttpResponse:
    return answered(
        TrialDocument(
            value=trial.value,
            cause=trial.cause,
            path=trial.path,
            is_random=trial.is_random,
            notices=[str(notice) for notice in trial.notices],
            steps=[
                TrialStep(path=step.path, type=step.label, value=step.value, cause=step.cause)
                for step in trial.steps
            ],
        )
    )


def _documents(rows: Sequence[Transform]) -> list[TransformDocument]:
    return [
        TransformDocument(
            id=row.pk,
            name=row.name,
            type=row.type,
            attributes=row.definition.get("attributes") or {},
            requires_periodic_refresh=bool(row.definition.get("requiresPeriodicRefresh")),
            built_in=row.built_in,
            revision=row.revision,
            created_at=row.created_at,
            created_by=row.created_by,
            changed_at=row.changed_at,
        )
        for row in rows
    ]
