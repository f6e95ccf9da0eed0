from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from ninja import Query

from accounts.authorization.permissions import Permission
from accounts.models import IdentityAccount, RemovedAccount, Source, SourceAccount
from accounts.sources import accounts, export, queries, schema
from accounts.sources.accounts import AccountGone, BadAccount
from tokens.doors.rest.answers import Reading, answered, done
from tokens.doors.rest.calls import Request, one_of
from tokens.doors.rest.downloads import file
from tokens.doors.rest.errors import Refused, not_found
from tokens.doors.rest.nouns.sources.base import (
    MANAGE,
    SOURCE,
    VIEW,
    load,
    load_to_change,
    noun,
)
from tokens.doors.rest.operations import PREFIX
from tokens.doors.rest.pages import listed, orders
from tokens.doors.rest.revisions import check, seen
from tokens.doors.rest.schemas.base import Reference
from tokens.doors.rest.schemas.source_accounts import (
    AccountBody,
    AccountChange,
    AccountDocument,
    AccountListing,
    AccountPage,
    ReasonBody,
    RemovedAccountDocument,
    RemovedAccountListing,
    RemovedAccountPage,
    StartedJob,
)

ACCOUNT: Final = SOURCE + "/accounts/{int:account_id}"
REMOVED: Final = SOURCE + "/removed-accounts"
ORDERS: Final = orders({"account_name": "name_key", "account_id": "native_identity"})
REMOVED_ORDERS: Final = orders({"removed_at": "removed_at"})


@noun.read(SOURCE + "/accounts", AccountPage, needs=VIEW)
def list_accounts(request: Request, source_id: UUID, asked: Query[AccountListing]) -> HttpResponse:
    """The accounts of a source."""
    source = load(request, source_id)
    return listed(
        request,
        queries.search(source, asked.q),
        asked,
        orders=ORDERS,
        kind=AccountDocument,
        documents=lambda rows: _documents(source, rows),
    )


@noun.create(SOURCE + "/accounts", AccountDocument, needs=MANAGE)
def create_account(request: Request, source_id: UUID, body: AccountBody) -> HttpResponse:
    """Add one account without any file."""
    source = load_to_change(request, source_id)
    with _placed():
        row = accounts.add(
            by=request.by, source=source, values=_values(body.attributes), at=request.now
        )
    location = f"{PREFIX}/{noun.word}/{source.pk}/accounts/{row.pk}"
    return _answered(source, row, status=HTTPStatus.CREATED, location=location)


@noun.download(SOURCE + "/accounts/export", media=export.CONTENT_TYPE, needs=VIEW)
def export_accounts(request: Request, source_id: UUID) -> HttpResponse:
    """All accounts of a source as a file that can be imported again, read while it is sent."""
    source = load(request, source_id)
    rows = export.take(by=request.by, source=source, at=request.now)
    return file(rows, export.CONTENT_TYPE, export.file_name(source, request.now))


@noun.read(ACCOUNT, AccountDocument, needs=VIEW)
def read_account(
    request: Request, source_id: UUID, account_id: int, asked: Query[Reading]
) -> HttpResponse:
    """One account."""
    source = load(request, source_id)
    row = one_of(accounts.source_accounts(source), account_id, "account")
    return _answered(source, row, fields=asked.fields)


@noun.change(ACCOUNT, AccountDocument, needs=MANAGE)
def change_account(
    request: Request, source_id: UUID, account_id: int, body: AccountChange
) -> HttpResponse:
    """Change an account; the next import may undo it."""
    source = load_to_change(request, source_id)
    row = one_of(accounts.source_accounts(source), account_id, "account")
    check(request, row.digest)
    sent = body.attributes if "attributes" in body.model_fields_set else {}
    known = {
        attribute.name: row.attributes.get(attribute.name)
        for attribute in schema.attributes_of(source)
    }
    try:
        with _placed():
            changed = accounts.edit(
                by=request.by,
                account=row,
                values=_values({**known, **sent}),
                digest=row.digest,
                at=request.now,
            )
    except AccountGone as error:
        if not accounts.source_accounts(source).filter(pk=row.pk).exists():
            raise
        said = "Someone else changed it meanwhile. Read it again, then change that."
        raise Refused(HTTPStatus.PRECONDITION_FAILED, said, code="edit_conflict") from error
    return _answered(source, changed)


