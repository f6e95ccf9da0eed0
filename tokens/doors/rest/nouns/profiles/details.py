from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.http import HttpResponse
from ninja import Query

from accounts.identities.queries import possible_owners
from accounts.models import Identity, IdentityProfile, Source
from accounts.profiles import actions, queries
from accounts.profiles.actions import Details
from accounts.profiles.models import InvitePolicy, ProfileKind, VanishedPolicy
from tokens.doors.rest.answers import Reading, answered, done
from tokens.doors.rest.calls import Request
from tokens.doors.rest.nouns.profiles.base import MANAGE, PROFILE, VIEW, load, noun
from tokens.doors.rest.pages import listed, orders
from tokens.doors.rest.references import meant
from tokens.doors.rest.revisions import check, seen
from tokens.doors.rest.schemas.base import Reference
from tokens.doors.rest.schemas.profiles import (
    NewProfile,
    ProfileBody,
    ProfileChange,
    ProfileDocument,
    ProfileListing,
    ProfilePage,
)

ORDERS: Final = orders({"priority": "priority", "name": "name"})


@noun.read("", ProfilePage, needs=VIEW)
def list_profiles(request: Request, asked: Query[ProfileListing]) -> HttpResponse:
    """The identity profiles, the one that leads first."""
    rows = queries.visible_to(request.by)
    if asked.q:
        rows = rows.filter(name__icontains=asked.q)
    return listed(request, rows, asked, orders=ORDERS, kind=ProfileDocument, documents=_documents)


@noun.create("", ProfileDocument, needs=MANAGE)
def create_profile(request: Request, body: NewProfile) -> HttpResponse:
    """Make a profile without mappings; its source is authoritative from now on.

    It is the caller's where no `owner` is sent.
    """
    source = meant(Source.objects.existing(), body.source, "source", "source")
    assert source is not None
    owner = body.owner
    if "owner" not in body.model_fields_set and request.by.is_person:
        owner = request.by.pk
    profile = actions.create(
        by=request.by,
        source=source,
        kind=body.kind,
        details=_details(body, owner),
        at=request.now,
    )
    return noun.created(_documents([profile])[0], revision=profile.revision)


@noun.read(PROFILE, ProfileDocument, needs=VIEW)
def read_profile(request: Request, profile_id: UUID, asked: Query[Reading]) -> HttpResponse:
    """One identity profile."""
    profile = load(request, profile_id)
    document = _documents([profile])[0]
    return answered(document, fields=asked.fields, revision=profile.revision)


@noun.change(PROFILE, ProfileDocument, needs=MANAGE)
def change_profile(request: Request, profile_id: UUID, body: ProfileChange) -> HttpResponse:
    """Change the settings of a profile; its mappings have an address of their own."""
    profile = load(request, profile_id)
    check(request, profile.revision)
    wanted = body.over(_body_of(profile))
    changed = actions.edit(
        by=request.by,
        profile=profile,
        details=_details(wanted, wanted.owner, profile),
        revision=profile.revision,
        at=request.now,
    )
    return answered(_documents([changed])[0], revision=changed.revision)


@noun.delete(PROFILE, needs=MANAGE)
def delete_profile(request: Request, profile_id: UUID) -> HttpResponse:
    """Delete a profile; its identities stay as they are, and belong to no profile."""
    profile = load(request, profile_id)
    revision = seen(request, profile.revision)
    actions.delete(by=request.by, profile=profile, revision=revision, at=request.now)
    return done()


def _details(
    body: ProfileBody, owner: UUID | None, profile: IdentityProfile | None = None
) -> Details:
    """The body with its owner: who owns the profile already may stay, also disabled."""
    people = possible_owners()
    if profile is not None and profile.owner_id is not None:
        people |= Identity.objects.filter(pk=profile.owner_id)
    return Details(
        name=body.name,
        description=body.description,
        owner=meant(people, owner, "owner", "person who can sign in"),
        priority=body.priority,
        invite_policy=body.invite_policy,
        invite_state=body.invite_state,
        vanished_policy=body.vanished_policy,
    )


def _body_of(profile: IdentityProfile) -> ProfileBody:
    return ProfileBody(
        name=profile.name,
        description=profile.description,
        owner=profile.owner_id,
        priority=profile.priority,
        invite_policy=InvitePolicy(profile.invite_policy),
        invite_state=profile.invite_state,
        vanished_policy=VanishedPolicy(profile.vanished_policy),
    )


def _documents(profiles: Sequence[IdentityProfile]) -> list[ProfileDocument]:
    return [
        ProfileDocument(
            id=profile.pk,
            name=profile.name,
            description=profile.description,
            source=Reference(id=profile.source_id, name=profile.source.name),
            kind=ProfileKind(profile.kind),
            owner=Reference.to(profile.owner),
            priority=profile.priority,
            invite_policy=InvitePolicy(profile.invite_policy),
            invite_state=profile.invite_state,
            vanished_policy=VanishedPolicy(profile.vanished_policy),
            refresh_required=profile.refresh_required,
            applied_at=profile.applied_at,
            revision=profile.revision,
            created_at=profile.created_at,
            created_by=profile.created_by,
            changed_at=profile.changed_at,
        )
        for profile in profiles
    ]
