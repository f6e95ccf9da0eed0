"""Accounts of a source by hand: added, edited, removed and brought back, one at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.jobs import actions as jobs
from accounts.jobs.models import Job
from accounts.lib.csv_safety import safe_cell
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_text
from accounts.sources import policies
from accounts.sources.locking import lock
from accounts.sources.models import RemovedAccount, Source, SourceAccount
from accounts.sources.removal import remove_where
from accounts.sources.schema import shape_of
from accounts.sources.shape import REASONS, BadValue, Content, Shape

Values = Mapping[str, str | Sequence[str]]
"""What a form holds: a text an attribute, or several for a multi-valued one."""

VALUE_MAX_LENGTH: Final = 4000
"""Characters of a value typed by hand."""
REASON_MAX_LENGTH: Final = 500


class BadAccount(DomainError):
    """A value that does not fit the schema; `field` is the attribute's name."""

    code = "bad_account"


class AccountTaken(DomainError):
    """Another account of this source has the Account ID."""

    code = "account_taken"


class AccountChanged(DomainError):
    """Somebody else changed the account since it was read."""

    code = "edit_conflict"

    def __init__(self) -> None:
        super().__init__(message=_("Someone else changed this account. Look at it again."))


class AccountGone(DomainError):
    """The account was removed meanwhile."""

    code = "account_gone"

    def __init__(self) -> None:
        super().__init__(message=_("This account has been removed."))


@transaction.atomic
def add(*, by: Actor, source: Source, values: Values, at: datetime) -> SourceAccount:
    """Add one account without any file.

    Raises:
        BadAccount: a value does not fit the schema.
        AccountTaken: the source has an account of this ID.
    """
    source = _locked(by, source)
    content = _content(shape_of(source), values)
    if source_accounts(source).filter(native_identity=content.native_identity).exists():
        raise _taken(content)
    account = SourceAccount(source=source, created_at=at, **_fields(content, at))
    account.save(force_insert=True)
    _bump(source, accounts=1)
    record("source_account.added", by=by, subject=account, after=_attributes(account), at=at)
    return account


@transaction.atomic
def edit(
    *, by: Actor, account: SourceAccount, values: Values, digest: UUID, at: datetime
) -> SourceAccount:
    """Change an account that nobody changed since `digest` was read. The next file may undo it.

    Raises:
        BadAccount, AccountTaken: as in `add`.
        AccountGone: it was removed, or changed meanwhile.
    """
    source = _locked(by, account.source)
    row = source_accounts(source).filter(pk=account.pk, digest=digest).first()
    if row is None:
        raise AccountGone
    content = _content(shape_of(source), values)
    fields = _fields(content, at)
    if UUID(content.digest) == row.digest:
        return row
    before = _attributes(row)
    for name, value in fields.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save(update_fields=list(fields))
    except IntegrityError as error:
        raise _taken(content) from error
    _bump(source)
    after = _attributes(row)
    changed = {n for n in before.keys() | after.keys() if before.get(n) != after.get(n)}
    record(
        "source_account.edited",
        by=by,
        subject=row,
        before={name: before.get(name) for name in sorted(changed)},
        after={name: after.get(name) for name in sorted(changed)},
        at=at,
    )
    return row


@transaction.atomic
def remove(*, by: Actor, account: SourceAccount, at: datetime, digest: UUID | None = None) -> None:
    """Remove an account; it can be brought back for a while. Twice is harmless.

    Raises:
        AccountChanged: it is not what it was when `digest` was read.
    """
    source = _locked(by, account.source)
    row = source_accounts(source).filter(pk=account.pk).first()
    if row is None:
        return
    if digest not in (None, row.digest):
        raise AccountChanged
    removed = remove_where("id = %s", [row.pk], by=by, at=at)
    _bump(source, accounts=-removed)
    record("source_account.removed", by=by, subject=row, before=_attributes(row), at=at)