@noun.delete(ACCOUNT, needs=MANAGE)
def remove_account(request: Request, source_id: UUID, account_id: int) -> HttpResponse:
    """Remove an account; it can be brought back for 30 days."""
    source = load_to_change(request, source_id)
    row = one_of(accounts.source_accounts(source), account_id, "account")
    digest = seen(request, row.digest)
    accounts.remove(by=request.by, account=row, digest=digest, at=request.now)
    return done()


@noun.read(REMOVED, RemovedAccountPage, needs=VIEW)
def list_removed_accounts(
    request: Request, source_id: UUID, asked: Query[RemovedAccountListing]
) -> HttpResponse:
    """The accounts of a source that can be brought back."""
    rows = queries.removed(load(request, source_id))
    return listed(
        request,
        rows,
        asked,
        orders=REMOVED_ORDERS,
        kind=RemovedAccountDocument,
        documents=_removed,
    )


@noun.act(REMOVED + "/{int:account_id}/bring-back", AccountDocument, needs=MANAGE)
def bring_account_back(request: Request, source_id: UUID, account_id: int) -> HttpResponse:
    """Add an account as it was when it was removed."""
    source = load_to_change(request, source_id)
    removed = queries.removed(source).select_related("source").filter(pk=account_id).first()
    if removed is None:
        raise not_found("removed account")
    row = accounts.bring_back(by=request.by, removed=removed, at=request.now)
    return _answered(source, row)


@noun.act(
    SOURCE + "/remove-accounts",
    StartedJob,
    needs=[Permission.SOURCE_EMPTY],
    status=HTTPStatus.ACCEPTED,
)
def remove_all_accounts(request: Request, source_id: UUID, body: ReasonBody) -> HttpResponse:
    """Have all accounts of a source removed, whatever the threshold says, as a job."""
    source = load_to_change(request, source_id)
    job = accounts.remove_all(by=request.by, source=source, reason=body.reason, at=request.now)
    return answered(StartedJob(id=job.pk), HTTPStatus.ACCEPTED, location=f"{PREFIX}/jobs/{job.pk}")


@contextmanager
def _placed() -> Iterator[None]:
    """What is wrong with an attribute is said where it was sent."""
    try:
        yield
    except BadAccount as error:
        field = f"attributes.{error.field}" if error.field else "attributes"
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        raise Refused(status, error.message, code=error.code, field=field) from error


def _values(attributes: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """As a form would hold them: the account schema makes of texts what they are."""
    return {
        name: [_text(each) for each in value] if isinstance(value, list) else _text(value)
        for name, value in attributes.items()
    }


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _answered(
    source: Source,
    row: SourceAccount,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    location: str = "",
    fields: str | None = None,
) -> HttpResponse:
    document = _documents(source, [row])[0]
    return answered(document, status, fields=fields, revision=row.digest, location=location)


def _documents(source: Source, rows: Sequence[SourceAccount]) -> list[AccountDocument]:
    """One statement for whose they are."""
    links = IdentityAccount.objects.filter(
        source=source, native_identity__in=[row.native_identity for row in rows]
    ).values_list("native_identity", "identity", "identity__user_name")
    holders = {native: Reference(id=pk, name=name) for native, pk, name in links}
    return [
        AccountDocument(
            id=row.pk,
            account_id=row.native_identity,
            account_name=row.name,
            attributes=row.attributes,
            identity=holders.get(row.native_identity),
            created_at=row.created_at,
            changed_at=row.changed_at,
        )
        for row in rows
    ]


def _removed(rows: Sequence[RemovedAccount]) -> list[RemovedAccountDocument]:
    return [
        RemovedAccountDocument(
            id=row.pk,
            account_id=row.native_identity,
            account_name=row.name,
            attributes=row.attributes,
            removed_at=row.removed_at,
            removed_by=row.removed_by,
        )
        for row in rows
    ]
