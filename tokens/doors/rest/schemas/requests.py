from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from accounts.requests.states import ApprovalState, State, Verdict
from tokens.doors.rest.pages import Listing, Page
from tokens.doors.rest.schemas.base import Body, Document, Id, Identified, Instant, Reference, words

Reason = Annotated[str, Field(max_length=1000)]


class RequestDocument(Identified):
    """What somebody asks for."""

    number: str
    kind: str
    requester: Reference
    requested_for: Reference | None
    details: dict[str, Any]
    reason: str
    state: Annotated[State, words(State)]
    asked_at: datetime
    due_at: datetime
    decided_at: datetime | None
    closed_at: datetime | None
    result: dict[str, Any] = Field(description="What came of it, once it is carried out.")
    failure: str


class ApprovalDocument(Document):
    """The part of one approver."""

    approver: Reference | None = Field(description="null: any administrator.")
    state: Annotated[ApprovalState, words(ApprovalState)]
    comment: str
    decided_at: datetime | None
    decided_by: Reference | None


class LineDocument(Document):
    """One line of what an approver reads."""

    label: str
    value: str


class WholeRequest(RequestDocument):
    """A request with what it comes to now, and with what was decided."""

    lines: list[LineDocument]
    digest: str = Field(
        description="Stands for what was read; a decision sends it back. Empty: what was asked "
        "about is gone."
    )
    approvals: list[ApprovalDocument]


class RequestBody(Body):
    """What is asked for."""

    kind: Annotated[str, Field(min_length=1, max_length=40)]
    details: dict[str, Any] = Field(
        default_factory=dict,
        description="What the kind takes; `GET /requests/kinds` names it for each.",
    )
    reason: Reason = Field(description="What it is for; whoever decides reads it.")


class DecisionBody(Body):
    """What is decided, about what was read."""

    verdict: Annotated[Verdict, words(Verdict)]
    comment: Reason = Field("", description="Obligatory where it is rejected.")
    digest: Annotated[str, Field(max_length=64)]


class RequestListing(Listing):
    sort: Literal["asked_at", "-asked_at"] = "-asked_at"
    show: Annotated[
        Literal["mine", "to_approve", "all"],
        Field(description="What one asks for, what one decides, or, where one may, all."),
    ] = "mine"
    state: Annotated[State, words(State)] | None = None


class RequestFilters(BaseModel):
    """Which requests are meant."""

    state: Annotated[State, words(State)] | None = None


class DetailDocument(Document):
    """One member of the `details` of a request."""

    name: str
    description: str
    required: bool
    is_list: bool


class KindDocument(Document):
    """One kind of request."""

    name: str
    label: str
    description: str
    details: list[DetailDocument]


class Kinds(Document):
    """What can be asked for."""

    items: list[KindDocument]


class DelegationBody(Body):
    """Who decides in one's place for a time."""

    delegate: Id
    since: Instant
    until: Instant


class DelegationDocument(Document):
    """Who decides in one's place for a time."""

    delegate: Reference
    since: datetime
    until: datetime


RequestPage = Page[RequestDocument]
