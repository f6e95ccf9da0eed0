from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from ninja import Query

from accounts.audit.csv_lists import CONTENT_TYPE
from accounts.authorization.permissions import Permission
from accounts.models import Role, RoleAssignment, RoleContainment
from accounts.roles import actions, assigning, queries
from accounts.roles.actions import RoleDraft
from accounts.roles.csv_list import CSV
from accounts.service_accounts.queries import choosable_by
from tokens.doors.rest.answers import Reading, answered, done
from tokens.doors.rest.calls import Request, one_of
from tokens.doors.rest.downloads import csv_file
from tokens.doors.rest.errors import invalid, not_found
from tokens.doors.rest.noun import Noun
from tokens.doors.rest.pages import listed, orders
from tokens.doors.rest.revisions import check, seen
from tokens.doors.rest.schemas.base import Reference
from tokens.doors.rest.schemas.roles import (
    HolderBody,
    HolderDocument,
    HolderListing,
    HolderPage,
    RoleBody,
    RoleChange,
    RoleDocument,
    RoleFilters,
    RoleListing,
    RolePage,
)

noun: Final = Noun("roles", "Roles", "Named sets of rights, which groups and identities have.")

ROLE: Final = "/{uuid:role_id}"
HOLDER: Final = ROLE + "/holders/{uuid:identity_id}"
VIEW: Final = (Permission.GROUP_VIEW,)
BY_ADMINISTRATORS: Final = (Permission.ROLE_MANAGE,)
ORDERS: Final = orders({"name": "name", "changed_at": "changed_at"})
HOLDER_ORDERS: Final = orders({"name": "identity__display_name"})


@noun.read("", RolePage, needs=VIEW)
def list_roles(request: Request, asked: Query[RoleListing]) -> HttpResponse:
    """All roles; a search for a scope finds those that carry it."""
    rows = queries.matching(asked.q)
    return listed(request, rows, asked, orders=ORDERS, kind=RoleDocument, documents=_documents)


@noun.download("/export", media=CONTENT_TYPE, needs=[Permission.GROUP_VIEW])
def export_roles(request: Request, asked: Query[RoleFilters]) -> HttpResponse:
    """The roles as a CSV file, read while it is sent."""
    return csv_file(request, CSV, queries.matching(asked.q), asked)


@noun.create("", RoleDocument, needs=BY_ADMINISTRATORS)
def create_role(request: Request, body: RoleBody) -> HttpResponse:
    """Add a role."""
    role = actions.create(by=request.by, draft=_draft(body), at=request.now)
    return noun.created(_documents([role])[0], revision=role.revision)


@noun.read(ROLE, RoleDocument, needs=VIEW)
def read_role(request: Request, role_id: UUID, asked: Query[Reading]) -> HttpResponse:
    """One role."""
    del request
    role = _role(role_id)
    return answered(_documents([role])[0], fields=asked.fields, revision=role.revision)


@noun.change(ROLE, RoleDocument, needs=BY_ADMINISTRATORS)
def change_role(request: Request, role_id: UUID, body: RoleChange) -> HttpResponse:
    """Change a role; whoever has it has the new rights at once."""
    role = _role(role_id)
    check(request, role.revision)
    changed = actions.edit(
        by=request.by,
        role=role,
        draft=_draft(body.over(_body_of(role))),
        revision=role.revision,
        at=request.now,
    )
    return answered(_documents([changed])[0], revision=changed.revision)


@noun.delete(ROLE, needs=BY_ADMINISTRATORS)
def delete_role(request: Request, role_id: UUID) -> HttpResponse:
    """Delete a role; groups, identities and roles that had it have it no more."""
    role = _role(role_id)
    revision = seen(request, role.revision)
    actions.delete(by=request.by, role=role, revision=revision, at=request.now)
    return done()


@noun.read(ROLE + "/holders", HolderPage, needs=VIEW)
def list_holders(request: Request, role_id: UUID, asked: Query[HolderListing]) -> HttpResponse:
    """Who has a role by itself, not by a group."""
    rows = RoleAssignment.objects.current(request.now).filter(role=_role(role_id))
    if asked.q:
        named = Q(identity__display_name__icontains=asked.q)
        rows = rows.filter(named | Q(identity__user_name__icontains=asked.q))
    rows = rows.select_related("identity")
    return listed(
        request, rows, asked, orders=HOLDER_ORDERS, kind=HolderDocument, documents=_holders
    )


@noun.put(HOLDER, HolderDocument, needs=BY_ADMINISTRATORS)
def give_role(request: Request, role_id: UUID, identity_id: UUID, body: HolderBody) -> HttpResponse:
    """Give an identity a role by itself, or another end to one that it has."""
    identity = one_of(choosable_by(request.by), identity_id, "identity")
    given = assigning.assign(
        by=request.by,
        identity=identity,
        role=_role(role_id),
        until=body.until,
        at=request.now,
    )
    return answered(_holders([given])[0])


@noun.delete(HOLDER, needs=BY_ADMINISTRATORS)
def take_role(request: Request, role_id: UUID, identity_id: UUID) -> HttpResponse:
    """Take a role off an identity; what comes by a group cannot be taken off singly."""
    identity = one_of(choosable_by(request.by), identity_id, "identity")
    if not assigning.take(by=request.by, identity=identity, role=_role(role_id), at=request.now):
        raise not_found("holder")
    return done()


def _role(role_id: UUID) -> Role:
    return one_of(Role.objects.all(), role_id, "role")


def _draft(body: RoleBody) -> RoleDraft:
    known = Role.objects.filter(pk__in=body.contains).count()
    if known != len(set(body.contains)):
        raise invalid("contains", "One of the roles does not exist.")
    return RoleDraft(body.name, body.description, body.scopes, body.permissions, body.contains)


def _body_of(role: Role) -> RoleBody:
    return RoleBody(
        name=role.name,
        description=role.description,
        scopes=role.scopes,
        permissions=role.permissions,
        contains=list(role.containments.values_list("contained_id", flat=True)),
    )


def _documents(roles: Sequence[Role]) -> list[RoleDocument]:
    """One statement for what all of them contain."""
    contains: dict[UUID, list[Reference]] = {}
    rows = RoleContainment.objects.filter(role__in=roles).order_by("contained__name", "pk")
    for role_id, pk, name in rows.values_list("role_id", "contained_id", "contained__name"):
        contains.setdefault(role_id, []).append(Reference(id=pk, name=name))
    return [
        RoleDocument(
            id=role.pk,
            name=role.name,
            description=role.description,
            scopes=role.scopes,
            permissions=role.permissions,
            contains=contains.get(role.pk, []),
            revision=role.revision,
            created_at=role.created_at,
            created_by=role.created_by,
            changed_at=role.changed_at,
        )
        for role in roles
    ]


def _holders(rows: Sequence[RoleAssignment]) -> list[HolderDocument]:
    return [
        HolderDocument(
            identity=Reference(id=row.identity_id, name=row.identity.display_name),
            user_name=row.identity.user_name,
            granted_at=row.granted_at,
            granted_by=row.granted_by,
            until=row.until,
        )
        for row in rows
    ]
