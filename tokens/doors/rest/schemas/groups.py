from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from accounts.groups.models import Approvers
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


class GroupDocument(Stamped):
    """A group; its members are read apart."""

    name: str
    description: str
    manager: Reference | None
    parent: Reference | None = Field(description="Members of this group have its roles, too.")
    may_be_requested: bool
    approvers: Annotated[Approvers, words(Approvers)] = Field(
        description="Who decides about requests to belong to it."
    )
    roles: list[Reference] = Field(description="Those of the group itself, not of its parents.")


class GroupBody(Body):
    """A group as somebody wants it."""

    name: Name
    description: Description = ""
    manager: Id | None = Field(None, description="A person who can sign in.")
    parent: Id | None = None
    may_be_requested: Flag = False
    approvers: Annotated[Approvers, words(Approvers)] = Approvers.MANAGER
    roles: list[Id] = Field(default_factory=list, max_length=100)


class GroupChange(Change, GroupBody):
    """What is to be different about a group."""


class GroupFilters(BaseModel):
    """Which groups are meant."""

    q: Search = ""
    show: Annotated[
        Literal["mine", "requestable"] | None,
        Field(description="Only those that one manages, or that may be asked for."),
    ] = None


class GroupListing(Listing, GroupFilters):
    sort: Literal["name", "-name", "changed_at", "-changed_at"] = "name"


class MemberDocument(Document):
    """That somebody belongs to a group."""

    identity: Reference
    user_name: str
    kind: str
    since: datetime
    until: datetime | None
    added_by: str


class MemberBody(Body):
    until: Instant | None = Field(None, description="When it ends by itself; null: it does not.")


class MemberListing(Listing):
    sort: Literal["name", "-name", "since", "-since"] = "name"
    q: Search = ""


GroupPage = Page[GroupDocument]
MemberPage = Page[MemberDocument]