@transaction.atomic
def bring_back(*, by: Actor, removed: RemovedAccount, at: datetime) -> SourceAccount:
    """Add an account as it was when it was removed.

    Raises:
        AccountTaken: there is one of this ID again.
        AccountGone: it was brought back already, or is kept no longer.
    """
    source = _locked(by, removed.source)
    row = RemovedAccount.objects.select_for_update().filter(pk=removed.pk).first()
    if row is None:
        raise AccountGone
    names = ("native_identity", "name", "name_key", "attributes", "digest", "created_at")
    account = SourceAccount(
        source=source, changed_at=at, **{name: getattr(row, name) for name in names}
    )
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError as error:
        raise AccountTaken(
            _("There is an account with the ID “%(id)s” again.") % {"id": row.native_identity}
        ) from error
    row.delete()
    _bump(source, accounts=1)
    record("source_account.brought_back", by=by, subject=account, at=at)
    return account


@transaction.atomic
def remove_all(*, by: Actor, source: Source, reason: str, at: datetime) -> Job:
    """Have all accounts removed, whatever the threshold says, as a job.

    Raises:
        AlreadyRunning: an import of the source is at work.
        BadAccount: no reason was given.
    """
    check_may(by, Permission.SOURCE_EMPTY)
    source = _locked(by, source)
    reason = clean_text(reason, max_length=REASON_MAX_LENGTH, multiline=False, field="reason")
    if not reason:
        raise BadAccount(_("Say why all accounts may go."), field="reason")
    return jobs.start(
        by=by,
        kind="source.remove_accounts",
        subject=source,
        payload={"source": str(source.pk), "reason": reason},
        exclusive_key=f"import:{source.pk}",
        at=at,
    )


def source_accounts(source: Source) -> QuerySet[SourceAccount]:
    return SourceAccount.objects.filter(source=source)


def _locked(by: Actor, source: Source) -> Source:
    current = lock(source)
    policies.check_may_manage(by, current)
    return current


def _content(shape: Shape, values: Values) -> Content:
    unknown = sorted(set(values) - set(shape.columns))
    if unknown:
        message = _("The schema has no attribute “%(name)s”.") % {"name": unknown[0][:60]}
        raise BadAccount(message, field=unknown[0])
    try:
        # guarded, because what is typed is meant as it stands
        rows = [[safe_cell(cell) for cell in row] for row in _rows(shape, values)]
        return Content(*shape.merged(0, rows))
    except BadValue as bad:
        message = str(REASONS[bad.reason])
        raise BadAccount(message, field=shape.columns[bad.column]) from bad


def _rows(shape: Shape, values: Values) -> list[list[str]]:
    lists = {
        name: [value] if isinstance(value, str) else [each for each in value if each]
        for name, value in values.items()
    }
    for name, texts in lists.items():
        if len(texts) > 1 and not shape.is_multi_valued(name):
            raise BadAccount(_("This attribute takes one value."), field=name)
        if any(len(text) > VALUE_MAX_LENGTH or "\0" in text for text in texts):
            message = _("Type at most %(limit)d characters.") % {"limit": VALUE_MAX_LENGTH}
            raise BadAccount(message, field=name)
    return shape.cells_of(lists)


def _fields(content: Content, at: datetime) -> dict[str, Any]:
    return {
        "native_identity": content.native_identity,
        "name": content.name,
        "name_key": content.name_key,
        "attributes": json.loads(content.attributes),
        "digest": UUID(content.digest),
        "changed_at": at,
    }


def _attributes(account: SourceAccount) -> dict[str, Any]:
    return dict(account.attributes)


def _taken(content: Content) -> AccountTaken:
    return AccountTaken(
        _("There already is an account with the ID “%(id)s”.") % {"id": content.native_identity}
    )


def _bump(source: Source, *, accounts: int = 0) -> None:
    source.account_count += accounts
    source.generation += 1
    source.save(update_fields=["account_count", "generation"])
