from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from accounts.jobs.states import State
from tokens.doors.rest.pages import Listing, Page
from tokens.doors.rest.schemas.base import Document, Identified, words


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


class ScheduledDocument(Document):
    """Something that is done by itself at set times."""

    id: int
    name: str
    kind: str = Field(description="What is done, such as `import.read`.")
    times: list[str] = Field(description="By the clock of `zone`.")
    weekdays: list[int] = Field(description="From 0 (Monday) to 6; none: every day.")
    zone: str
    next_at: datetime
    fired_at: datetime | None = Field(description="When it began by itself the last time.")
    set_by: str
    paused: bool = Field(description="Whoever set it may not any more; its times are set anew.")
    trouble: str = Field(description="Why it is paused, or did not begin; empty where all is well.")
    last_job: JobDocument | None


class ScheduledListing(Listing):
    sort: Literal["next_at", "-next_at"] = "next_at"


ScheduledPage = Page[ScheduledDocument]


class JobFilters(BaseModel):
    """Which jobs are meant."""

    state: Annotated[
        Literal["queued", "running", "succeeded", "failed", "cancelled", "at_work"] | None,
        Field(description="Only those in this state; `at_work`: whatever has not ended."),
    ] = None
    kind: Annotated[str | None, Field(max_length=40, description="Only those of this kind.")] = None
    subject_id: Annotated[
        str | None, Field(max_length=64, description="Only those about this object.")
    ] = None


class JobListing(Listing, JobFilters):
    sort: Literal["created_at", "-created_at"] = "-created_at"


JobPage = Page[JobDocument]
