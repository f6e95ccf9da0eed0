"""What people do with stored accounts. Secrets go in here, and come out as `OneTimeSecret`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.audit.changes import differing
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed
from accounts.identities.locking import lock as lock_identity
from accounts.identities.models import Identity
from accounts.lib.errors import DomainError
from accounts.lib.one_time_secret import OneTimeSecret
from accounts.vault import policies, secrets, vaults
from accounts.vault.all_access.actions import tell_owners
from accounts.vault.drafts import ItemDraft, check_password
from accounts.vault.models import (
    Kind,
    SecretName,
    Share,
    ShareRole,
    StoredAccount,
    StoredPassword,
    Vault,
)

MOST_OWNED: Final = 5_000
"""Accounts that one person added."""
KEPT_PASSWORDS: Final = 20
"""Of one account, replaced ones."""


class ItemGone(DomainError):
    """The account was deleted meanwhile, or is not deleted any more."""

    code = "item_gone"

    def __init__(self) -> None:
        super().__init__(_("This account has been deleted."))


class TooMany(DomainError):
    """The person has added as many as one may."""

    code = "too_many"


class EditConflict(DomainError):
    """Somebody else changed the account since the form was opened."""

    code = "edit_conflict"

    def __init__(self, item: StoredAccount) -> None:
        message = _("Someone else changed this account meanwhile. Open it again, then change it.")
        super().__init__(message)
        self.item = item
        """The account as it stands now."""


class NoPassword(DomainError):
    """No password is stored."""

    code = "no_password"

    def __init__(self) -> None:
        super().__init__(_("No password is stored for this account."))


def add(*, by: Identity, draft: ItemDraft, password: str, at: datetime) -> StoredAccount:
    """Store an account of an application; who adds it is its owner. It may have no password yet.

    Raises:
        NotAllowed, TooMany, VaultGone
        BadText, BadUrl, BadPeriod, BadFields, BadPassword, NoSaml: `field` names what is wrong.
    """
    policies.check_may_own(by)
    sealed = draft.sealed()
    plain = check_password(password) if password else ""
    with transaction.atomic():
        owner = lock_identity(by)
        vault = _vault(draft, at)
        policies.check_kept_here(vault)
        item = store(by=owner, draft=draft, item=StoredAccount(vault=vault), at=at)
        for name, text in sealed.items():
            secrets.put(item, name, text, at=at)
        if plain:
            _put_password(by, item, plain, at)
            item.save(update_fields=["rotation_due_at", "reminded_at"])
        after = told(item) | {"has_password": bool(plain)}
        record("stored_account.added", by=by, subject=item, after=after, at=at)
    return item


def store(*, by: Identity, draft: ItemDraft, item: StoredAccount, at: datetime) -> StoredAccount:
    """The row of a new account, and that `by` owns it; the rest is its caller's, who holds the
    lock of the identity.

    Raises:
        TooMany, and as `ItemDraft.cleaned`.
    """
    if Share.objects.filter(identity=by, role=ShareRole.OWNER).count() >= MOST_OWNED:
        message = _("You own %(most)d accounts. Delete one first.")
        raise TooMany(message % {"most": MOST_OWNED})
    for name, value in draft.cleaned().items():
        setattr(item, name, value)
    item.kind, item.created_by = draft.kind, by.label[:200]
    item.username_set_at = item.created_at = item.changed_at = at
    item.save(force_insert=True)
    Share.objects.create(
        item=item, identity=by, role=ShareRole.OWNER, added_at=at, added_by=item.created_by
    )
    return item


def edit(
    *, by: Actor, item: StoredAccount, draft: ItemDraft, revision: int, at: datetime
) -> StoredAccount:
    """Change what is said of an account that nobody changed since `revision` was read.

    Raises:
        NotAllowed, ItemGone, EditConflict, and as `add`.
    """
    policies.check_may_change(by, item, at)
    with transaction.atomic():
        current = _lock(by, item, at)
        if current.revision != revision:
            raise EditConflict(current)
        values, sealed = draft.cleaned(), draft.sealed()
        before = told(current)
        if draft.vault is not None:
            current.vault = _moved(current, draft, at)
        if any(sealed.values()):
            policies.check_kept_here(current.vault)
        if values["username"] != current.username:
            current.username_set_at = at
        for name, value in values.items():
            setattr(current, name, value)
        touched = [
            name
            for name, text in sealed.items()
            if not current.vault.is_local and text != secrets.text(current, name)
        ]
        for name in touched:
            secrets.put(current, name, sealed[name], at=at)
        old, new = differing(before, told(current))
        if not new and not touched:
            return current
        set_due(current)
        _save(current, at)
        # what the sealed texts say stands nowhere else
        detail = {"sealed_texts_changed": touched} if touched else None
        facts: dict[str, Any] = {"before": old, "after": new, "detail": detail}
        record("stored_account.edited", by=by, subject=current, **facts, at=at)
    return current


@transaction.atomic
def set_password(*, by: Actor, item: StoredAccount, password: str, at: datetime) -> None:
    """Put another password in force; the one before stays in the history.

    Raises:
        NotAllowed, ItemGone, BadPassword
    """
    policies.check_may_change(by, item, at)
    plain = check_password(password)
    current = _lock(by, item, at)
    policies.check_kept_here(current.vault)
    _put_password(by, current, plain, at)
    _save(current, at)
    record("stored_account.password_set", by=by, subject=current, at=at)


@transaction.atomic
def reveal(
    *, by: Actor, item: StoredAccount, at: datetime, earlier: StoredPassword | None = None
) -> OneTimeSecret:
    """The password in force, or an `earlier` one, for an owner; the event is written first.

    In All-Access Mode the one in force is shown to others too, and its owners are told by mail.

    Raises:
        NotAllowed, ItemGone, NoPassword
        SealBroken: it cannot be opened here.
    """
    policies.check_may_see_password(by, item, at)
    current = _row(item)
    period = policies.check_may_see_password(by, current, at)
    if current.deleted_at is not None:
        raise ItemGone
    if period is not None and earlier is not None:
        raise NotAllowed(Permission.VAULT_OWN)
    policies.check_kept_here(current.vault)
    rows = StoredPassword.objects.filter(item=current)
    if earlier is None:
        found = rows.filter(replaced_at=None).first()
    else:
        found = rows.filter(pk=earlier.pk).exclude(replaced_at=None).first()
    if found is None:
        raise NoPassword
    act = "stored_account.password_revealed"
    if earlier is not None:
        act = "stored_account.earlier_password_revealed"
    detail = {"set_at": found.set_at.isoformat()}
    if period is not None:
        what = _("looked at its password")
        tell_owners(by=by, item=current, period=period, what=what, at=at)
        facts: dict[str, Any] = {"subject": current, "detail": detail, "reason": period.reason}
        record("stored_account.revealed_by_all_access", by=by, **facts, at=at)
    else:
        record(act, by=by, subject=current, detail=detail, at=at)
    return secrets.opened_password(found)


@transaction.atomic
def confirm_set_up(*, by: Actor, item: StoredAccount, at: datetime) -> None:
    """Note that the account exists in the application; twice is harmless.

    Raises:
        NotAllowed, ItemGone
    """
    policies.check_may_change(by, item, at)
    current = _lock(by, item, at)
    if current.set_up_at is not None:
        return
    current.set_up_at, current.set_up_by = at, by.label[:200]
    _save(current, at)
    record("stored_account.set_up", by=by, subject=current, at=at)


@transaction.atomic
def delete(*, by: Actor, item: StoredAccount, at: datetime) -> None:
    """Put an account away; its owners can restore it. Twice is harmless.

    Raises:
        NotAllowed
    """
    policies.check_may_change(by, item, at)
    current = _row(item)
    policies.check_may_change(by, current, at)
    if current.deleted_at is not None:
        return
    current.deleted_at, current.deleted_by = at, by.label[:200]
    _save(current, at)
    record("stored_account.deleted", by=by, subject=current, before=told(current), at=at)


@transaction.atomic
def restore(*, by: Actor, item: StoredAccount, at: datetime) -> None:
    """Bring a deleted account back, with its password and everybody who shared it.

    Raises:
        NotAllowed
    """
    policies.check_may_change(by, item, at)
    current = _row(item)
    policies.check_may_change(by, current, at)
    if current.deleted_at is None:
        return
    current.deleted_at, current.deleted_by = None, ""
    _save(current, at)
    record("stored_account.restored", by=by, subject=current, at=at)


def told(item: StoredAccount) -> dict[str, Any]:
    """An account as the audit log keeps it."""
    return {
        "label": item.label,
        "kind": str(item.kind),
        "application": item.application,
        "url": item.url,
        "username": item.username,
        "vault": item.vault.name,
        "collection": item.collection,
        "may_be_requested": item.may_be_requested,
        "rotate_every_days": item.rotate_every_days,
    }


def draft_of(item: StoredAccount) -> ItemDraft:
    """An account as it would be typed anew.

    Raises:
        SealBroken: its notes or custom fields cannot be opened here.
    """
    return ItemDraft(
        label=item.label,
        application=item.application,
        username=item.username,
        kind=Kind(item.kind),
        vault=item.vault,
        collection=item.collection,
        notes=secrets.text(item, secrets.NOTES),
        fields=secrets.custom_fields(item),
        may_be_requested=item.may_be_requested,
        rotate_every_days=item.rotate_every_days,
    )


def _row(item: StoredAccount) -> StoredAccount:
    rows = StoredAccount.objects.select_for_update(of=("self",)).select_related("vault")
    found = rows.filter(pk=item.pk).first()
    if found is None:
        raise ItemGone
    return found


def _lock(by: Actor, item: StoredAccount, at: datetime) -> StoredAccount:
    """The row as it stands, locked, of which `by` is still an owner."""
    found = _row(item)
    policies.check_may_change(by, found, at)
    if found.deleted_at is not None:
        raise ItemGone
    return found


def _vault(draft: ItemDraft, at: datetime) -> Vault:
    if draft.vault is None:
        return vaults.default(at=at)
    # not deleted while an account goes into it
    rows = Vault.objects.select_for_update(no_key=True)
    found = rows.filter(pk=draft.vault.pk).first()
    if found is None:
        raise vaults.VaultGone
    return found


def _moved(item: StoredAccount, draft: ItemDraft, at: datetime) -> Vault:
    """The vault of an account after an edit; none goes into a local vault, or out of it."""
    found = _vault(draft, at)
    if found.pk != item.vault_id:
        policies.check_kept_here(found)
        policies.check_kept_here(item.vault)
    return found


def _put_password(by: Actor, item: StoredAccount, plain: str, at: datetime) -> None:
    rows = StoredPassword.objects.filter(item=item)
    rows.filter(replaced_at=None).update(replaced_at=at)
    secrets.sealed_password(item, plain, at=at, set_by=by.label).save(force_insert=True)
    old = rows.exclude(replaced_at=None).order_by("-replaced_at", "-set_at", "pk")
    forgotten = list(old.values_list("pk", flat=True)[KEPT_PASSWORDS:])
    rows.filter(pk__in=forgotten).delete()
    set_due(item)


def set_due(item: StoredAccount) -> None:
    """When the password is to be replaced, by the period and the age of the one in force."""
    in_force = item.passwords.filter(replaced_at=None).first()
    local = item.local_secrets.filter(name=SecretName.PASSWORD, replaced_at=None).first()
    newest = local if item.vault.is_local else in_force
    set_at = newest.set_at if newest else None
    due = None
    if item.rotate_every_days and set_at is not None:
        due = set_at + timedelta(days=item.rotate_every_days)
    if due != item.rotation_due_at:
        item.rotation_due_at, item.reminded_at = due, None


def _save(item: StoredAccount, at: datetime) -> None:
    item.changed_at = at
    item.revision += 1
    item.save()
