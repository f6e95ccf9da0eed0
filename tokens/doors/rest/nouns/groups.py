from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from ninja import Query

from accounts.audit.csv_lists import CONTENT_TYPE
from accounts.authorization.permissions import Permission
from accounts.groups import actions, memberships, policies, queries
from accounts.groups.actions import GroupDraft
from accounts.groups.csv_list import CSV
from accounts.groups.models import Approvers
from accounts.identities.queries import possible_owners
from accounts.models import Group, Identity, Membership, Role
from accounts.requests.policies import may_ask
from accounts.service_accounts.queries import choosable_by
from tokens.doors.rest.answers import Reading, answered, done
from tokens.doors.rest.calls import Request, one_of
from tokens.doors.rest.downloads import csv_file
from tokens.doors.rest.errors import invalid, not_found
from tokens.doors.rest.noun import Noun
from tokens.doors.rest.pages import listed, orders
from tokens.doors.rest.references import meant
from tokens.doors.rest.revisions import check, seen
from tokens.doors.rest.schemas.base import Reference
from tokens.doors.rest.schemas.groups import (
    GroupBody,
    GroupChange,
    GroupDocument,
    GroupFilters,
    GroupListing,
    GroupPage,
    MemberBody,
    MemberDocument,
    MemberListing,
    MemberPage,
)

noun: Final = Noun("groups", "Groups", "Identities that have roles because they belong to a group.")

GROUP: Final = "/{uuid:group_id}"
MEMBER: Final = GROUP + "/members/{uuid:identity_id}"
MEMBERS_BY: Final = (Permission.GROUP_MANAGE_OWN, Permission.GROUP_MANAGE)
ORDERS: Final = orders({"name": "name", "changed_at": "changed_at"})
MEMBER_ORDERS: Final = orders({"name": "identity__display_name", "since": "since"})


@noun.read("", GroupPage)
def list_groups(request: Request, asked: Query[GroupListing]) -> HttpResponse:
    """The groups that the caller sees, or those that they may ask to belong to."""
    rows = _rows(request, asked)
    return listed(request, rows, asked, orders=ORDERS, kind=GroupDocument, documents=_documents)


@noun.download("/export", media=CONTENT_TYPE, needs=[Permission.GROUP_VIEW])
def export_groups(request: Request, asked: Query[GroupFilters]) -> HttpResponse:
    """The groups as a CSV file, read while it is sent."""
    return csv_file(request, CSV, _rows(request, asked), asked)


@noun.create("", GroupDocument, needs=[Permission.GROUP_MANAGE])
def create_group(request: Request, body: GroupBody) -> HttpResponse:
    """Add a group without members."""
    group = actions.create(by=request.by, draft=_draft(request, body), at=request.now)
    return _answered(group, created=True)


@noun.read(GROUP, GroupDocument)
def read_group(request: Request, group_id: UUID, asked: Query[Reading]) -> HttpResponse:
    """One group."""
    group = _group(request, group_id)
    return answered(_documents([group])[0], fields=asked.fields, revision=group.revision)


@noun.change(GROUP, GroupDocument, needs=[Permission.GROUP_MANAGE])
def change_group(request: Request, group_id: UUID, body: GroupChange) -> HttpResponse:
    """Change a group; its members have the roles that it carries then at once."""
    group = _group(request, group_id)
    check(request, group.revision)
    changed = actions.edit(
        by=request.by,
        group=group,
        draft=_draft(request, body.over(_body_of(group)), group),
        revision=group.revision,
        at=request.now,
    )
    return _answered(changed)


@noun.delete(GROUP, needs=[Permission.GROUP_MANAGE])
def delete_group(request: Request, group_id: UUID) -> HttpResponse:
    """Delete a group; whoever belonged to it has its roles no more."""
    group = _group(request, group_id)
    revision = seen(request, group.revision)
    actions.delete(by=request.by, group=group, revision=revision, at=request.now)
    return done()


@noun.read(GROUP + "/members", MemberPage)
def list_members(request: Request, group_id: UUID, asked: Query[MemberListing]) -> HttpResponse:
    """Who belongs to a group, as far as the caller may know."""
    rows = queries.members_seen(request.by, _group(request, group_id), request.now)
    if asked.q:
        named = Q(identity__display_name__icontains=asked.q)
        rows = rows.filter(named | Q(identity__user_name__icontains=asked.q))
    return listed(
        request, rows, asked, orders=MEMBER_ORDERS, kind=MemberDocument, documents=_members
    )


