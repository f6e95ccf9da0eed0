from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, WithJsonSchema

from accounts.sources.models import Status
from tokens.doors.rest.pages import Listing, Page, Search
from tokens.doors.rest.schemas.base import (
    Body,
    Change,
    Description,
    Flag,
    Id,
    Name,
    Reference,
    Stamped,
)

SETTING = {"type": ["string", "boolean", "integer"]}
Config = Annotated[
    dict[str, Any],
    WithJsonSchema({"type": "object", "additionalProperties": SETTING}),
    Field(description="What the connector needs to know; what is not sent has its default."),
]
Secrets = Annotated[
    dict[str, Annotated[str, Field(max_length=4000)]],
    Field(description="What the connector needs to know and nobody reads; empty keeps it."),
]


class SourceDocument(Stamped):
    """Where accounts come from."""

    name: str
    description: str
    owner: Reference | None
    connector: str
    config: dict[str, Any] | None = Field(description="Null for who may not change the source.")
    secrets_set: list[str] | None = Field(description="Null for who may not change the source.")
    delete_threshold_percent: int
    deletion_disabled: bool
    accounts: int = Field(description="How many there are.")
    status: Status
    status_since: datetime | None
    failure: str = Field(description="Why the last import failed; empty where it did not.")


class SourceBody(Body):
    """A source as somebody wants it."""

    name: Name
    description: Description = ""
    owner: Id | None = Field(
        None,
        description="A person who can sign in. Whoever manages only sources of their own owns "
        "what they add.",
    )
    config: Config = Field(default_factory=dict)
    secrets: Secrets = Field(default_factory=dict)
    delete_threshold_percent: Annotated[int, Field(ge=1, le=100, strict=True)] = 10
    deletion_disabled: Flag = False


class NewSource(SourceBody):
    """A source, and what reads it."""

    connector: Literal["delimited_file", "ldap"]
    start: Annotated[
        str, Field(max_length=60, description="Which account schema of the connector to begin with")
    ] = ""


class SourceChange(Change, SourceBody):
    """What is to be different about a source; of `config` too, members not sent stay."""


class SourceFilters(BaseModel):
    """Which sources are meant."""

    q: Search = ""
    owner: Annotated[Id | None, Field(description="Only those that this person owns.")] = None


class SourceListing(Listing, SourceFilters):
    sort: Literal["name", "-name", "changed_at", "-changed_at"] = "name"


SourcePage = Page[SourceDocument]
