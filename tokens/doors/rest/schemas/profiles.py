from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from accounts.profiles.actions import MOST_PRIORITY
from accounts.profiles.mappings import MOST_MAPPINGS
from accounts.profiles.models import InvitePolicy, ProfileKind, VanishedPolicy
from tokens.doors.rest.pages import Listing, Page, Search
from tokens.doors.rest.schemas.base import (
    Body,
    Change,
    Description,
    Document,
    Id,
    Name,
    Reference,
    Stamped,
)


class ProfileDocument(Stamped):
    """How the accounts of a source become identities."""

    name: str
    description: str
    source: Reference
    kind: ProfileKind
    owner: Reference | None
    priority: int = Field(description="Of several accounts of an identity, the least leads.")
    invite_policy: InvitePolicy
    invite_state: str
    vanished_policy: VanishedPolicy
    refresh_required: bool = Field(description="Whether there are changes to be applied.")
    applied_at: datetime | None


class ProfileBody(Body):
    """What of an identity profile may change."""

    name: Name
    description: Description = ""
    owner: Id | None = Field(None, description="A person who can sign in.")
    priority: Annotated[int, Field(ge=1, le=MOST_PRIORITY, strict=True)] | None = Field(
        None, description="Null: a new profile comes last, another stays where it is."
    )
    invite_policy: InvitePolicy = InvitePolicy.BY_HAND
    invite_state: Annotated[
        str, Field(max_length=100, description="Where `invite_policy` is `on_state`.")
    ] = ""
    vanished_policy: VanishedPolicy = VanishedPolicy.DISABLE


class NewProfile(ProfileBody):
    """An identity profile; its source and what its identities are never change."""

    source: Id
    kind: ProfileKind


class ProfileChange(Change, ProfileBody):
    """What is to be different about an identity profile."""


class ProfileListing(Listing):
    sort: Literal["priority", "-priority", "name", "-name"] = "priority"
    q: Search = ""


class MappingDocument(Document):
    """Where one identity attribute comes from."""

    attribute: str
    source: Reference | None = Field(description="Null: the source of the profile.")
    source_attribute: str
    transform: Reference | None
    definition: dict[str, Any] | None


class Mappings(Document):
    """All mappings of a profile; their ETag is that of the profile."""

    mappings: list[MappingDocument]


class MappingBody(Body):
    """An identity attribute from an attribute of accounts, or a transform, or both."""

    attribute: Annotated[str, Field(min_length=1, max_length=60)]
    source: Id | None = Field(None, description="Null: the source of the profile.")
    source_attribute: Annotated[str, Field(max_length=100)] = ""
    transform: Id | None = Field(None, description="One of the library.")
    definition: dict[str, Any] | None = Field(
        None, description="A transform that stands in the mapping, in place of one of the library."
    )


class MappingsBody(Body):
    mappings: list[MappingBody] = Field(max_length=MOST_MAPPINGS)


class PreviewAsked(BaseModel):
    account: Annotated[
        str | None,
        Field(max_length=255, description="An Account ID; else the first account is shown."),
    ] = None


class PreviewBody(Body):
    """Mappings that nobody has saved yet."""

    account: str | None = Field(None, max_length=255, description="An Account ID; else the first.")
    mappings: list[MappingBody] = Field(max_length=MOST_MAPPINGS)


class PreviewedValue(Document):
    """What an attribute would be."""

    name: str
    value: Any
    previous_value: Any = Field(description="Of the identity that the account has.")
    errors: list[str]


class Preview(Document):
    """What one account would become."""

    account_id: str
    account_name: str
    identity: UUID | None = Field(description="The identity that it has.")
    user_name: str
    display_name: str
    is_complete: bool = Field(description="It has user name, e-mail address and last name.")
    values: list[PreviewedValue]


ProfilePage = Page[ProfileDocument]
