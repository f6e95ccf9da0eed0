"""What people do with accounts of local vaults: ciphertext goes in, and comes out, as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace as changed
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.identities.locking import lock as lock_identity
from accounts.lib.errors import DomainError
from accounts.trusted_sessions.models import TrustedSession
from accounts.vault import actions as items
from accounts.vault import policies as vault_policies
from accounts.vault import vaults
from accounts.vault.codes import MOST_CODES
from accounts.vault.drafts import ItemDraft
from accounts.vault.local import keys, policies, queries
from accounts.vault.local.envelopes import NewKey, NotCiphertext, check_secret
from accounts.vault.local.models import LocalSecret
from accounts.vault.models import SecretName, StoredAccount, Vault, VaultKind

REMOVABLE: Final = (SecretName.NOTES, SecretName.FIELDS, SecretName.AUTHENTICATOR)


class SecretGone(DomainError):
    """It was replaced and forgotten, or the backup code was used."""

    code = "secret_gone"

    def __init__(self) -> None:
        super().__init__(_("This was used already, or something else took its place."))


class ChangedMeanwhile(DomainError):
    """Somebody else replaced the same secret while this one was encrypted."""

    code = "changed_meanwhile"

    def __init__(self) -> None:
        super().__init__(_("Someone else changed this meanwhile. Open the page again."))


def add(
    *,
    by: Actor,
    from_session: TrustedSession,
    vault: Vault,
    item_id: UUID,
    draft: ItemDraft,
    sealed: Mapping[SecretName, str],
    new_key: NewKey | None = None,
    at: datetime,
) -> StoredAccount:
    """Store an account in a local vault; `item_id` is what its ciphertext was made for.

    Raises:
        NotAllowed, NotTrusted, NoKey, VaultGone, KeyReplaced, NotCiphertext
        KeptInBrowser: the draft has notes or custom fields to be read.
        TooMany, BadText, BadUrl, BadPeriod, NoSaml: `field` names what is wrong.
    """
    if draft.notes or draft.fields:
        raise vault_policies.KeptInBrowser
    policies.check_has_key(by, from_session, vault)
    with transaction.atomic():
        person = lock_identity(policies.check_has_key(by, from_session, vault))
        current = _lock_vault(vault, by, from_session, new_key, at)
        if StoredAccount.objects.filter(pk=item_id).exists():
            raise NotCiphertext
        plain = changed(draft, vault=current, may_be_requested=False)
        row = StoredAccount(id=item_id, vault=current)
        item = items.store(by=person, draft=plain, item=row, at=at)
        for name, envelope in sealed.items():
            if name == SecretName.BACKUP_CODE:
                raise NotCiphertext
            _keep(by, item, name, 1, envelope, at)
        items.set_due(item)
        item.save(update_fields=["rotation_due_at", "reminded_at"])
        after = items.told(item) | {"has_password": SecretName.PASSWORD in sealed}
        record("stored_account.added", by=by, subject=item, after=after, at=at)
    return item


@transaction.atomic
def put(
    *,
    by: Actor,
    from_session: TrustedSession,
    item: StoredAccount,
    name: SecretName,
    serial: int,
    envelopes: Sequence[str],
    new_key: NewKey | None = None,
    at: datetime,
) -> int:
    """Keep another ciphertext of an account: one, or of backup codes one each. Passwords that it
    replaces stay in the history. Answers how many there are.

    Raises:
        NotAllowed, NotTrusted, NoKey, ItemGone, KeyReplaced, NotCiphertext
        ChangedMeanwhile: `serial` is not the next one.
    """
    current = _lock(by, from_session, item, new_key, at)
    most = MOST_CODES if name == SecretName.BACKUP_CODE else 1
    if not 1 <= len(envelopes) <= most:
        raise NotCiphertext
    if queries.next_serial(current.pk, name) != serial:
        raise ChangedMeanwhile
    rows = LocalSecret.objects.filter(item=current, name=name)
    if name == SecretName.PASSWORD:
        rows.filter(replaced_at=None).update(replaced_at=at)
    else:
        # the newest row stays for its serial number: none is given twice
        rows.filter(serial__lt=serial - 1).delete()
        rows.update(replaced_at=at, envelope="")
    for number, envelope in enumerate(envelopes):
        _keep(by, current, name, serial + number, envelope, at)
    _forget_oldest(current)
    items.set_due(current)
    _save(current, at)
    _note_put(by, current, name, len(envelopes), at)
    return len(envelopes)


@transaction.atomic
def remove(
    *,
    by: Actor,
    from_session: TrustedSession,
    item: StoredAccount,
    name: SecretName,
    at: datetime,
) -> None:
    """Forget notes, custom fields or the authenticator; twice is harmless.

    Raises:
        NotAllowed, NotTrusted, NoKey, ItemGone
        NotCiphertext: passwords and backup codes are replaced instead.
    """
    current = _lock(by, from_session, item, None, at)
    if name not in REMOVABLE:
        raise NotCiphertext
    rows = LocalSecret.objects.filter(item=current, name=name, replaced_at=None)
    if not rows.update(replaced_at=at, envelope=""):
        return
    _save(current, at)
    if name == SecretName.AUTHENTICATOR:
        record("stored_account.authenticator_removed", by=by, subject=current, at=at)
    else:
        detail = {"sealed_texts_changed": [str(name)]}
        record("stored_account.edited", by=by, subject=current, detail=detail, at=at)


@transaction.atomic
def hand_out(
    *,
    by: Actor,
    from_session: TrustedSession,
    item: StoredAccount,
    secret: LocalSecret,
    at: datetime,
) -> LocalSecret:
    """A ciphertext, for whoever may read it, in a browser that has the key; the event is written
    first. A backup code is struck out by it.

    Raises:
        NotAllowed, NotTrusted, NoKey, ItemGone, SecretGone
    """
    name = SecretName(secret.name)
    person = policies.check_may_open(by, item, name, at)
    rows = StoredAccount.objects.select_for_update(of=("self",)).select_related("vault")
    current = rows.filter(pk=item.pk, deleted_at=None).first()
    if current is None:
        raise items.ItemGone
    policies.check_may_open(by, current, name, at)
    policies.check_has_key(by, from_session, current.vault)
    secrets = LocalSecret.objects.select_for_update().filter(item=current, used_at=None)
    if name != SecretName.PASSWORD:
        secrets = secrets.filter(replaced_at=None)
    found = secrets.filter(pk=secret.pk, name=name).first()
    if found is None:
        raise SecretGone
    if name == SecretName.BACKUP_CODE:
        found.used_at, found.used_by = at, person.label[:200]
        found.save(update_fields=["used_at", "used_by"])
    _note_open(by, current, found, at)
    return found


def _note_put(by: Actor, item: StoredAccount, name: SecretName, count: int, at: datetime) -> None:
    match name:
        case SecretName.PASSWORD:
            record("stored_account.password_set", by=by, subject=item, at=at)
        case SecretName.AUTHENTICATOR:
            record("stored_account.authenticator_saved", by=by, subject=item, at=at)
        case SecretName.BACKUP_CODE:
            detail: dict[str, Any] = {"codes": count}
            record("stored_account.backup_codes_saved", by=by, subject=item, detail=detail, at=at)
        case _:
            detail = {"sealed_texts_changed": [str(name)]}
            record("stored_account.edited", by=by, subject=item, detail=detail, at=at)


def _note_open(by: Actor, item: StoredAccount, secret: LocalSecret, at: datetime) -> None:
    detail: dict[str, Any] = {"set_at": secret.set_at.isoformat(), "in_browser": True}
    facts: dict[str, Any] = {"subject": item, "detail": detail, "at": at}
    match secret.name:
        case SecretName.PASSWORD if secret.replaced_at is None:
            record("stored_account.password_revealed", by=by, **facts)
        case SecretName.PASSWORD:
            record("stored_account.earlier_password_revealed", by=by, **facts)
        case SecretName.AUTHENTICATOR:
            record("stored_account.code_shown", by=by, **facts)
        case SecretName.BACKUP_CODE:
            record("stored_account.backup_code_used", by=by, **facts)
        case _:
            record("stored_account.sealed_text_opened", by=by, **facts)


def _keep(
    by: Actor, item: StoredAccount, name: SecretName, serial: int, envelope: str, at: datetime
) -> None:
    version = check_secret(name, envelope)
    if version != item.vault.key_version:
        raise keys.KeyReplaced
    LocalSecret.objects.create(
        item=item,
        name=name,
        serial=serial,
        key_version=version,
        envelope=envelope,
        set_at=at,
        set_by=by.label[:200],
    )


def _forget_oldest(item: StoredAccount) -> None:
    old = queries.earlier_passwords(item).values_list("pk", flat=True)
    LocalSecret.objects.filter(pk__in=list(old[items.KEPT_PASSWORDS :])).delete()


def _lock(
    by: Actor,
    from_session: TrustedSession,
    item: StoredAccount,
    new_key: NewKey | None,
    at: datetime,
) -> StoredAccount:
    """The row as it stands, locked, of which `by` is still an owner."""
    vault_policies.check_may_change(by, item, at)
    rows = StoredAccount.objects.select_for_update(of=("self",)).select_related("vault")
    found = rows.filter(pk=item.pk, deleted_at=None).first()
    if found is None:
        raise items.ItemGone
    vault_policies.check_may_change(by, found, at)
    policies.check_has_key(by, from_session, found.vault)
    found.vault = _lock_vault(found.vault, by, from_session, new_key, at)
    return found


def _lock_vault(
    vault: Vault, by: Actor, from_session: TrustedSession, new_key: NewKey | None, at: datetime
) -> Vault:
    """The vault as it stands, with the next key in force where one comes along, or is due."""
    rows = Vault.objects.select_for_update().filter(pk=vault.pk, kind=VaultKind.LOCAL)
    found = rows.first()
    if found is None:
        raise vaults.VaultGone
    if new_key is not None:
        keys.replace(by, found, from_session, new_key, at)
    elif queries.needs_new_key(found):
        raise keys.KeyReplaced
    return found


def _save(item: StoredAccount, at: datetime) -> None:
    item.changed_at = at
    item.revision += 1
    item.save()
