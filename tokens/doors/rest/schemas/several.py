"""Acts on many at once: what is sent, and what came of each."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from accounts.identities.granting import Way
from accounts.identities.selection import MOST
from tokens.doors.rest.schemas.base import Body, Document, Id, words
from tokens.doors.rest.schemas.identities import Level

Chosen = Annotated[list[Id], Field(min_length=1, max_length=MOST)]


class WhatCame(Document):
    """What came of one of them."""

    id: UUID
    done: bool = Field(description="True also where there was nothing to do.")
    problem: str = Field(description="Why not, and what to do about it; empty where it is done.")


class WhatCameOfEach(Document):
    """What came of each, in the order in which they were sent."""

    items: list[WhatCame]


class ManyIdentities(Body):
    identities: Chosen


class ManyAccounts(Body):
    accounts: Chosen


class LevelsOfMany(ManyIdentities):
    way: Annotated[Way, words(Way)] = Field(
        description="`add` or `take` the levels, or let everybody hold `exactly` these."
    )
    levels: Annotated[list[Level], Field(max_length=10)]
