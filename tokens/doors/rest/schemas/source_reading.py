"""Reading a source that takes no files: whether it can be reached, what it has, and when."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from accounts.sources.connectors.base import Type
from accounts.sources.schedules import MOST_TIMES, Frequency
from tokens.doors.rest.schemas.base import Body, Document, words
from tokens.doors.rest.schemas.sources import Config, Secrets

Time = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["08:00"])]
Weekday = Annotated[int, Field(ge=0, le=6, strict=True)]


class ConnectionBody(Body):
    """What to try in place of what is saved; nothing of it is kept."""

    config: Config = Field(default_factory=dict)
    secrets: Secrets = Field(default_factory=dict)


class TriedAccount(Document):
    account_name: str
    attributes: dict[str, str] = Field(description="Those that have a value, as text.")


class TriedConnection(Document):
    """What came of a try; nothing is imported by it."""

    works: bool
    failure: str = Field(description="Why not, and what to do about it; empty where it works.")
    accounts: list[TriedAccount] = Field(description="The first few that would be read.")
    left_out: int = Field(description="Parts of the source that are elsewhere and are not read.")


class FoundAttribute(Document):
    name: str
    description: str
    type: Type
    is_multi_valued: bool


class FoundAttributes(Document):
    """What a source has beside its account schema; `POST …/attributes` adds one."""

    works: bool
    failure: str = Field(description="Why the source cannot be read; empty where it can.")
    attributes: list[FoundAttribute]


class ScheduleBody(Body):
    """When a source is read by itself, by the tenant's clock."""

    frequency: Annotated[Frequency, words(Frequency)]
    times: Annotated[list[Time], Field(max_length=MOST_TIMES)] = Field(
        default_factory=list, description="Where `frequency` is `daily`."
    )
    weekdays: Annotated[list[Weekday], Field(max_length=7)] = Field(
        default_factory=list, description="From 0 (Monday) to 6; none: every day."
    )


class ScheduleDocument(Document):
    """When a source is read by itself."""

    frequency: Annotated[Frequency, words(Frequency)]
    times: list[str]
    weekdays: list[int]
    zone: str = Field(description="Whose clock the times are of; empty where there are none.")
    next_at: datetime | None = Field(description="Null where nothing is read by itself.")
    paused: bool
    trouble: str = Field(description="Why it is paused, or did not begin; empty where all is well.")
