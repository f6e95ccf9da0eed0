from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar
from uuid import UUID

from django.core import signing
from django.http import HttpResponse
from ninja import Query

from accounts.models import Identity, IdentityAccount, IdentityProfile
from accounts.profiles import exceptions
from accounts.profiles.exceptions import AccountError, Collision, Side
from tokens.doors.rest.answers import answered, many
from tokens.doors.rest.calls import Request
from tokens.doors.rest.errors import invalid
from tokens.doors.rest.nouns.profiles.base import PROFILE, VIEW, load, noun
from tokens.doors.rest.pages import listed, orders
from tokens.doors.rest.schemas.base import Reference
from tokens.doors.rest.schemas.profile_exceptions import (
    AccountErrorDocument,
    AccountErrorPage,
    CollisionDocument,
    CollisionPage,
    CollisionSide,
    ExceptionCounts,
    ExceptionListing,
    IncompleteDocument,
    IncompleteListing,
    IncompletePage,
    LeftDeletedDocument,
    LeftDeletedListing,
    LeftDeletedPage,
)

P = TypeVar("P", int, str)

EXCEPTIONS: Final = PROFILE + "/exceptions"
CURSOR_SALT: Final = "steward.rest.exceptions"
INCOMPLETE_ORDERS: Final = orders({"display_name": "display_name"})
LEFT_DELETED_ORDERS: Final = orders({"account_id": "native_identity"})


@noun.read(EXCEPTIONS, ExceptionCounts, needs=VIEW)
def count_exceptions(request: Request, profile_id: UUID) -> HttpResponse:
    """How many exceptions a profile has."""
    found = exceptions.counts(load(request, profile_id))
    counts = ExceptionCounts(
        errors=found.errors,
        collisions=found.collisions,
        incomplete=found.incomplete,
        left_deleted=found.left_deleted,
    )
    return answered(counts)


@noun.read(EXCEPTIONS + "/errors", AccountErrorPage, needs=VIEW)
def list_account_errors(
    request: Request, profile_id: UUID, asked: Query[ExceptionListing]
) -> HttpResponse:
    """Accounts in error, with the cause as it is now: what was mended is gone at once.

    A page may have fewer than `limit` of them, and there are more as long as `next` is not null.
    """
    profile, after = load(request, profile_id), _after(request, asked, 0)
    found, more = exceptions.errors(profile, at=request.now, after=after, limit=asked.limit)
    documents = [_error(each) for each in found]
    return many(documents, AccountErrorDocument, _cursor(request, more), asked.fields)


@noun.read(EXCEPTIONS + "/collisions", CollisionPage, needs=VIEW)
def list_collisions(
    request: Request, profile_id: UUID, asked: Query[ExceptionListing]
) -> HttpResponse:
    """Names that several would have though only one can, with everybody who would.

    A page may have fewer than `limit` of them, and there are more as long as `next` is not null.
    """
    profile, after = load(request, profile_id), _after(request, asked, "")
    found, more = exceptions.collisions(profile, at=request.now, after=after, limit=asked.limit)
    documents = [_collision(each) for each in found]
    return many(documents, CollisionDocument, _cursor(request, more), asked.fields)


@noun.read(EXCEPTIONS + "/incomplete", IncompletePage, needs=VIEW)
def list_incomplete(
    request: Request, profile_id: UUID, asked: Query[IncompleteListing]
) -> HttpResponse:
    """Identities of a profile without an e-mail address or a last name."""
    profile = load(request, profile_id)
    return listed(
        request,
        exceptions.incomplete(profile),
        asked,
        orders=INCOMPLETE_ORDERS,
        kind=IncompleteDocument,
        documents=lambda rows: _incomplete(profile, rows),
    )


@noun.read(EXCEPTIONS + "/left-deleted", LeftDeletedPage, needs=VIEW)
def list_left_deleted(
    request: Request, profile_id: UUID, asked: Query[LeftDeletedListing]
) -> HttpResponse:
    """Accounts whose identity somebody deleted."""
    rows = exceptions.left_deleted(load(request, profile_id))
    return listed(
        request,
        rows,
        asked,
        orders=LEFT_DELETED_ORDERS,
        kind=LeftDeletedDocument,
        documents=_left_deleted,
    )


def _after(request: Request, asked: ExceptionListing, start: P) -> P:
    """Where to go on; `start` where it begins."""
    if asked.cursor is None:
        return start
    try:
        found = signing.loads(asked.cursor, salt=_salt(request))
    except signing.BadSignature as error:
        said = "This cursor is not of this list. Start anew."
        raise invalid("cursor", said) from error
    after: P = found
    return after


def _cursor(request: Request, more: int | str) -> str | None:
    return signing.dumps(more, salt=_salt(request), compress=True) if more else None


def _salt(request: Request) -> str:
    return f"{CURSOR_SALT}.{request.operation.name}"


def _error(found: AccountError) -> AccountErrorDocument:
    return AccountErrorDocument(
        kind=found.kind,
        reason=found.reason,
        account_id=found.native_identity,
        account_name=found.account_name,
        identity=found.identity_id,
        attribute=found.attribute,
        causes=found.causes,
    )


def _collision(found: Collision) -> CollisionDocument:
    sides = [_side(side) for side in found.sides]
    return CollisionDocument(reason=found.reason, name=found.name, sides=sides)


def _side(side: Side) -> CollisionSide:
    identity, profile = side.identity, side.profile
    return CollisionSide(
        label=side.label,
        identity=Reference(id=identity.pk, name=identity.display_name) if identity else None,
        profile=Reference(id=profile.pk, name=profile.name) if profile else None,
        account_id=side.native_identity,
    )


def _incomplete(profile: IdentityProfile, rows: Sequence[Identity]) -> list[IncompleteDocument]:
    links = IdentityAccount.objects.filter(source=profile.source_id, identity__in=rows)
    accounts = dict(links.values_list("identity_id", "native_identity"))
    return [
        IncompleteDocument(
            identity=Reference(id=row.pk, name=row.display_name),
            account_id=accounts.get(row.pk, ""),
            missing=exceptions.missing_in(row),
        )
        for row in rows
    ]


def _left_deleted(rows: Sequence[IdentityAccount]) -> list[LeftDeletedDocument]:
    return [
        LeftDeletedDocument(
            account_id=row.native_identity,
            identity=Reference(id=row.identity_id, name=row.identity.display_name),
        )
        for row in rows
    ]
