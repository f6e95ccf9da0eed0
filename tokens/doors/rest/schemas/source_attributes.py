from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from accounts.sources.connectors.base import Type
from tokens.doors.rest.pages import Listing, Page
from tokens.doors.rest.schemas.base import Body, Change, Document, Flag, Name


class AttributeDocument(Document):
    """One attribute of the account schema of a source."""

    id: int
    name: str
    description: str
    type: Type
    is_entitlement: bool
    is_multi_valued: bool
    is_account_id: bool
    is_account_name: bool


class AttributeBody(Body):
    """An attribute as somebody wants it; its name is the heading of the column."""

    name: Name
    description: Annotated[str, Field(max_length=500)] = ""
    type: Type = Type.STRING
    is_entitlement: Flag = Field(False, description="Its values give access, such as groups.")
    is_multi_valued: Flag = False
    is_account_id: Flag = Field(False, description="The badge moves here from another one.")
    is_account_name: Flag = Field(False, description="The badge moves here from another one.")


class AttributeChange(Change, AttributeBody):
    """What is to be different about an attribute."""


class AttributeListing(Listing):
    sort: Literal["position", "-position"] = "position"


AttributePage = Page[AttributeDocument]
