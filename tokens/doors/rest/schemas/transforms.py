from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from tokens.doors.rest.pages import Listing, Page, Search
from tokens.doors.rest.schemas.base import Body, Change, Document, Flag, Id, Name, Stamped

Attributes = Annotated[
    dict[str, Any], Field(description="What the type needs to know; see the console's types.")
]


Type = Annotated[str, Field(min_length=1, max_length=60)]
Value = (
    Annotated[str, Field(max_length=100_000)]
    | Annotated[list[Annotated[str, Field(max_length=100_000)]], Field(max_length=1000)]
)
Values = Annotated[dict[str, Value], Field(max_length=200)]


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
    type: Type


class TransformChange(Change, TransformBody):
    """What is to be different; `attributes` that are sent take the place of all of them."""


class TransformListing(Listing):
    sort: Literal["name", "-name", "changed_at", "-changed_at"] = "name"
    q: Search = ""
    type: Annotated[str | None, Field(max_length=60, description="Only those of this type.")] = None


class TrialBody(TransformBody):
    """A transform that need not be saved, and what to try it with.

    With `source` it is an account of it, as a mapping of `attribute` would take it; else the values
    that are sent.
    """

    type: Type
    source: Id | None = None
    account: Annotated[
        str, Field(max_length=500, description="Account ID or Account Name; empty: the first.")
    ] = ""
    attribute: Annotated[str, Field(max_length=100)] = ""
    input: Value | None = Field(None, description="What the mapped attribute holds.")
    account_attributes: Values = Field(default_factory=dict)
    identity_attributes: Values = Field(default_factory=dict)


class TrialStep(Document):
    """What one transform within the definition answered."""

    path: str
    type: str = Field(description="Which transform, in words.")
    value: Any
    cause: str = Field(description="Why it has no value; empty where it has.")


class TrialDocument(Document):
    """What comes out; nothing is saved."""

    value: Any
    cause: str = Field(description="Why there is no value; empty where there is, also null.")
    path: str = Field(description="Where that is in the definition.")
    is_random: bool = Field(description="Another try may give another value.")
    notices: list[str]
    steps: list[TrialStep]


TransformPage = Page[TransformDocument]