@noun.put(MEMBER, MemberDocument, needs=MEMBERS_BY)
def put_member(
    request: Request, group_id: UUID, identity_id: UUID, body: MemberBody
) -> HttpResponse:
    """Let somebody belong to a group, or for another time than they do."""
    group = _group(request, group_id)
    policies.check_may_change_members(request.by, group)
    identity = one_of(choosable_by(request.by), identity_id, "identity")
    membership = memberships.add(
        by=request.by, group=group, identity=identity, until=body.until, at=request.now
    )
    return answered(_members([membership])[0])


@noun.delete(MEMBER, needs=MEMBERS_BY)
def remove_member(request: Request, group_id: UUID, identity_id: UUID) -> HttpResponse:
    """Take somebody out of a group; they lose its roles at once."""
    group = _group(request, group_id)
    policies.check_may_change_members(request.by, group)
    rows = Membership.objects.current(request.now).select_related("identity")
    found = rows.filter(group=group, identity=identity_id).first()
    if found is None:
        raise not_found("member")
    memberships.remove(by=request.by, group=group, identity=found.identity, at=request.now)
    return done()


def _rows(request: Request, asked: GroupFilters) -> QuerySet[Group]:
    is_asking = asked.show == "requestable" and may_ask(request.by)
    rows = Group.objects.all() if is_asking else Group.objects.visible_to(request.by)
    rows = rows.select_related("manager", "parent")
    if asked.q:
        rows = rows.filter(Q(name__icontains=asked.q) | Q(description__icontains=asked.q))
    if asked.show == "mine":
        rows = rows.filter(manager=request.by)
    elif asked.show == "requestable":
        rows = rows.filter(may_be_requested=True)
    return rows


def _group(request: Request, group_id: UUID) -> Group:
    rows = Group.objects.visible_to(request.by).select_related("manager", "parent")
    return one_of(rows, group_id, "group")


def _answered(group: Group, *, created: bool = False) -> HttpResponse:
    document = _documents([group])[0]
    if created:
        return noun.created(document, revision=group.revision)
    return answered(document, revision=group.revision)


def _draft(request: Request, body: GroupBody, group: Group | None = None) -> GroupDraft:
    """The body with what it refers to; who manages the group may stay, also disabled."""
    people = possible_owners()
    if group is not None and group.manager_id:
        people |= Identity.objects.filter(pk=group.manager_id)
    known = set(Role.objects.filter(pk__in=body.roles).values_list("pk", flat=True))
    if known != set(body.roles):
        raise invalid("roles", "One of the roles does not exist.")
    return GroupDraft(
        name=body.name,
        description=body.description,
        manager=meant(people, body.manager, "manager", "person who can sign in"),
        parent=meant(Group.objects.visible_to(request.by), body.parent, "parent", "group"),
        may_be_requested=body.may_be_requested,
        roles=body.roles,
        approvers=Approvers(body.approvers),
    )


def _body_of(group: Group) -> GroupBody:
    return GroupBody(
        name=group.name,
        description=group.description,
        manager=group.manager_id,
        parent=group.parent_id,
        may_be_requested=group.may_be_requested,
        approvers=Approvers(group.approvers),
        roles=list(group.group_roles.values_list("role_id", flat=True)),
    )


def _documents(groups: Sequence[Group]) -> list[GroupDocument]:
    """One statement for the roles of all of them."""
    roles: dict[UUID, list[Reference]] = {}
    rows = Role.objects.filter(group_roles__group__in=groups).order_by("name", "pk")
    for group_id, pk, name in rows.values_list("group_roles__group", "pk", "name"):
        roles.setdefault(group_id, []).append(Reference(id=pk, name=name))
    return [
        GroupDocument(
            id=group.pk,
            name=group.name,
            description=group.description,
            manager=Reference.to(group.manager),
            parent=Reference.to(group.parent),
            may_be_requested=group.may_be_requested,
            approvers=Approvers(group.approvers),
            roles=roles.get(group.pk, []),
            revision=group.revision,
            created_at=group.created_at,
            created_by=group.created_by,
            changed_at=group.changed_at,
        )
        for group in groups
    ]


def _members(rows: Sequence[Membership]) -> list[MemberDocument]:
    return [
        MemberDocument(
            identity=Reference(id=row.identity_id, name=row.identity.display_name),
            user_name=row.identity.user_name,
            kind=row.identity.kind,
            since=row.since,
            until=row.until,
            added_by=row.added_by,
        )
        for row in rows
    ]
