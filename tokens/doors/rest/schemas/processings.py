from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from tokens.doors.rest.pages import Listing, Page
from tokens.doors.rest.schemas.base import Body, Document, Flag, Identified

EffectName = Literal[
    "created",
    "changed",
    "restored",
    "joined",
    "taken_over",
    "disabled",
    "removed",
    "handed_over",
]


class ProcessingDocument(Identified):
    """One time that the changes of a profile were planned, and applied or not."""

    state: Literal["planning", "planned", "applying", "applied", "failed", "cancelled"]
    job: UUID | None = Field(description="The job that is, or was, at work for it.")
    auto_apply: bool
    plan: int | None = Field(description="The number of the plan; confirm it by this.")
    accounts: int
    effects: dict[str, int] = Field(description="How many identities have which effect.")
    unchanged: int
    in_error: int
    unknown_states: dict[str, int] = Field(description="Life-cycle states that there are not.")
    held_reason: str = Field(description="What to look at before it is confirmed; may be empty.")
    total: int
    done: int
    failure: str
    asked_at: datetime
    asked_by: str
    planned_at: datetime | None
    confirmed_at: datetime | None
    confirmed_by: str
    finished_at: datetime | None


class ProcessingBody(Body):
    auto_apply: Flag = Field(
        False, description="Apply a plan within the threshold without asking again."
    )


class ConfirmProcessingBody(Body):
    plan: Annotated[int, Field(strict=True, ge=0, lt=2**63)] = Field(
        description="The number of the plan that was looked at; of another nothing is applied."
    )
    sure: Flag = Field(False, description="Where there is a `held_reason`: that you looked at it.")


class ProcessingListing(Listing):
    sort: Literal["asked_at", "-asked_at"] = "-asked_at"


class EffectDifference(Document):
    """An attribute that changes; null is no value."""

    attribute: str
    before: Any
    after: Any


class EffectDocument(Document):
    """What a plan does with one identity."""

    effect: EffectName
    identity: UUID
    user_name: str
    display_name: str
    email: str
    account_id: str
    account_name: str
    attributes: dict[str, Any]
    differences: list[EffectDifference]


class EffectListing(Listing):
    sort: Literal["row", "-row"] = "row"
    effect: EffectName


ProcessingPage = Page[ProcessingDocument]
EffectPage = Page[EffectDocument]
