from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from accounts.audit.actors import ActorKind
from accounts.audit.models import Outcome
from tokens.doors.rest.pages import Listing, Page
from tokens.doors.rest.schemas.base import Document, Id, Instant


class Actor(Document):
    """Who did something, or said to be who they are not."""

    kind: ActorKind
    id: str = Field(description="Empty where nobody proved who they are.")
    name: str = Field(description="As they were called then.")


class Target(Document):
    """What an event is about; it may be gone by now."""

    type: str
    id: str
    name: str


class UsedCredential(Document):
    """What a program used that acted for somebody."""

    kind: str
    id: UUID
    name: str


class EventDocument(Document):
    """One line of the audit log. It is never changed and never deleted."""

    id: int
    at: datetime
    action: str = Field(description="What was done, such as `source.created`.")
    outcome: Outcome
    actor: Actor
    target: Target | None
    reason: str = Field(description="Why it was refused or failed; else empty.")
    detail: dict[str, Any] = Field(description="What there is to tell; differs by `action`.")
    address: str
    client: str = Field(description="What the program calls itself (`User-Agent`).")
    request_id: str
    credential: UsedCredential | None


def _exactly(most: int, said: str) -> Any:
    return Field(min_length=1, max_length=most, description=said)


class EventFilters(BaseModel):
    """Which events are meant."""

    actor_id: Annotated[str | None, _exactly(36, "Only what this identity did; or `system`.")] = (
        None
    )
    action: Annotated[str | None, _exactly(64, "Only this action.")] = None
    outcome: Outcome | None = None
    target_id: Annotated[str | None, _exactly(64, "Only what is about this object.")] = None
    credential_id: Annotated[
        Id | None, Field(description="Only what was done by means of this key or token.")
    ] = None
    address: Annotated[str | None, _exactly(45, "Only what came from this IP address.")] = None
    request_id: Annotated[str | None, _exactly(64, "Only what happened in this request.")] = None
    since: Annotated[Instant | None, Field(description="From this time on.")] = None
    before: Annotated[Instant | None, Field(description="Earlier than this time.")] = None
    without_issued: Annotated[
        Literal["true"] | None,
        Field(description="Without the access tokens that were issued, which hide the rest."),
    ] = None


class EventListing(Listing, EventFilters):
    sort: Literal["at", "-at"] = "-at"


EventPage = Page[EventDocument]
