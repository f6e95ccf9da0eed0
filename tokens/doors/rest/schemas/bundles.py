from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from accounts.bundles.plan import Fate
from tokens.doors.rest.schemas.base import Document, words


class ThingChange(Document):
    """One field of a thing, in words; an empty side has no value."""

    field: str
    before: str
    after: str


class ThingDocument(Document):
    """One thing of the bundle, or one that is only here."""

    part: str = Field(description="Of what kind it is, such as `sources`.")
    name: str
    fate: Annotated[Fate, words(Fate)]
    problem: str = Field(description="Why it cannot be taken over; empty where it can.")
    changes: list[ThingChange]
    notes: list[str] = Field(description="What is left to do by hand, such as to type a secret.")


class BundlePlanDocument(Document):
    """What an import of the bundle does, or did."""

    digest: str = Field(description="Another one as soon as the bundle or what is here differs.")
    has_problems: bool = Field(description="Then nothing of it is imported.")
    differences: int = Field(description="How much is created or changed.")
    lines: list[ThingDocument]


class ImportOptions(BaseModel):
    digest: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=200,
            description="That of the plan that was seen: then nothing else is imported.",
        ),
    ] = None
