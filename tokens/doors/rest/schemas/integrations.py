from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from accounts.integrations.models import Environment
from tokens.doors.rest.pages import Listing, Page, Search
from tokens.doors.rest.schemas.base import Body, Change, Id, Name, Reference, Stamped, words

EnvironmentWord = Annotated[Environment, words(Environment)]
ScopeName = Annotated[str, Field(min_length=1, max_length=200)]


class IntegrationFields(Body):
    """A program as somebody wants it told."""

    name: Name
    application: Name = Field(description="The program or system that it is part of.")
    environment: EnvironmentWord = Environment.PRODUCTION
    owner: Annotated[str, Field(min_length=1, max_length=500)] | None = Field(
        None, description="User name or e-mail address of the person who answers for it."
    )
    contact: Annotated[str, Field(max_length=200)] = Field(
        "", description="Whom to tell before something changes."
    )
    scopes: list[ScopeName] = Field(
        default_factory=list, max_length=200, description="Those that it needs."
    )
    client: Annotated[str, Field(max_length=300)] = Field(
        "", description="The User-Agent by which its use is known."
    )
    address: Annotated[str, Field(max_length=45)] = Field(
        "", description="The IP address by which its use is known."
    )
    notes: Annotated[str, Field(max_length=2000)] = ""


class IntegrationBody(IntegrationFields):
    """A program that uses a service account."""

    service_account: Id


class IntegrationChange(Change, IntegrationFields):
    """What is to be different about an integration; the account that it uses stays."""


class IntegrationDocument(Stamped):
    """A program that uses a service account."""

    name: str
    service_account: Reference
    application: str
    environment: EnvironmentWord
    owner: Reference | None
    contact: str
    scopes: list[str]
    client: str
    address: str
    notes: str


class IntegrationListing(Listing):
    sort: Literal["name", "-name", "changed_at", "-changed_at"] = "name"
    q: Search = ""
    environment: Annotated[EnvironmentWord | None, Field(description="Only those in it.")] = None
    service_account: Annotated[Id | None, Field(description="Only those that use it.")] = None


IntegrationPage = Page[IntegrationDocument]
