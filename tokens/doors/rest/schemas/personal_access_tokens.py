from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from tokens.doors.rest.pages import Listing, Page, Search
from tokens.doors.rest.schemas.base import (
    Body,
    Change,
    Document,
    Flag,
    Id,
    Identified,
    Instant,
    Name,
    Reference,
    words,
)
from tokens.personal_access_tokens.queries import TokenStatus, Whose

Scopes = Annotated[list[str], Field(max_length=1000)]


class TokenDocument(Identified):
    """A personal access token, without its secret, which nobody can read."""

    name: str
    holder: Reference
    client_id: str
    scopes: list[str]
    status: Annotated[TokenStatus, words(TokenStatus)]
    expires_at: datetime | None
    access_token_seconds: int | None = Field(description="null: what is usual in the tenant.")
    created_at: datetime
    created_by: str
    last_used_at: datetime | None


class MadeToken(TokenDocument):
    """A personal access token and its secret, which is shown here once."""

    secret: str


class TokenBody(Body):
    """What can be changed about a token."""

    name: Name
    scopes: Scopes = Field(
        min_length=1, description="For oneself, no more than the token has that calls."
    )
    expires_at: Instant | None = None
    never_expires: Flag = False


class NewToken(TokenBody):
    """A token for oneself or a service account that one answers for."""

    holder: Id | None = Field(None, description="A service account; null: oneself.")
    access_token_seconds: Annotated[int | None, Field(strict=True, ge=60, le=43_200)] = None


class TokenChange(Change, TokenBody):
    """What is to be different about a token."""


class TokenFilters(BaseModel):
    """Which tokens are meant."""

    q: Search = ""
    whose: Annotated[Whose, words(Whose)] | None = None
    status: Annotated[TokenStatus, words(TokenStatus)] | None = None
    expiring: Annotated[
        Literal["true"] | None, Field(description="Only those that end in 30 days.")
    ] = None
    unused: Annotated[
        Literal["true"] | None, Field(description="Only those that nobody used for 90 days.")
    ] = None


class TokenListing(Listing, TokenFilters):
    sort: Literal["name", "-name", "created_at", "-created_at"] = "name"


class ClaimBody(Body):
    name: Name | None = Field(None, description="What the token is for; null: as it was asked for.")


class TokenPickupDocument(Identified):
    """A token that was approved, and that the owner of its account may have made once."""

    account: Reference
    name: str
    scopes: list[str]
    lifetime_seconds: int = Field(description="How long it works from when it is made.")
    created_at: datetime
    expires_at: datetime = Field(description="Until when it can be made.")


class TokenPickups(Document):
    """What waits for the caller."""

    items: list[TokenPickupDocument]


TokenPage = Page[TokenDocument]
