from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.http import HttpResponse
from ninja import Query

from accounts.authorization.permissions import Permission
from accounts.imports import actions, queries
from accounts.imports.files.uploads import MOST_BYTES
from accounts.imports.states import Change, Decision, Mode, State
from accounts.models import ImportRun, PlannedChange, RejectedRow, Source
from tokens.doors.rest.answers import Reading, answered
from tokens.doors.rest.calls import Request, one_of
from tokens.doors.rest.noun import Noun
from tokens.doors.rest.pages import listed, orders
from tokens.doors.rest.references import meant
from tokens.doors.rest.schemas.base import Reference
from tokens.doors.rest.schemas.imports import (
    ChangeDocument,
    ChangeListing,
    ChangePage,
    ConfirmBody,
    Difference,
    EncodingBody,
    ImportDocument,
    ImportListing,
    ImportPage,
    OverrideBody,
    ReadingBody,
    RejectedDocument,
    RejectedListing,
    RejectedPage,
    UploadOptions,
)

noun: Final = Noun("imports", "Imports", "Accounts brought in from files, or from their source.")

IMPORT: Final = "/{uuid:import_id}"
VIEW: Final = (Permission.SOURCE_VIEW,)
MANAGE: Final = (Permission.SOURCE_MANAGE,)
ORDERS: Final = orders({"uploaded_at": "uploaded_at"})
CHANGE_ORDERS: Final = orders({"row": "id"})
REJECTED_ORDERS: Final = orders({"line": "line"})
KINDS: Final = {"new": Change.NEW, "changed": Change.CHANGED, "missing": Change.MISSING}


@noun.read("", ImportPage, needs=VIEW)
def list_imports(request: Request, asked: Query[ImportListing]) -> HttpResponse:
    """The imports of the sources that the caller sees."""
    rows = queries.visible_to(request.by)
    if asked.source is not None:
        rows = rows.filter(source=asked.source)
    if asked.state is not None:
        rows = rows.filter(state=asked.state)
    return listed(request, rows, asked, orders=ORDERS, kind=ImportDocument, documents=_documents)


@noun.upload("", ImportDocument, needs=MANAGE, most_bytes=MOST_BYTES)
def upload_import(request: Request, options: Query[UploadOptions]) -> HttpResponse:
    """Send a file with accounts, and have a plan made of what it would change.

    Nothing changes before the plan is confirmed, unless `confirm` says so beforehand; also then a
    plan that would remove more than the threshold allows is held.
    """
    assert request.file is not None  # the door has received it
    import_run = actions.upload(
        by=request.by,
        source=_source(request, options.source),
        file_name=request.file.name or "",
        chunks=request.file.chunks(),
        at=request.now,
        mode=options.mode,
        encoding=options.encoding or "",
        confirm=options.confirm is not None,
    )
    return _created(import_run)


@noun.create("/read", ImportDocument, needs=MANAGE)
def read_source_accounts(request: Request, body: ReadingBody) -> HttpResponse:
    """Have a source read that needs no file, and a plan made of what that would change."""
    import_run = actions.refresh(
        by=request.by,
        source=_source(request, body.source),
        at=request.now,
        mode=body.mode,
        confirm=body.confirm,
    )
    return _created(import_run)


@noun.read(IMPORT, ImportDocument, needs=VIEW)
def read_import(request: Request, import_id: UUID, asked: Query[Reading]) -> HttpResponse:
    """One import, wherever it is: the figures of its plan, its result, why it failed."""
    return answered(_documents([_import(request, import_id)])[0], fields=asked.fields)


@noun.read(IMPORT + "/changes", ChangePage, needs=VIEW)
def list_import_changes(
    request: Request, import_id: UUID, asked: Query[ChangeListing]
) -> HttpResponse:
    """What the plan does, account by account; kept for some days after the end."""
    rows = queries.changes(_import(request, import_id), KINDS[asked.kind])
    return listed(
        request, rows, asked, orders=CHANGE_ORDERS, kind=ChangeDocument, documents=_changes
    )


@noun.read(IMPORT + "/rejected-rows", RejectedPage, needs=VIEW)
def list_rejected_rows(
    request: Request, import_id: UUID, asked: Query[RejectedListing]
) -> HttpResponse:
    """The rows of the file that were not taken, each with the reason."""
    rows = queries.rejected(_import(request, import_id))
    return listed(
        request, rows, asked, orders=REJECTED_ORDERS, kind=RejectedDocument, documents=_rejected
    )


