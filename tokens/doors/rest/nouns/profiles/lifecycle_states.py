from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Final
from uuid import UUID

from django.http import HttpResponse
from ninja import Query

from accounts.models import IdentityProfile, LifecycleState
from accounts.profiles.lifecycle_states import actions, queries
from accounts.profiles.lifecycle_states.actions import Draft
from accounts.profiles.lifecycle_states.models import Entry, IdentityState
from tokens.doors.rest.answers import Reading, answered, done
from tokens.doors.rest.calls import Request, one_of
from tokens.doors.rest.nouns.profiles.base import MANAGE, PROFILE, VIEW, load, noun
from tokens.doors.rest.operations import PREFIX
from tokens.doors.rest.pages import listed, orders
from tokens.doors.rest.revisions import check, seen
from tokens.doors.rest.schemas.lifecycle_states import (
    NewState,
    StateBody,
    StateChange,
    StateDocument,
    StateListing,
    StatePage,
)

STATES: Final = PROFILE + "/lifecycle-states"
STATE: Final = STATES + "/{uuid:state_id}"
ORDERS: Final = orders({"priority": "priority", "name": "name"})


@noun.read(STATES, StatePage, needs=VIEW)
def list_lifecycle_states(
    request: Request, profile_id: UUID, asked: Query[StateListing]
) -> HttpResponse:
    """The states that the identities of a profile may be in."""
    profile = load(request, profile_id)
    rows = profile.lifecycle_states.all()
    documents = _documents(profile)
    return listed(request, rows, asked, orders=ORDERS, kind=StateDocument, documents=documents)


@noun.create(STATES, StateDocument, needs=MANAGE)
def create_lifecycle_state(request: Request, profile_id: UUID, body: NewState) -> HttpResponse:
    """Add a state, which nobody enters before it is enabled."""
    profile = load(request, profile_id)
    state = actions.add(
        by=request.by,
        profile=profile,
        technical_name=body.technical_name,
        draft=_draft(body),
        at=request.now,
    )
    location = f"{PREFIX}/{noun.word}/{profile.pk}/lifecycle-states/{state.pk}"
    document = _documents(profile)([state])[0]
    return answered(document, HTTPStatus.CREATED, revision=state.revision, location=location)


@noun.read(STATE, StateDocument, needs=VIEW)
def read_lifecycle_state(
    request: Request, profile_id: UUID, state_id: UUID, asked: Query[Reading]
) -> HttpResponse:
    """One life-cycle state."""
    return _answered(request, profile_id, state_id, asked.fields)


@noun.change(STATE, StateDocument, needs=MANAGE)
def change_lifecycle_state(
    request: Request, profile_id: UUID, state_id: UUID, body: StateChange
) -> HttpResponse:
    """Change a state; what that changes for identities is taken by the next processing."""
    state = _state(request, profile_id, state_id)
    check(request, state.revision)
    stored = StateBody(
        name=state.name,
        description=state.description,
        identity_state=IdentityState(state.identity_state),
        on_entry=Entry(state.on_entry),
        priority=state.priority,
    )
    draft = _draft(body.over(stored))
    actions.edit(by=request.by, state=state, draft=draft, revision=state.revision, at=request.now)
    return _answered(request, profile_id, state_id)


@noun.act(STATE + "/enable", StateDocument, needs=MANAGE)
def enable_lifecycle_state(request: Request, profile_id: UUID, state_id: UUID) -> HttpResponse:
    """Let identities enter a state, from the next processing on."""
    return _set_enabled(request, profile_id, state_id, enabled=True)


@noun.act(STATE + "/disable", StateDocument, needs=MANAGE)
def disable_lifecycle_state(request: Request, profile_id: UUID, state_id: UUID) -> HttpResponse:
    """Let nobody be in a state, from the next processing on."""
    return _set_enabled(request, profile_id, state_id, enabled=False)


@noun.delete(STATE, needs=MANAGE)
def delete_lifecycle_state(request: Request, profile_id: UUID, state_id: UUID) -> HttpResponse:
    """Remove a state in which nobody is."""
    state = _state(request, profile_id, state_id)
    revision = seen(request, state.revision)
    actions.remove(by=request.by, state=state, revision=revision, at=request.now)
    return done()


def _set_enabled(
    request: Request, profile_id: UUID, state_id: UUID, *, enabled: bool
) -> HttpResponse:
    state = _state(request, profile_id, state_id)
    actions.set_enabled(by=request.by, state=state, enabled=enabled, at=request.now)
    return _answered(request, profile_id, state_id)


def _state(request: Request, profile_id: UUID, state_id: UUID) -> LifecycleState:
    rows = LifecycleState.objects.filter(profile=load(request, profile_id))
    return one_of(rows.select_related("profile__source"), state_id, "life-cycle state")


def _answered(
    request: Request, profile_id: UUID, state_id: UUID, fields: str | None = None
) -> HttpResponse:
    state = _state(request, profile_id, state_id)
    document = _documents(state.profile)([state])[0]
    return answered(document, fields=fields, revision=state.revision)


def _draft(body: StateBody) -> Draft:
    return Draft(
        name=body.name,
        description=body.description,
        identity_state=body.identity_state,
        on_entry=body.on_entry,
        priority=body.priority,
    )


def _documents(
    profile: IdentityProfile,
) -> Callable[[Sequence[LifecycleState]], list[StateDocument]]:
    counts = queries.counts(profile)

    def documents(states: Sequence[LifecycleState]) -> list[StateDocument]:
        return [
            StateDocument(
                id=state.pk,
                technical_name=state.technical_name,
                name=state.name,
                description=state.description,
                enabled=state.is_enabled,
                identity_state=IdentityState(state.identity_state),
                on_entry=Entry(state.on_entry),
                priority=state.priority,
                identities=counts.get(state.technical_name, 0),
                revision=state.revision,
                created_at=state.created_at,
                created_by=state.created_by,
                changed_at=state.changed_at,
            )
            for state in states
        ]

    return documents
