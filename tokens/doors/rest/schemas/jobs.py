from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from accounts.jobs.states import State
from tokens.doors.rest.pages import Listing, Page
from tokens.doors.rest.schemas.base import Identified, words


class JobDocument(Identified):
    """Something slow that was asked for."""

    kind: str = Field(description="What is done, such as `import.plan`.")
    state: Annotated[State, words(State)]
    subject_type: str = Field(description="What it is about, such as `source`; may be empty.")
    subject_id: str
    subject: str = Field(description="What that was called when the job was asked for.")
    asked_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_asked_at: datetime | None = Field(description="It stops at its next sign of progress.")
    attempts: int = Field(description="How often it was begun; again where a worker died.")
    phase: str = Field(description="What is done just now.")
    done: int
    total: int | None = Field(description="Null while that is not known.")
    result: dict[str, Any] = Field(description="What came of it; its members differ by `kind`.")
    error: str = Field(description="Why it failed; empty where it did not.")


class JobListing(Listing):
    sort: Literal["created_at", "-created_at"] = "-created_at"
    state: Annotated[
        Literal["queued", "running", "succeeded", "failed", "cancelled", "at_work"] | None,
        Field(description="Only those in this state; `at_work`: whatever has not ended."),
    ] = None
    kind: Annotated[str | None, Field(max_length=40, description="Only those of this kind.")] = None
    subject_id: Annotated[
        str | None, Field(max_length=64, description="Only those about this object.")
    ] = None


JobPage = Page[JobDocument]
