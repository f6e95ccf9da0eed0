from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from ninja import Query

from accounts.audit.csv_lists import CONTENT_TYPE
from accounts.authorization.permissions import Permission
from accounts.identities import actions, granting, invitations, managing, queries, resetting
from accounts.identities.csv_list import CSV
from accounts.identities.models import IdentityKind, IdentityQuerySet
from accounts.models import Identity
from accounts.service_accounts.queries import choosable_by
from tokens.access_tokens import actions as access_tokens
from tokens.doors.rest.answers import Reading, answered, done
from tokens.doors.rest.calls import Request, one_of
from tokens.doors.rest.downloads import csv_file
from tokens.doors.rest.nouns.identities.base import (
    DISABLE,
    IDENTITY,
    INVITE,
    MANAGE,
    VIEW,
    load,
    noun,
)
from tokens.doors.rest.pages import listed, orders
from tokens.doors.rest.references import meant
from tokens.doors.rest.revisions import check, seen
from tokens.doors.rest.schemas.base import Reference
from tokens.doors.rest.schemas.identities import (
    IdentityDocument,
    IdentityFilters,
    IdentityListing,
    IdentityPage,
    LevelsBody,
    ManagerBody,
    NewPerson,
    PersonBody,
    PersonChange,
)

ORDERS: Final = orders(
    {"name": "display_name", "user_name": "user_name_key", "created_at": "created_at"}
)


@noun.read("", IdentityPage, needs=VIEW)
def list_identities(request: Request, asked: Query[IdentityListing]) -> HttpResponse:
    """Everybody and everything that exists in the tenant."""
    rows = _rows(request, asked).select_related("manager")
    return listed(request, rows, asked, orders=ORDERS, kind=IdentityDocument, documents=_documents)


@noun.download("/export", media=CONTENT_TYPE, needs=[Permission.IDENTITY_EXPORT])
def export_identities(request: Request, asked: Query[IdentityFilters]) -> HttpResponse:
    """The identities that the caller sees as a CSV file, read while it is sent."""
    return csv_file(request, CSV, _rows(request, asked), asked)


@noun.create("", IdentityDocument, needs=MANAGE)
def create_person(request: Request, body: NewPerson) -> HttpResponse:
    """Add a person, and invite them by mail to choose a password."""
    with transaction.atomic():
        person = actions.create_person(
            by=request.by,
            user_name=body.user_name,
            first_name=body.first_name,
            last_name=body.last_name,
            email=body.email,
            levels=list(body.levels),
            at=request.now,
        )
        invitations.invite(by=request.by, identity=person, at=request.now)
    return noun.created(_documents([person])[0], revision=_revision(person))


@noun.read(IDENTITY, IdentityDocument, needs=VIEW)
def read_identity(request: Request, identity_id: UUID, asked: Query[Reading]) -> HttpResponse:
    """One identity."""
    return _answered(load(request, identity_id), asked.fields)


@noun.change(IDENTITY, IdentityDocument, needs=MANAGE)
def change_person(request: Request, identity_id: UUID, body: PersonChange) -> HttpResponse:
    """Change how a person is called and where mail for them goes."""
    person = _person(request, identity_id)
    check(request, _revision(person))
    wanted = body.over(
        PersonBody(first_name=person.first_name, last_name=person.last_name, email=person.email)
    )
    changed = actions.edit_person(
        by=request.by,
        identity=person,
        first_name=wanted.first_name,
        last_name=wanted.last_name,
        email=wanted.email,
        at=request.now,
        opened_at=person.changed_at,
    )
    return _answered(changed)


@noun.delete(IDENTITY, needs=MANAGE)
def delete_person(request: Request, identity_id: UUID) -> HttpResponse:
    """Delete a person for good; the service accounts that they own work on."""
    person = _person(request, identity_id)
    opened_at = person.changed_at if seen(request, _revision(person)) else None
    actions.delete(by=request.by, identity=person, opened_at=opened_at, at=request.now)
    return done()


@noun.act(IDENTITY + "/disable", IdentityDocument, needs=DISABLE)
def disable_person(request: Request, identity_id: UUID) -> HttpResponse:
    """End the sessions of a person, and let them sign in no more."""
    person = _person(request, identity_id)
    actions.disable(by=request.by, identity=person, at=request.now)
    return _answered(load(request, identity_id))


