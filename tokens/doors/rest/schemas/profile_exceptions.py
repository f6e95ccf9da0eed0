"""What did not become an identity, or is no good one."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from accounts.profiles.processing.states import Problem
from tokens.doors.rest.answers import Fields
from tokens.doors.rest.pages import MOST, PAGE, Listing, Page
from tokens.doors.rest.schemas.base import Document, Reference, words


class ExceptionCounts(Document):
    """How many exceptions a profile has, by the address at which they are listed."""

    errors: int = Field(description="As the last plan found them.")
    collisions: int = Field(description="As the last plan found them.")
    incomplete: int
    left_deleted: int


class AccountErrorDocument(Document):
    """Why an account did not become, or change, an identity."""

    kind: Annotated[Problem, words(Problem)]
    reason: str
    account_id: str
    account_name: str
    identity: UUID | None = Field(description="The identity that it has already.")
    attribute: str = Field(description="Of the identity; empty where it is about no single one.")
    causes: list[str]


class CollisionSide(Document):
    """One of those that would have the same name."""

    label: str
    identity: Reference | None = Field(description="Null: an account that has none.")
    profile: Reference | None = Field(description="Null: an identity made otherwise.")
    account_id: str = Field(description="In the source of the profile.")


class CollisionDocument(Document):
    """A name that only one can have."""

    reason: str
    name: str
    sides: list[CollisionSide]


class IncompleteDocument(Document):
    """An identity that lacks what everybody needs."""

    identity: Reference
    account_id: str
    missing: list[str] = Field(description="Names of attributes.")


class LeftDeletedDocument(Document):
    """An account whose identity somebody deleted: it is not made again by itself."""

    account_id: str
    identity: Reference


class ExceptionListing(BaseModel):
    """They stand in the order in which they were found."""

    limit: Annotated[int, Field(ge=1, le=MOST, description="Objects of a page.")] = PAGE
    cursor: Annotated[
        str | None, Field(max_length=2000, description="`next` of the page before.")
    ] = None
    fields: Fields = None


class IncompleteListing(Listing):
    sort: Literal["display_name", "-display_name"] = "display_name"


class LeftDeletedListing(Listing):
    sort: Literal["account_id", "-account_id"] = "account_id"


AccountErrorPage = Page[AccountErrorDocument]
CollisionPage = Page[CollisionDocument]
IncompletePage = Page[IncompleteDocument]
LeftDeletedPage = Page[LeftDeletedDocument]
