from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from accounts.service_accounts.states import Status
from tokens.doors.rest.pages import Listing, Page, Search
from tokens.doors.rest.schemas.base import (
    Body,
    Change,
    Description,
    Document,
    Flag,
    Id,
    Instant,
    Name,
    Reference,
    Stamped,
    words,
)
from tokens.doors.rest.schemas.keys import IssuedKey, KeyBody
from tokens.doors.rest.schemas.people import Person

Scopes = Annotated[list[str], Field(max_length=1000)]


class ServiceAccountDocument(Stamped):
    """A service account; its id is the `iss` and `sub` of its assertions."""

    name: str
    description: str
    owner: Reference | None
    successor: Reference | None = Field(description="Who owns it once the owner has left.")
    email: str = Field(description="Where mail about it goes, beside its owner; may be empty.")
    scopes: list[str]
    status: Annotated[Status, words(Status)]
    ends_at: datetime | None
    password_exempt_until: datetime | None = Field(
        description="Until when the age of its password does not count; null: no end is set."
    )
    web_services_only: bool = Field(description="It signs in nowhere; its keys and tokens work.")


class ServiceAccountBody(Body):
    """A service account as somebody wants it."""

    name: Name
    description: Description = ""
    owner: Id | None = Field(None, description="A person who can sign in.")
    successor: Id | None = Field(None, description="Who owns it once the owner has left.")
    email: Annotated[str, Field(max_length=254)] = ""
    scopes: Scopes = Field(default_factory=list)
    ends_at: Instant | None = None


class NewServiceAccount(ServiceAccountBody):
    """A service account and where its first key comes from."""

    key: KeyBody


class ServiceAccountChange(Change, ServiceAccountBody):
    """What is to be different about a service account."""

    revoke_tokens: Flag = Field(False, description="Refuse the tokens that are out from now on.")
    keep_old_tokens: Flag = Field(
        False,
        description="Where the owner changes: let the personal access tokens go on whose secrets "
        "the one before knows.",
    )


class SuccessorBody(Body):
    successor: Person | None = Field(description="Null: nobody; the owner's manager then.")


class ExemptionBody(Body):
    until: Instant | None = Field(description="When the age counts again; null: no end.")


class MadeServiceAccount(ServiceAccountDocument):
    """A service account and its first key, whose private half is shown here once."""

    key: IssuedKey


class ServiceAccountFilters(BaseModel):
    """Which service accounts are meant."""

    q: Search = ""
    status: Literal["active", "disabled", "ended", "no_owner"] | None = None
    owner: Annotated[Id | None, Field(description="Only those that this person owns.")] = None
    expiring: Annotated[
        Literal["true"] | None, Field(description="Only those with a key that ends in 30 days.")
    ] = None
    unused: Annotated[
        Literal["true"] | None, Field(description="Only those that nobody used for 90 days.")
    ] = None


class ServiceAccountListing(Listing, ServiceAccountFilters):
    sort: Literal["name", "-name", "created_at", "-created_at"] = "name"


class EffectiveScope(Document):
    """One scope of an account, and whether it gives anything."""

    scope: str
    allowed: bool
    origin: str | None = Field(description="`account`, `role` or `level`; null where refused.")
    reason: str = Field(description="Why it is refused; empty where it is not.")


class EffectiveScopes(Document):
    """What an account may ask for now, by itself and by its roles."""

    scopes: list[EffectiveScope]


ServiceAccountPage = Page[ServiceAccountDocument]
