from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from accounts.identities.models import IdentityKind, Status
from accounts.identities.registration import Registration
from tokens.doors.rest.pages import Listing, Page, Search
from tokens.doors.rest.schemas.base import Body, Change, Id, Identified, Reference, words

Level = Literal[
    "super_admin",
    "admin",
    "auditor",
    "helpdesk",
    "cert_admin",
    "report_admin",
    "role_admin",
    "role_subadmin",
    "source_admin",
    "source_subadmin",
]
NamePart = Annotated[str, Field(max_length=100)]
Email = Annotated[str, Field(max_length=254)]


class IdentityDocument(Identified):
    """Somebody or something that exists in the tenant."""

    kind: Annotated[IdentityKind, words(IdentityKind)]
    user_name: str
    display_name: str
    first_name: str
    last_name: str
    email: str
    manager: Reference | None = Field(description="Who decides about what they ask for.")
    levels: list[str] = Field(description="User levels; everybody has the basic one beside.")
    status: Annotated[Status, words(Status)]
    registered: bool = Field(description="Whether a password was set.")
    web_services_only: bool
    attributes: dict[str, Any]
    origin: str
    created_at: datetime
    changed_at: datetime


class PersonBody(Body):
    """How a person is called and where mail for them goes."""

    first_name: NamePart = ""
    last_name: NamePart = ""
    email: Email = ""


class NewPerson(PersonBody):
    """A person, who is invited by mail."""

    user_name: Annotated[str, Field(min_length=1, max_length=150)]
    levels: list[Level] = Field(default_factory=list, max_length=10)


class PersonChange(Change, PersonBody):
    """What is to be different about a person."""


class LevelsBody(Body):
    levels: list[Level] = Field(max_length=10, description="Exactly these, and the basic one.")


class ManagerBody(Body):
    manager: Id | None = Field(description="A person who can sign in; null: nobody.")


class InvitationDocument(Identified):
    """A link to set a password, and what became of its mail."""

    email: str
    open: bool = Field(description="Whether it still works, or will once it is sent.")
    created_at: datetime
    expires_at: datetime
    sent_at: datetime | None
    used_at: datetime | None
    tries: int = Field(description="How often its mail was tried in vain.")
    next_try_at: datetime | None = Field(description="Null where it is sent, or given up.")
    failure: str = Field(description="Why the last try did not succeed.")


class InvitationListing(Listing):
    sort: Literal["created_at", "-created_at"] = "-created_at"


InvitationPage = Page[InvitationDocument]


class IdentityFilters(BaseModel):
    """Which identities are meant."""

    q: Search = ""
    kind: Annotated[IdentityKind, words(IdentityKind)] | None = None
    level: Level | Literal["owner", "user"] | None = None
    status: Literal["active", "disabled"] | None = None
    registration: Annotated[Registration, words(Registration)] | None = None


class IdentityListing(Listing, IdentityFilters):
    sort: Literal["name", "-name", "user_name", "-user_name", "created_at", "-created_at"] = "name"


IdentityPage = Page[IdentityDocument]
