from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tokens.doors.rest.pages import Listing, Page, Search
from tokens.doors.rest.schemas.base import (
    Body,
    Change,
    Description,
    Document,
    Flag,
    Id,
    Name,
    Reference,
    Stamped,
)

ScopeName = Annotated[str, Field(min_length=1, max_length=200)]


class ApiDocument(Stamped):
    """An API of the tenant, for which programs get tokens."""

    name: str
    audience: str = Field(description="What its tokens name as `aud`.")
    description: str
    account: Reference | None = Field(description="As whom it asks whether tokens hold.")


class ApiBody(Body):
    """An API as somebody wants it."""

    name: Name
    audience: Annotated[str, Field(min_length=1, max_length=300)]
    description: Description = ""
    account: Id | None = None


class ApiChange(Change, ApiBody):
    """What is to be different about an API."""


class ApiListing(Listing):
    sort: Literal["name", "-name", "created_at", "-created_at"] = "name"
    q: Search = ""


class ApiScopeDocument(Stamped):
    """A right at an API of the tenant."""

    name: str
    description: str
    parent: Reference | None
    restricted: bool


class ApiScopeBody(Body):
    """What can be changed about a scope."""

    description: Annotated[str, Field(min_length=1, max_length=300)]
    parent: Id | None = None
    restricted: Flag = False


class NewApiScope(ApiScopeBody):
    """A scope; its name never changes, since programs ask for it."""

    name: ScopeName


class ApiScopeChange(Change, ApiScopeBody):
    """What is to be different about a scope."""


class ApiScopes(Document):
    """All scopes of an API."""

    items: list[ApiScopeDocument]


class CatalogueScope(Document):
    """One right that there is in this tenant."""

    scope: str
    publisher: str
    purpose: str
    parent: str | None
    permissions: list[str] = Field(description="Of the console, any one of which it needs.")
    refusal: str = Field(description="Why no service account can have it; empty where one can.")


class Catalogue(Document):
    """All rights that there are in this tenant."""

    items: list[CatalogueScope]


ApiPage = Page[ApiDocument]
