"""The second factors of a stored account: its authenticator, and its backup codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.lib.errors import DomainError
from accounts.lib.one_time_secret import OneTimeSecret
from accounts.sealing import Sealed, open_sealed, seal
from accounts.vault import one_time_codes, policies
from accounts.vault.actions import ItemGone
from accounts.vault.models import StoredAccount
from accounts.vault.second_factors import Authenticator, BackupCode

MOST_CODES: Final = 50
LONGEST_CODE: Final = 100


class NoAuthenticator(DomainError):
    """No authenticator is saved."""

    code = "no_authenticator"

    def __init__(self) -> None:
        super().__init__(_("No authenticator is saved for this account."))


class ShownAlready(DomainError):
    """The code of this moment was shown; the next one comes soon."""

    code = "code_shown_already"

    def __init__(self, seconds: int) -> None:
        message = _("This code was shown already. The next one comes in %(seconds)d seconds.")
        super().__init__(message % {"seconds": seconds})
        self.seconds = seconds


class BadCodes(DomainError):
    """No backup codes, too many, or one that is too long."""

    code = "bad_backup_codes"


class CodeUsed(DomainError):
    """The backup code was used, or is gone."""

    code = "backup_code_used"

    def __init__(self) -> None:
        super().__init__(_("This backup code was used already, or others took its place."))


@dataclass(frozen=True)
class Code:
    """A code of this moment, for the one answer that shows it."""

    secret: OneTimeSecret
    seconds_left: int


def of_authenticator(item_id: UUID) -> str:
    return f"accounts_authenticator:{item_id}:blob"


def of_code(item_id: UUID, code_id: UUID) -> str:
    return f"accounts_backupcode:{item_id}:{code_id}:blob"


@transaction.atomic
def save_authenticator(*, by: Actor, item: StoredAccount, key: str, at: datetime) -> None:
    """Keep the key by which codes are computed; one that was kept is forgotten.

    Raises:
        NotAllowed, ItemGone, BadKey
    """
    policies.check_may_change(by, item, at)
    codes = one_time_codes.read(key)
    current = _lock(by, item, at)
    sealed = seal(codes.packed().encode(), context=of_authenticator(current.pk))
    Authenticator.objects.update_or_create(
        item=current,
        defaults={
            "key_id": sealed.key_id,
            "blob": sealed.blob,
            "saved_at": at,
            "saved_by": by.label[:200],
            "last_step": None,
        },
    )
    record("stored_account.authenticator_saved", by=by, subject=current, at=at)


@transaction.atomic
def remove_authenticator(*, by: Actor, item: StoredAccount, at: datetime) -> None:
    """Forget the key; twice is harmless.

    Raises:
        NotAllowed, ItemGone
    """
    policies.check_may_change(by, item, at)
    current = _lock(by, item, at)
    if Authenticator.objects.filter(item=current).delete()[0]:
        record("stored_account.authenticator_removed", by=by, subject=current, at=at)


@transaction.atomic
def show_code(*, by: Actor, item: StoredAccount, at: datetime) -> Code:
    """The code of this moment, once; the event is written first.

    Raises:
        NotAllowed, ItemGone, NoAuthenticator, ShownAlready
        SealBroken: its key cannot be opened here.
    """
    policies.check_may_reveal(by, item, at)
    current = _lock(by, item, at)
    found = Authenticator.objects.select_for_update().filter(item=current).first()
    if found is None:
        raise NoAuthenticator
    sealed = Sealed(found.key_id, bytes(found.blob))
    plain = open_sealed(sealed, context=of_authenticator(current.pk))
    codes = one_time_codes.unpacked(plain.decode())
    step = codes.step_at(at)
    if found.last_step is not None and step <= found.last_step:
        raise ShownAlready((found.last_step + 1) * codes.period - int(at.timestamp()))
    found.last_step = step
    found.save(update_fields=["last_step"])
    record("stored_account.code_shown", by=by, subject=current, at=at)
    return Code(OneTimeSecret(codes.code_of(step)), codes.seconds_left(at))


@transaction.atomic
def save_backup_codes(*, by: Actor, item: StoredAccount, text: str, at: datetime) -> int:
    """Keep the codes of a text, one a line, instead of those that were kept; answers how many.

    Raises:
        NotAllowed, ItemGone, BadCodes
    """
    policies.check_may_change(by, item, at)
    lines = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    if not lines or len(lines) > MOST_CODES or any(len(line) > LONGEST_CODE for line in lines):
        message = _("Paste 1 to %(most)d codes, one a line, of at most %(long)d characters each.")
        said = message % {"most": MOST_CODES, "long": LONGEST_CODE}
        raise BadCodes(said, field="codes")
    current = _lock(by, item, at)
    BackupCode.objects.filter(item=current).delete()
    for position, line in enumerate(lines, start=1):
        made = BackupCode(item=current, position=position, added_at=at)
        sealed = seal(line.encode(), context=of_code(current.pk, made.pk))
        made.key_id, made.blob = sealed.key_id, sealed.blob
        made.save(force_insert=True)
    detail = {"codes": len(lines)}
    record("stored_account.backup_codes_saved", by=by, subject=current, detail=detail, at=at)
    return len(lines)


@transaction.atomic
def use_backup_code(
    *, by: Actor, item: StoredAccount, code: BackupCode, at: datetime
) -> OneTimeSecret:
    """A backup code, for whoever types it now; it is struck out, and never shown again.

    Raises:
        NotAllowed, ItemGone, CodeUsed
        SealBroken: it cannot be opened here.
    """
    person = policies.check_may_reveal(by, item, at)
    current = _lock(by, item, at)
    rows = BackupCode.objects.select_for_update().filter(item=current, used_at=None)
    found = rows.filter(pk=code.pk).first()
    if found is None:
        raise CodeUsed
    sealed = Sealed(found.key_id, bytes(found.blob))
    plain = open_sealed(sealed, context=of_code(current.pk, found.pk))
    found.used_at, found.used_by = at, person.label[:200]
    found.save(update_fields=["used_at", "used_by"])
    detail = {"position": found.position}
    record("stored_account.backup_code_used", by=by, subject=current, detail=detail, at=at)
    return OneTimeSecret(plain.decode())


def _lock(by: Actor, item: StoredAccount, at: datetime) -> StoredAccount:
    """The row as it stands, locked, of which `by` is still an owner."""
    rows = StoredAccount.objects.select_for_update(of=("self",)).select_related("vault")
    found = rows.filter(pk=item.pk, deleted_at=None).first()
    if found is None:
        raise ItemGone
    policies.check_may_change(by, found, at)
    policies.check_kept_here(found.vault)
    return found
