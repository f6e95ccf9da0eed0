from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from accounts.takeovers.models import NOTE_MAX_LENGTH
from accounts.takeovers.states import Cause, Right, State
from tokens.doors.rest.pages import Listing, Page
from tokens.doors.rest.schemas.base import Body, Document, Flag, Id, Identified, Reference, words
from tokens.doors.rest.schemas.people import Person


class TakeoverDocument(Identified):
    """One change of hands of a service account, which its new owner confirms."""

    account: Reference
    giver: Reference = Field(description="Who owned it before, or offers it.")
    taker: Reference = Field(description="Who is to answer for it.")
    cause: Annotated[Cause, words(Cause)]
    right: Annotated[Right, words(Right)] = Field(description="Why it comes to the taker.")
    note: str
    state: Annotated[State, words(State)]
    created_at: datetime
    closed_at: datetime | None


class KnownSecret(Identified):
    """A personal access token or key whose secret an owner before knows."""

    name: str


class WholeTakeover(TakeoverDocument):
    """A change of hands, with what whoever confirms it is told."""

    scopes: list[str] = Field(description="What the account may do by itself.")
    ending: list[KnownSecret] = Field(
        description="What ends once it is confirmed, unless `keep_old_tokens`."
    )
    staying: list[KnownSecret] = Field(
        description="What goes on working though an owner before may know it; have it replaced."
    )


class TakeoverListing(Listing):
    sort: Literal["created_at", "-created_at"] = "created_at"
    show: Annotated[
        Literal["waiting", "offered"] | None,
        Field(description="What the caller has to answer, or offers; else all that concerns them."),
    ] = None


class OfferBody(Body):
    """An account of one's own that another is to own."""

    account: Id
    to: Person
    note: Annotated[str, Field(max_length=NOTE_MAX_LENGTH)] = ""


class AnswerBody(Body):
    keep_old_tokens: Flag = Field(
        False,
        description="Let the personal access tokens go on whose secrets the owner before knows.",
    )


class ManyAnswersBody(Body):
    takeovers: Annotated[list[Id], Field(min_length=1, max_length=200)]


class TakenOver(Document):
    """What became of each of them."""

    confirmed: list[Reference] = Field(description="The accounts that the caller answers for now.")
    left: list[str] = Field(description="Of those that could not be confirmed, why.")


TakeoverPage = Page[TakeoverDocument]
