from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from accounts.imports.states import Decision, Mode, State
from tokens.doors.rest.pages import Listing, Page
from tokens.doors.rest.schemas.base import Body, Document, Flag, Id, Identified, Reference

Reason = Annotated[str, Field(min_length=1, max_length=500)]
Encoding = Literal[
    "utf-8",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "windows-1252",
    "windows-1250",
    "windows-1251",
    "windows-1254",
    "windows-1257",
    "iso-8859-15",
    "ibm850",
    "macintosh",
]


class ImportDocument(Identified):
    """One import of a source, from the file to the result."""

    source: Reference
    state: State
    mode: Mode = Field(description="`merge_only` removes nothing.")
    job: UUID | None = Field(description="The job that is, or was, at work for it.")
    file_name: str = Field(description="Empty where the source was read without a file.")
    size: int
    sha256: str
    encoding: str = Field(description="Empty while it is not known: choose one then.")
    plan: int | None = Field(description="The number of the plan; confirm it by this.")
    scanned: int
    new: int
    changed: int
    unchanged: int
    missing: int = Field(description="Accounts that are not in the file.")
    rejected: int
    removed: int = Field(description="How many accounts it did remove.")
    removable: int = Field(description="How many the Account Delete Threshold lets go.")
    decision: Decision | None = Field(description="What becomes of the missing ones.")
    override_reason: str
    overridden_by: str
    failure: str = Field(description="Why it failed, or was given up; else empty.")
    failure_line: int | None
    uploaded_at: datetime
    uploaded_by: str
    planned_at: datetime | None
    confirmed_at: datetime | None
    confirmed_by: str
    finished_at: datetime | None


class ImportListing(Listing):
    sort: Literal["uploaded_at", "-uploaded_at"] = "-uploaded_at"
    source: Annotated[Id | None, Field(description="Only those of this source.")] = None
    state: State | None = None


class UploadOptions(BaseModel):
    """What is to be done with a file; it comes in the address, the file alone in the body."""

    source: Annotated[Id, Field(description="The source whose accounts these are.")]
    mode: Annotated[
        Mode, Field(description="`full`: accounts that are not in the file are removed.")
    ] = Mode.FULL
    encoding: Annotated[
        Encoding | None, Field(description="What the file is written in; else it is found out.")
    ] = None
    confirm: Annotated[
        Literal["true"] | None,
        Field(description="Apply a plan within the threshold without asking again."),
    ] = None


class ReadingBody(Body):
    """A source that is read without a file."""

    source: Id
    mode: Mode = Mode.FULL
    confirm: Flag = Field(
        False, description="Apply a plan within the threshold without asking again."
    )


class ConfirmBody(Body):
    plan: Annotated[int, Field(strict=True, ge=0, lt=2**63)] = Field(
        description="The number of the plan that was looked at; of another nothing is applied."
    )


class OverrideBody(Body):
    reason: Reason = Field(description="Why these accounts may go; it stands in the audit log.")


class EncodingBody(Body):
    encoding: Encoding


class Difference(Document):
    """An attribute that changes; null is no value."""

    attribute: str
    before: Any
    after: Any


class ChangeDocument(Document):
    """What the plan does with one account."""

    kind: Literal["new", "changed", "missing"]
    line: int = Field(description="Where it stands in the file; 0 for what is missing there.")
    account_id: str
    account_name: str
    attributes: dict[str, Any]
    differences: list[Difference] = Field(description="What changes of a changed account.")


class ChangeListing(Listing):
    sort: Literal["row", "-row"] = "row"
    kind: Annotated[
        Literal["new", "changed", "missing"], Field(description="What is done with the accounts.")
    ]


class RejectedDocument(Document):
    """A row of the file that was not taken, and why."""

    line: int
    reason: str
    column: str
    value: str
    account_id: str
    content: Any = Field(description="The cells of the row, or its members by name.")


class RejectedListing(Listing):
    sort: Literal["line", "-line"] = "line"


ImportPage = Page[ImportDocument]
ChangePage = Page[ChangeDocument]
RejectedPage = Page[RejectedDocument]
