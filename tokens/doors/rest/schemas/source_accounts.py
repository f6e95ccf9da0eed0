from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from tokens.doors.rest.pages import Listing, Page
from tokens.doors.rest.schemas.base import Body, Change, Document, Identified, Reference

KINDS = ["string", "boolean", "integer"]
VALUE = {
    "anyOf": [{"type": [*KINDS, "null"]}, {"type": "array", "items": {"type": KINDS}}],
}


def _value(value: Any) -> Any:
    values = value if isinstance(value, list) else [value]
    if value is None or all(isinstance(each, str | bool | int) for each in values):
        return value
    raise ValueError("Send a text, a whole number, true or false, or a list of these.")


Attributes = Annotated[
    dict[str, Annotated[Any, AfterValidator(_value), WithJsonSchema(VALUE)]],
    Field(description="By the names of the account schema; null is no value."),
]


class AccountDocument(Document):
    """An account as its source has it."""

    id: int
    account_id: str
    account_name: str
    attributes: dict[str, Any]
    identity: Reference | None = Field(description="Whose it is; null where that is nobody.")
    created_at: datetime
    changed_at: datetime


class RemovedAccountDocument(Document):
    """An account that was removed, and can be brought back for 30 days."""

    id: int
    account_id: str
    account_name: str
    attributes: dict[str, Any]
    removed_at: datetime
    removed_by: str


class AccountBody(Body):
    """An account as somebody wants it; the next import may change it again."""

    attributes: Attributes


class AccountChange(Change, AccountBody):
    """What is to be different about an account; attributes that are not sent stay."""


class AccountListing(Listing):
    sort: Literal["account_name", "-account_name", "account_id", "-account_id"] = "account_name"
    q: Annotated[
        str,
        Field(
            max_length=255,
            description="Only accounts of this name or ID; of many accounts, its beginning.",
        ),
    ] = ""


class RemovedAccountListing(Listing):
    sort: Literal["removed_at", "-removed_at"] = "-removed_at"


class ReasonBody(Body):
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class StartedJob(Identified):
    """A job that was begun; read it at `/api/v1/jobs/{id}`."""


AccountPage = Page[AccountDocument]
RemovedAccountPage = Page[RemovedAccountDocument]
