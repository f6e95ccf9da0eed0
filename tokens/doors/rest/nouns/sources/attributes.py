from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final
from uuid import UUID

from django.http import HttpResponse
from ninja import Query

from accounts.models import SchemaAttribute
from accounts.sources import schema
from accounts.sources.connectors.base import AttributeDraft, Type
from tokens.doors.rest.answers import Reading, answered, done
from tokens.doors.rest.calls import Request, one_of
from tokens.doors.rest.nouns.sources.base import (
    MANAGE,
    SOURCE,
    VIEW,
    load,
    load_to_change,
    noun,
)
from tokens.doors.rest.operations import PREFIX
from tokens.doors.rest.pages import listed, orders
from tokens.doors.rest.revisions import check, seen
from tokens.doors.rest.schemas.source_attributes import (
    AttributeBody,
    AttributeChange,
    AttributeDocument,
    AttributeListing,
    AttributePage,
)

ATTRIBUTE: Final = SOURCE + "/attributes/{int:attribute_id}"
ORDERS: Final = orders({"position": "position"})


@noun.read(SOURCE + "/attributes", AttributePage, needs=VIEW)
def list_attributes(
    request: Request, source_id: UUID, asked: Query[AttributeListing]
) -> HttpResponse:
    """The account schema of a source, in the order of the columns."""
    rows = load(request, source_id).attributes.all()
    return listed(request, rows, asked, orders=ORDERS, kind=AttributeDocument, documents=_documents)


@noun.create(SOURCE + "/attributes", AttributeDocument, needs=MANAGE)
def create_attribute(request: Request, source_id: UUID, body: AttributeBody) -> HttpResponse:
    """Add an attribute at the end; accounts have no value of it until the next import."""
    source = load_to_change(request, source_id)
    row = schema.add(by=request.by, source=source, draft=_draft(body), at=request.now)
    location = f"{PREFIX}/{noun.word}/{source.pk}/attributes/{row.pk}"
    return answered(
        _documents([row])[0], HTTPStatus.CREATED, revision=_revision(row), location=location
    )


@noun.read(ATTRIBUTE, AttributeDocument, needs=VIEW)
def read_attribute(
    request: Request, source_id: UUID, attribute_id: int, asked: Query[Reading]
) -> HttpResponse:
    """One attribute of the account schema."""
    row = one_of(load(request, source_id).attributes.all(), attribute_id, "attribute")
    return answered(_documents([row])[0], fields=asked.fields, revision=_revision(row))


@noun.change(ATTRIBUTE, AttributeDocument, needs=MANAGE)
def change_attribute(
    request: Request, source_id: UUID, attribute_id: int, body: AttributeChange
) -> HttpResponse:
    """Change an attribute; while there are accounts, its name and type stay."""
    source = load_to_change(request, source_id)
    row = one_of(source.attributes.all(), attribute_id, "attribute")
    check(request, _revision(row))
    opened = schema.draft_of(row)
    changed = schema.edit(
        by=request.by,
        source=source,
        attribute=row,
        draft=_draft(body.over(AttributeBody(**vars(opened)))),
        opened=opened,
        at=request.now,
    )
    return answered(_documents([changed])[0], revision=_revision(changed))


@noun.delete(ATTRIBUTE, needs=MANAGE)
def delete_attribute(request: Request, source_id: UUID, attribute_id: int) -> HttpResponse:
    """Remove an attribute; its values go with the next import."""
    source = load_to_change(request, source_id)
    row = one_of(source.attributes.all(), attribute_id, "attribute")
    opened = schema.draft_of(row) if seen(request, _revision(row)) else None
    schema.remove(by=request.by, source=source, attribute=row, opened=opened, at=request.now)
    return done()


def _revision(row: SchemaAttribute) -> str:
    """Attributes are not counted through, so their tag is made of what they are."""
    text = json.dumps(vars(schema.draft_of(row)), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _draft(body: AttributeBody) -> AttributeDraft:
    return AttributeDraft(**{name: getattr(body, name) for name in AttributeBody.model_fields})


def _documents(rows: Sequence[SchemaAttribute]) -> list[AttributeDocument]:
    return [
        AttributeDocument(
            id=row.pk,
            name=row.name,
            description=row.description,
            type=Type(row.type),
            is_entitlement=row.is_entitlement,
            is_multi_valued=row.is_multi_valued,
            is_account_id=row.is_account_id,
            is_account_name=row.is_account_name,
        )
        for row in rows
    ]