@noun.act(IMPORT + "/confirm", ImportDocument, needs=MANAGE)
def confirm_import(request: Request, import_id: UUID, body: ConfirmBody) -> HttpResponse:
    """Have the plan applied that was looked at: all of it, or nothing."""
    import_run = _import(request, import_id)
    actions.confirm(by=request.by, import_run=import_run, at=request.now, plan=body.plan)
    return _again(request, import_id)


@noun.act(IMPORT + "/override", ImportDocument, needs=MANAGE)
def override_import_threshold(
    request: Request, import_id: UUID, body: OverrideBody
) -> HttpResponse:
    """Let this one import remove more than the threshold allows; it still has to be confirmed."""
    import_run = _import(request, import_id)
    actions.override(by=request.by, import_run=import_run, reason=body.reason, at=request.now)
    return _again(request, import_id)


@noun.act(IMPORT + "/keep-missing", ImportDocument, needs=MANAGE)
def keep_missing_accounts(request: Request, import_id: UUID) -> HttpResponse:
    """Go on with a held import without removing anything."""
    actions.keep_missing(by=request.by, import_run=_import(request, import_id), at=request.now)
    return _again(request, import_id)


@noun.act(IMPORT + "/choose-encoding", ImportDocument, needs=MANAGE)
def choose_import_encoding(request: Request, import_id: UUID, body: EncodingBody) -> HttpResponse:
    """Say what the file is written in, or correct it; the plan is made anew."""
    import_run = _import(request, import_id)
    actions.choose_encoding(
        by=request.by, import_run=import_run, encoding=body.encoding, at=request.now
    )
    return _again(request, import_id)


@noun.act(IMPORT + "/plan-again", ImportDocument, needs=MANAGE)
def plan_import_again(request: Request, import_id: UUID) -> HttpResponse:
    """Have the plan made anew, say after the account schema was changed."""
    actions.plan_again(by=request.by, import_run=_import(request, import_id), at=request.now)
    return _again(request, import_id)


@noun.act(IMPORT + "/cancel", ImportDocument, needs=MANAGE)
def cancel_import(request: Request, import_id: UUID) -> HttpResponse:
    """Give an import up; one at work stops at its next sign of progress, and applies nothing."""
    actions.cancel(by=request.by, import_run=_import(request, import_id), at=request.now)
    return _again(request, import_id)


def _source(request: Request, source_id: UUID) -> Source:
    found = meant(Source.objects.visible_to(request.by), source_id, "source", "source")
    assert found is not None
    return found


def _import(request: Request, import_id: UUID) -> ImportRun:
    return one_of(queries.visible_to(request.by), import_id, "import")


def _created(import_run: ImportRun) -> HttpResponse:
    return noun.created(_documents([import_run])[0], revision=None)


def _again(request: Request, import_id: UUID) -> HttpResponse:
    return answered(_documents([_import(request, import_id)])[0])


def _documents(rows: Sequence[ImportRun]) -> list[ImportDocument]:
    return [_document(row) for row in rows]


def _document(row: ImportRun) -> ImportDocument:
    return ImportDocument(
        id=row.pk,
        source=Reference(id=row.source_id, name=row.source.name),
        state=State(row.state),
        mode=Mode(row.mode),
        job=row.job_id,
        file_name=row.file_name,
        size=row.size,
        sha256=row.sha256,
        encoding=row.encoding,
        plan=row.plan,
        scanned=row.scanned,
        new=row.new,
        changed=row.changed,
        unchanged=row.unchanged,
        missing=row.missing,
        rejected=row.rejected,
        removed=row.removed,
        removable=row.removable,
        decision=Decision(row.decision) if row.decision else None,
        override_reason=row.override_reason,
        overridden_by=row.overridden_by,
        failure=row.failure,
        failure_line=row.failure_line,
        uploaded_at=row.uploaded_at,
        uploaded_by=row.uploaded_by,
        planned_at=row.planned_at,
        confirmed_at=row.confirmed_at,
        confirmed_by=row.confirmed_by,
        finished_at=row.finished_at,
    )


def _changes(rows: Sequence[PlannedChange]) -> list[ChangeDocument]:
    names = {change.value: name for name, change in KINDS.items()}
    return [
        ChangeDocument.model_validate(
            {
                "kind": names[row.kind],
                "line": row.line,
                "account_id": row.native_identity,
                "account_name": row.name,
                "attributes": row.values,
                "differences": [
                    Difference(attribute=each.attribute, before=each.before, after=each.after)
                    for each in row.differences
                ],
            }
        )
        for row in rows
    ]


def _rejected(rows: Sequence[RejectedRow]) -> list[RejectedDocument]:
    return [
        RejectedDocument(
            line=row.line,
            reason=row.reason,
            column=row.column,
            value=row.value,
            account_id=row.native_identity,
            content=json.loads(row.content),
        )
        for row in rows
    ]
