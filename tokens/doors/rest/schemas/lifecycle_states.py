from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from accounts.profiles.lifecycle_states.actions import MOST_PRIORITY
from accounts.profiles.lifecycle_states.models import STATE_WIDTH, Entry, IdentityState
from tokens.doors.rest.pages import Listing, Page
from tokens.doors.rest.schemas.base import (
    Body,
    Change,
    Description,
    Document,
    Name,
    Reference,
    Stamped,
    words,
)

InTheVendorsWords = Annotated[IdentityState, words(IdentityState)]
OnEntry = Annotated[Entry, words(Entry)]
TechnicalName = Annotated[str, Field(min_length=1, max_length=STATE_WIDTH)]


class StateBody(Body):
    """A life-cycle state as somebody wants it."""

    name: Name
    description: Description = ""
    identity_state: InTheVendorsWords = Field(IdentityState.NONE, description="For SailPoint.")
    on_entry: OnEntry = Field(
        Entry.NOTHING, description="What entering it does to an identity; empty: nothing."
    )
    priority: Annotated[
        int | None,
        Field(
            strict=True,
            ge=1,
            le=MOST_PRIORITY,
            description="The lowest is listed first; null: last, or as it is.",
        ),
    ] = None


class NewState(StateBody):
    technical_name: TechnicalName = Field(
        description="As the source writes the state; it stays for good."
    )


class StateChange(Change, StateBody):
    """What is to be different about a life-cycle state."""


class StateDocument(Stamped):
    """A state that the identities of a profile may be in."""

    technical_name: str
    name: str
    description: str
    enabled: bool = Field(description="Nobody enters one that is not.")
    identity_state: InTheVendorsWords
    on_entry: OnEntry
    priority: int
    identities: int = Field(
        description="How many are in it; of a source with more than 10,000 accounts up to 10,001."
    )


class StateListing(Listing):
    sort: Literal["priority", "-priority", "name", "-name"] = "priority"


StatePage = Page[StateDocument]


class SetStateBody(Body):
    state: TechnicalName = Field(
        description="`technical_name` of an enabled state of the profile of the identity."
    )


class LifecycleDocument(Document):
    """The life-cycle state of one identity."""

    profile: Reference | None = Field(
        description="Whose states it may be in; null: it belongs to no identity profile."
    )
    state: str | None = Field(description="`technical_name`; null where it is in none.")
    name: str | None
    set_by_hand: bool = Field(description="Then it stays until the source says something else.")
    set_at: datetime | None
    set_by: str | None
