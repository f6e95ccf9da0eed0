from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final
from uuid import UUID

from django.http import HttpResponse
from ninja import Query

from accounts.models import IdentityProfile, Source, SourceAccount, Transform
from accounts.profiles import preview
from accounts.profiles.mappings import BadMapping, MappingDraft, set_mappings
from accounts.sources import queries as sources
from tokens.doors.rest.answers import answered
from tokens.doors.rest.calls import Request
from tokens.doors.rest.errors import Refused, invalid
from tokens.doors.rest.nouns.profiles.base import MANAGE, PROFILE, VIEW, load, noun
from tokens.doors.rest.revisions import check
from tokens.doors.rest.schemas.base import Reference
from tokens.doors.rest.schemas.profiles import (
    MappingBody,
    MappingDocument,
    Mappings,
    MappingsBody,
    Preview,
    PreviewAsked,
    PreviewBody,
    PreviewedValue,
)

MAPPINGS: Final = PROFILE + "/mappings"
PREVIEW: Final = PROFILE + "/preview"


@noun.read(MAPPINGS, Mappings, needs=VIEW)
def read_mappings(request: Request, profile_id: UUID) -> HttpResponse:
    """Which identity attribute comes from where."""
    return _mappings(load(request, profile_id))


@noun.put(MAPPINGS, Mappings, needs=MANAGE, matches=True)
def set_profile_mappings(request: Request, profile_id: UUID, body: MappingsBody) -> HttpResponse:
    """Replace all mappings; identities stay as they are until the changes are applied."""
    profile = load(request, profile_id)
    check(request, profile.revision)
    with _placed():
        changed = set_mappings(
            by=request.by,
            profile=profile,
            drafts=_drafts(body.mappings),
            revision=profile.revision,
            at=request.now,
        )
    return _mappings(changed)


@noun.read(PREVIEW, Preview, needs=VIEW)
def preview_profile(request: Request, profile_id: UUID, asked: Query[PreviewAsked]) -> HttpResponse:
    """What an account would become by the mappings as they are saved."""
    return _previewed(request, load(request, profile_id), asked.account, None)


@noun.act(PREVIEW, Preview, needs=MANAGE, changes=False)
def preview_mappings(request: Request, profile_id: UUID, body: PreviewBody) -> HttpResponse:
    """What an account would become by other mappings; nothing is saved."""
    profile = load(request, profile_id)
    return _previewed(request, profile, body.account, _drafts(body.mappings))


def _previewed(
    request: Request,
    profile: IdentityProfile,
    account_id: str | None,
    drafts: Sequence[MappingDraft] | None,
) -> HttpResponse:
    account = _account(profile, account_id)
    with _placed():
        seen = preview.preview(profile, account, at=request.now, drafts=drafts)
    document = Preview(
        account_id=account.native_identity,
        account_name=account.name,
        identity=seen.identity.pk if seen.identity else None,
        user_name=seen.user_name,
        display_name=seen.display_name,
        is_complete=seen.is_complete,
        values=[
            PreviewedValue(
                name=value.name,
                value=value.value,
                previous_value=value.previous_value,
                errors=value.error_messages,
            )
            for value in seen.values
        ],
    )
    return answered(document)


def _account(profile: IdentityProfile, account_id: str | None) -> SourceAccount:
    rows = sources.search(profile.source).select_related("source").order_by("name_key", "pk")
    if account_id is not None:
        rows = rows.filter(native_identity=account_id)
    found = rows.first()
    if found is None:
        raise invalid("account", "The source has no such account.")
    return found


@contextmanager
def _placed() -> Iterator[None]:
    """The domain names the identity attribute; here it stands in a list."""
    try:
        yield
    except BadMapping as error:
        field = f"mappings.{error.field}" if error.field else "mappings"
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        raise Refused(status, error.message, code=error.code, field=field) from error


def _drafts(mappings: Sequence[MappingBody]) -> list[MappingDraft]:
    """One statement for the sources that are named, and one for the transforms."""
    named = Source.objects.existing().in_bulk({each.source for each in mappings if each.source})
    library = Transform.objects.in_bulk({each.transform for each in mappings if each.transform})
    drafts = []
    for place, each in enumerate(mappings):
        if each.source is not None and each.source not in named:
            raise invalid(f"mappings.{place}.source", "There is no such source.")
        if each.transform is not None and each.transform not in library:
            raise invalid(f"mappings.{place}.transform", "There is no such transform.")
        drafts.append(
            MappingDraft(
                attribute=each.attribute,
                source_attribute=each.source_attribute,
                source=named[each.source] if each.source else None,
                transform=library[each.transform] if each.transform else None,
                definition=each.definition,
            )
        )
    return drafts


def _mappings(profile: IdentityProfile) -> HttpResponse:
    rows = profile.mappings.select_related("source", "transform").order_by("position", "pk")
    found = [
        MappingDocument(
            attribute=row.attribute,
            source=Reference.to(row.source),
            source_attribute=row.source_attribute,
            transform=Reference.to(row.transform),
            definition=row.definition,
        )
        for row in rows
    ]
    return answered(Mappings(mappings=found), revision=profile.revision)
