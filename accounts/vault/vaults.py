"""Vaults and the catalogue of applications: what administrators set up."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import SYSTEM, Actor
from accounts.audit.changes import differing
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_name, clean_text, skeleton
from accounts.vault import policies
from accounts.vault.models import NAME_MAX_LENGTH, Application, Vault
from accounts.vault.urls import clean_url

MOST_VAULTS: Final = 100
MOST_APPLICATIONS: Final = 1_000
FIRST_NAME: Final = "Cloud vault"


class NameTaken(DomainError):
    """Another one has this name, or one that looks like it."""

    code = "name_taken"


class VaultGone(DomainError):
    """The vault was deleted meanwhile."""

    code = "vault_gone"

    def __init__(self) -> None:
        super().__init__(_("This vault has been deleted."), field="vault")


class VaultInUse(DomainError):
    """The vault holds accounts, or is the one that new ones go to."""

    code = "vault_in_use"


class TooMany(DomainError):
    """There are as many as there may be."""

    code = "too_many"


class ApplicationGone(DomainError):
    """The application was taken out of the catalogue meanwhile."""

    code = "application_gone"

    def __init__(self) -> None:
        super().__init__(_("This application is not in the catalogue any more."))


class EditConflict(DomainError):
    """Somebody else changed the vault since the form was opened."""

    code = "edit_conflict"

    def __init__(self) -> None:
        message = _("Someone else changed this vault meanwhile. Open it again, then change it.")
        super().__init__(message)


def default(*, at: datetime) -> Vault:
    """The vault that new accounts go to; the first one is made with the first account."""
    found = Vault.objects.filter(is_default=True).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            made = Vault.objects.create(
                name=_(FIRST_NAME),
                name_key=skeleton(_(FIRST_NAME)),
                is_default=True,
                created_at=at,
                created_by=SYSTEM.label,
                changed_at=at,
            )
    except IntegrityError:  # another made it at the same moment
        return Vault.objects.get(is_default=True)
    record("vault.created", by=SYSTEM, subject=made, after=told(made), at=at)
    return made


@transaction.atomic
def create(*, by: Actor, name: str, description: str = "", at: datetime) -> Vault:
    """Add a vault; the first one is the default.

    Raises:
        NotAllowed, TooMany, BadText, NameTaken
    """
    policies.check_may_manage(by)
    return add(by=by, vault=Vault(), name=name, description=description, at=at)


def add(*, by: Actor, vault: Vault, name: str, description: str, at: datetime) -> Vault:
    """The vault with its name, added; its caller has asked whether `by` may.

    Raises:
        TooMany, BadText, NameTaken
    """
    if len(_lock_all()) >= MOST_VAULTS:
        raise TooMany(_("There are %(most)d vaults. Delete one first.") % {"most": MOST_VAULTS})
    vault.created_at, vault.created_by, vault.changed_at = at, by.label[:200], at
    if not vault.is_local:
        vault.is_default = not Vault.objects.filter(is_default=True).exists()
    _fill(vault, name, description)
    record("vault.created", by=by, subject=vault, after=told(vault), at=at)
    return vault


@transaction.atomic
def edit(
    *, by: Actor, vault: Vault, name: str, description: str, revision: int, at: datetime
) -> Vault:
    """Raises: NotAllowed, VaultGone, EditConflict, BadText, NameTaken."""
    policies.check_may_manage(by)
    current = _lock(vault)
    if current.revision != revision:
        raise EditConflict
    before = told(current)
    current.changed_at, current.revision = at, current.revision + 1
    _fill(current, name, description)
    old, new = differing(before, told(current))
    if new:
        record("vault.edited", by=by, subject=current, before=old, after=new, at=at)
    return current


@transaction.atomic
def make_default(*, by: Actor, vault: Vault, at: datetime) -> None:
    """Have new accounts go to this vault; twice is harmless.

    Raises:
        NotAllowed, VaultGone
        VaultInUse: it is a local one.
    """
    policies.check_may_manage(by)
    _lock_all()
    current = _lock(vault)
    if current.is_default:
        return
    if current.is_local:
        raise VaultInUse(_("A local vault is for its members, so it cannot be the default one."))
    Vault.objects.filter(is_default=True).update(is_default=False, changed_at=at)
    Vault.objects.filter(pk=current.pk).update(is_default=True, changed_at=at)
    record("vault.made_default", by=by, subject=current, at=at)


@transaction.atomic
def delete(*, by: Actor, vault: Vault, at: datetime) -> None:
    """Delete an empty vault.

    Raises:
        NotAllowed, VaultGone
        VaultInUse: it is the default one, or holds accounts, deleted ones among them.
    """
    policies.check_may_manage(by)
    current = _lock(vault)
    if current.is_default:
        message = _("New accounts go to this vault. Make another one the default first.")
        raise VaultInUse(message)
    if current.items.exists():
        message = _("This vault holds accounts, or deleted ones that can be restored. Move them.")
        raise VaultInUse(message)
    record("vault.deleted", by=by, subject=current, before=told(current), at=at)
    current.delete()


@transaction.atomic
def add_application(
    *, by: Actor, name: str, url: str = "", has_saml: bool = False, at: datetime
) -> Application:
    """Add an application to the catalogue; one of the same name replaces what came with Steward.

    Raises:
        NotAllowed, TooMany, BadText, BadUrl, NameTaken
    """
    policies.check_may_manage(by)
    if Application.objects.count() >= MOST_APPLICATIONS:
        message = _("There are %(most)d applications. Remove one first.")
        raise TooMany(message % {"most": MOST_APPLICATIONS})
    name = clean_name(name, max_length=NAME_MAX_LENGTH)
    made = Application(
        name=name,
        name_key=skeleton(name),
        url=clean_url(url, field="url"),
        has_saml=has_saml,
        added_at=at,
        added_by=by.label[:200],
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        message = _("There already is an application named “%(name)s”.")
        raise NameTaken(message % {"name": name}, field="name") from error
    after = {"url": made.url, "has_saml": has_saml}
    record("application.added", by=by, subject=made, after=after, at=at)
    return made


@transaction.atomic
def remove_application(*, by: Actor, application: Application, at: datetime) -> None:
    """Take an application out of the catalogue; accounts of it stay as they are.

    Raises:
        NotAllowed, ApplicationGone
    """
    policies.check_may_manage(by)
    found = Application.objects.select_for_update().filter(pk=application.pk).first()
    if found is None:
        raise ApplicationGone
    before = {"url": found.url, "has_saml": found.has_saml}
    record("application.removed", by=by, subject=found, before=before, at=at)
    found.delete()


def told(vault: Vault) -> dict[str, Any]:
    """A vault as the audit log keeps it."""
    return {
        "name": vault.name,
        "description": vault.description,
        "kind": str(vault.kind),
        "is_default": vault.is_default,
    }


def _fill(vault: Vault, name: str, description: str) -> None:
    vault.name = clean_name(name, max_length=NAME_MAX_LENGTH)
    vault.name_key = skeleton(vault.name)
    vault.description = clean_text(description, max_length=1000, field="description")
    try:
        with transaction.atomic():
            vault.save()
    except IntegrityError as error:
        message = _("There already is a vault named “%(name)s”. Choose another name.")
        raise NameTaken(message % {"name": vault.name}, field="name") from error


def _lock_all() -> list[object]:
    rows = Vault.objects.select_for_update().order_by("pk")
    return list(rows.values_list("pk", flat=True))


def _lock(vault: Vault) -> Vault:
    found = Vault.objects.select_for_update().filter(pk=vault.pk).first()
    if found is None:
        raise VaultGone
    return found
