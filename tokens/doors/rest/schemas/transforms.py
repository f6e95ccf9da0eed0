from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from tokens.doors.rest.pages import Listing, Page, Search
from tokens.doors.rest.schemas.base import Body, Change, Flag, Name, Stamped

Attributes = Annotated[
    dict[str, Any], Field(description="What the type needs to know; see the console's types.")
]


class TransformDocument(Stamped):
    """A transform of the library, which mappings and other transforms name."""

    name: str
    type: str
    attributes: dict[str, Any]
    requires_periodic_refresh: bool
    built_in: bool = Field(description="It stays as it is.")


class TransformBody(Body):
    """What of a transform may change."""

    attributes: Attributes = Field(default_factory=dict)
    requires_periodic_refresh: Flag = False


class NewTransform(TransformBody):
    """A transform; its name and type never change."""

    name: Name
    type: Annotated[str, Field(min_length=1, max_length=60)]


class TransformChange(Change, TransformBody):
    """What is to be different; `attributes` that are sent take the place of all of them."""


class TransformListing(Listing):
    sort: Literal["name", "-name", "changed_at", "-changed_at"] = "name"
    q: Search = ""
    type: Annotated[str | None, Field(max_length=60, description="Only those of this type.")] = None


TransformPage = Page[TransformDocument]
