from __future__ import annotations

from typing import Final
from uuid import UUID

from django.http import HttpResponse

from accounts.models import Identity, IdentityLifecycle, LifecycleState
from accounts.profiles.lifecycle_states import manual, queries
from tokens.doors.rest.answers import answered, done
from tokens.doors.rest.calls import Request
from tokens.doors.rest.errors import invalid
from tokens.doors.rest.nouns.identities.base import IDENTITY, MANAGE, VIEW, load, noun
from tokens.doors.rest.schemas.base import Reference
from tokens.doors.rest.schemas.lifecycle_states import LifecycleDocument, SetStateBody

STATE: Final = IDENTITY + "/lifecycle-state"


@noun.read(STATE, LifecycleDocument, needs=VIEW)
def read_state_of_identity(request: Request, identity_id: UUID) -> HttpResponse:
    """The life-cycle state that an identity is in, and whether a person set it."""
    return _answered(load(request, identity_id))


@noun.put(STATE, LifecycleDocument, needs=MANAGE)
def set_state_of_identity(request: Request, identity_id: UUID, body: SetStateBody) -> HttpResponse:
    """Put an identity into a state of its profile, with all that entering it does."""
    identity = load(request, identity_id)
    profile = queries.profile_of(identity)
    if profile is None:
        raise manual.NoStates
    states = LifecycleState.objects.filter(profile=profile, is_enabled=True)
    state = states.filter(technical_name=body.state).first()
    if state is None:
        raise invalid("state", "There is no such enabled life-cycle state in its profile.")
    manual.set_state(by=request.by, identity=identity, state=state, at=request.now)
    return _answered(load(request, identity_id))


@noun.delete(STATE, needs=MANAGE)
def follow_source(request: Request, identity_id: UUID) -> HttpResponse:
    """Let the source decide again; what it says is taken by the next processing."""
    identity = load(request, identity_id)
    manual.follow_source(by=request.by, identity=identity, at=request.now)
    return done()


def _answered(identity: Identity) -> HttpResponse:
    found = queries.states_of([identity]).get(identity.pk)
    by_hand = IdentityLifecycle.objects.filter(identity=identity).exclude(manual_state="").first()
    return answered(
        LifecycleDocument(
            profile=Reference.to(queries.profile_of(identity)),
            state=found.technical_name if found else None,
            name=found.name if found else None,
            set_by_hand=by_hand is not None,
            set_at=by_hand.set_at if by_hand else None,
            set_by=by_hand.set_by if by_hand else None,
        )
    )