@noun.act(IDENTITY + "/enable", IdentityDocument, needs=DISABLE)
def enable_person(request: Request, identity_id: UUID) -> HttpResponse:
    """Let a person sign in again."""
    person = _person(request, identity_id)
    actions.enable(by=request.by, identity=person, at=request.now)
    return _answered(load(request, identity_id))


@noun.act(IDENTITY + "/end-sessions", needs=DISABLE)
def end_sessions(request: Request, identity_id: UUID) -> HttpResponse:
    """Sign somebody out everywhere."""
    identity = load(request, identity_id)
    actions.end_sessions(by=request.by, identity=identity, at=request.now)
    return done()


@noun.act(IDENTITY + "/revoke-tokens", needs=[Permission.TOKEN_REVOKE_ALL])
def revoke_tokens_of_person(request: Request, identity_id: UUID) -> HttpResponse:
    """Refuse every access token issued so far; personal access tokens go on working."""
    person = _person(request, identity_id)
    access_tokens.revoke_all(by=request.by, holder=person, at=request.now)
    return done()


@noun.act(IDENTITY + "/invite", needs=INVITE)
def invite(request: Request, identity_id: UUID) -> HttpResponse:
    """Mail a link to set a password; one that is out stops working."""
    identity = load(request, identity_id)
    invitations.invite(by=request.by, identity=identity, at=request.now)
    return done()


@noun.act(IDENTITY + "/reset", IdentityDocument, needs=[Permission.IDENTITY_RESET])
def reset(request: Request, identity_id: UUID) -> HttpResponse:
    """Start over with somebody: password, sessions, levels and tokens go, an invitation follows."""
    identity = load(request, identity_id)
    resetting.reset(by=request.by, identity=identity, at=request.now)
    return _answered(load(request, identity_id))


@noun.put(IDENTITY + "/levels", IdentityDocument, needs=[Permission.LEVEL_GRANT])
def set_levels(request: Request, identity_id: UUID, body: LevelsBody) -> HttpResponse:
    """Set the user levels of somebody."""
    identity = load(request, identity_id)
    granting.set_levels(by=request.by, identity=identity, levels=list(body.levels), at=request.now)
    return _answered(load(request, identity_id))


@noun.put(IDENTITY + "/manager", IdentityDocument, needs=MANAGE)
def set_manager(request: Request, identity_id: UUID, body: ManagerBody) -> HttpResponse:
    """Choose who decides about what somebody asks for."""
    identity = load(request, identity_id)
    manager = meant(choosable_by(request.by), body.manager, "manager", "person")
    managing.set_manager(by=request.by, identity=identity, manager=manager, at=request.now)
    return _answered(load(request, identity_id))


def _rows(request: Request, asked: IdentityFilters) -> IdentityQuerySet:
    wanted = queries.Wanted(
        text=asked.q.strip(),
        kind=asked.kind or "",
        level=asked.level or "",
        status=asked.status or "",
        registration=asked.registration or "",
    )
    return queries.for_list(request.by, wanted, request.now)


def _person(request: Request, identity_id: UUID) -> Identity:
    """A service account is changed at its own address."""
    rows = queries.visible_to(request.by).filter(kind=IdentityKind.PERSON)
    return one_of(rows.select_related("manager"), identity_id, "person")


def _revision(identity: Identity) -> str:
    return str(int(identity.changed_at.timestamp() * 1_000_000))


def _answered(identity: Identity, fields: str | None = None) -> HttpResponse:
    document = _documents([identity])[0]
    return answered(document, fields=fields, revision=_revision(identity))


def _documents(identities: Sequence[Identity]) -> list[IdentityDocument]:
    return [
        IdentityDocument(
            id=identity.pk,
            kind=IdentityKind(identity.kind),
            user_name=identity.user_name,
            display_name=identity.display_name,
            first_name=identity.first_name,
            last_name=identity.last_name,
            email=identity.email,
            manager=Reference.to(identity.manager),
            levels=sorted(identity.levels),
            status=identity.status,
            registered=identity.is_registered,
            web_services_only=identity.web_services_only,
            attributes=identity.attributes,
            origin=identity.origin,
            created_at=identity.created_at,
            changed_at=identity.changed_at,
        )
        for identity in identities
    ]
