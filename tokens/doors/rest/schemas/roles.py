from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from tokens.doors.rest.pages import Listing, Page, Search
from tokens.doors.rest.schemas.base import (
    Body,
    Change,
    Description,
    Document,
    Id,
    Instant,
    Name,
    Reference,
    Stamped,
)

Words = Annotated[list[str], Field(max_length=1000)]


class RoleDocument(Stamped):
    """A named set of rights."""

    name: str
    description: str
    scopes: list[str]
    permissions: list[str] = Field(description="Those of the console.")
    contains: list[Reference] = Field(description="Who has this role has these, too.")


class RoleBody(Body):
    """A role as somebody wants it."""

    name: Name
    description: Description = ""
    scopes: Words = Field(default_factory=list)
    permissions: Words = Field(default_factory=list)
    contains: list[Id] = Field(default_factory=list, max_length=100)


class RoleChange(Change, RoleBody):
    """What is to be different about a role."""


class RoleFilters(BaseModel):
    """Which roles are meant."""

    q: Search = ""


class RoleListing(Listing, RoleFilters):
    sort: Literal["name", "-name", "changed_at", "-changed_at"] = "name"


class HolderDocument(Document):
    """That somebody has a role by itself, not by a group."""

    identity: Reference
    user_name: str
    granted_at: datetime
    granted_by: str
    until: datetime | None


class HolderBody(Body):
    until: Instant | None = Field(None, description="When it ends by itself; null: it does not.")


class HolderListing(Listing):
    sort: Literal["name", "-name"] = "name"
    q: Search = ""


RolePage = Page[RoleDocument]
HolderPage = Page[HolderDocument]
