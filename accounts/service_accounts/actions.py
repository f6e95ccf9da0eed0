from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.identities import actions as identities
from accounts.identities.emails import clean_email
from accounts.identities.models import Identity, IdentityKind, Origin
from accounts.identities.policies import OwnedElsewhere, check_may_act_on, not_edited_by_hand
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_name, clean_text, skeleton
from accounts.service_accounts import bulk, obligatory, policies, queries
from accounts.service_accounts.models import ServiceAccount

DESCRIPTION_MAX_LENGTH = 1000


class NameTaken(DomainError):
    """Another service account has this name, or one that looks like it."""

    code = "name_taken"

    def __init__(self, name: str) -> None:
        """`name` is how the other one is spelled: the typed one may only look like it."""
        super().__init__(
            message=_("There already is a service account named “%(name)s”. Choose another name.")
            % {"name": name},
            field="name",
        )


class EndsInThePast(DomainError):
    """An end date that has passed already."""

    code = "ends_in_the_past"


class AccountGone(DomainError):
    """The account was deleted meanwhile."""

    code = "account_gone"

    def __init__(self) -> None:
        super().__init__(message=_("This service account has been deleted."))


@dataclass(frozen=True)
class Change:
    """One field that somebody else changed: what the form was opened on, and what stands now."""

    field: str
    theirs: Any


class EditConflict(DomainError):
    """Somebody else changed the account since the form was opened."""

    code = "edit_conflict"

    def __init__(self, account: ServiceAccount) -> None:
        super().__init__(
            message=_(
                "Someone else changed this service account while you were editing it. "
                "Compare the values below, then save again to replace them with yours."
            )
        )
        self.account = account
        """The account as it stands now."""


class Unchanged(Enum):
    """Stands for whatever the account has; a new one has nothing."""

    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Details:
    """What the form of a service account holds."""

    name: str
    description: str
    owner: Identity | None
    scopes: Sequence[str]
    ends_at: datetime | None = None
    email: str | None = None
    """Where mail about the account goes, beside its owner; None leaves it as it is."""
    successor: Identity | Unchanged | None = Unchanged.UNCHANGED
    """Who owns it once the owner has left."""

    @classmethod
    def of(cls, account: ServiceAccount) -> Details:
        """The account as it stands, to change a part of it."""
        return cls(
            name=account.name,
            description=account.description,
            owner=account.owner,
            scopes=account.scopes,
            ends_at=account.ends_at,
        )

    def cleaned(self, *, by: Actor, account: ServiceAccount | None, at: datetime) -> dict[str, Any]:
        """Field values to store; the e-mail address is kept with the identity.

        Raises:
            DomainError: naming the field that is wrong.
        """
        clean_email(self.email or "")
        policies.check_owner(self.owner, account=account)
        successor = self.successor
        if isinstance(successor, Unchanged):
            successor = account.successor if account is not None else None
        policies.check_successor(successor, self.owner, account=account)
        unchanged_end = account is not None and account.ends_at == self.ends_at
        if self.ends_at is not None and self.ends_at <= at and not unchanged_end:
            raise EndsInThePast(message=_("The end date must lie in the future."), field="ends_at")
        name = clean_name(self.name)
        return {
            "name": name,
            "name_key": skeleton(name),
            "description": clean_text(
                self.description, max_length=DESCRIPTION_MAX_LENGTH, multiline=True
            ),
            "owner": self.owner,
            "successor": successor,
            "scopes": policies.check_scopes(by, self.scopes, had=account.scopes if account else ()),
            "ends_at": self.ends_at,
        }


def _readable(values: Mapping[str, Any]) -> dict[str, Any]:
    """Field values in the form in which the audit log keeps them."""
    readable: dict[str, Any] = {}
    for field, value in values.items():
        if isinstance(value, Identity):
            readable[field] = value.user_name
        elif isinstance(value, datetime):
            readable[field] = value.isoformat()
        else:
            readable[field] = value
    return readable


def _free_user_name(name: str, identity_id: uuid.UUID) -> str:
    """A user name for the identity of an account: its name as a slug, marked where taken."""
    slug = slugify(name)[:100] or "service-account"
    taken = Identity.objects.filter(user_name_key=skeleton(slug)).exists()
    return f"{slug}-{identity_id.hex[:12]}" if taken else slug


@transaction.atomic
def create(
    *, by: Actor, details: Details, at: datetime, origin: Origin = Origin.CONSOLE
) -> ServiceAccount:
    """Make a service account and its identity, without any credential.

    Raises:
        NameTaken: another account has this or a look-alike name.
        Missing: the tenant wants a value that is not there; `field` names it.
        DomainError: a field is wrong; `field` names it.
    """
    policies.check_may_manage(by)
    values = details.cleaned(by=by, account=None, at=at)
    obligatory.check(values)
    if taken := queries.spelling_of(values["name"]):
        raise NameTaken(taken)
    account_id = uuid.uuid4()
    try:
        with transaction.atomic():
            identity = identities.new_identity(
                kind=IdentityKind.SERVICE,
                user_name=_free_user_name(values["name"], account_id),
                display_name=values["name"],
                email=clean_email(details.email or ""),
                origin=origin,
                at=at,
                identity_id=account_id,
            )
            account = ServiceAccount(
                identity=identity,
                created_at=at,
                created_by=by.label[:200],
                changed_at=at,
                **values,
            )
            account.save(force_insert=True)
    except (IntegrityError, identities.UserNameTaken) as error:
        raise NameTaken(queries.spelling_of(values["name"]) or values["name"]) from error
    del values["name_key"]
    if values["successor"] is None:
        del values["successor"]
    after = _readable(values) | ({"email": identity.email} if identity.email else {})
    record("service_account.created", by=by, subject=account, after=after, at=at)
    return account


def lock(account: ServiceAccount) -> ServiceAccount:
    """The account's row as it stands, locked until the transaction ends.

    Raises:
        AccountGone: it has been deleted.
    """
    found = (
        ServiceAccount.objects.existing()
        .select_for_update(of=("self",))
        .select_related("identity", "owner", "successor")
        .filter(pk=account.pk)
        .first()
    )
    if found is None:
        raise AccountGone
    return found


@transaction.atomic
def edit(
    *, by: Actor, account: ServiceAccount, details: Details, revision: int, at: datetime
) -> ServiceAccount:
    """Change an account that nobody changed since `revision` was read.

    Raises:
        EditConflict: somebody did; the error carries the account as it stands.
        OwnedElsewhere: a value comes from an identity profile; `field` names it.
        AboveOneself: the account may do more than the actor, who changes its owner, scopes or
            e-mail address.
        AccountGone, NameTaken, Missing, DomainError: as in `create`.
    """
    policies.check_may_manage(by)
    current = lock(account)
    if current.revision != revision:
        raise EditConflict(current)
    values = details.cleaned(by=by, account=current, at=at)
    obligatory.check(values, but=not_edited_by_hand(current.identity))
    return _write(by, current, details, values, at)


def _write(
    by: Actor, current: ServiceAccount, details: Details, values: dict[str, Any], at: datetime
) -> ServiceAccount:
    """Store values that were judged, where they differ; the account is locked."""
    changed = [field for field in values if getattr(current, field) != values[field]]
    _check_not_owned(current, changed)
    if {"owner", "scopes"} & set(changed):
        # whoever may do more than the actor would do more for them by another scope or owner
        check_may_act_on(by, current.identity, Permission.SERVICE_ACCOUNT_MANAGE)
    old_email = _set_email(by, current, details, at)
    if not changed and not old_email:
        return current
    before = _readable({field: getattr(current, field) for field in changed}) | old_email
    for field in changed:
        setattr(current, field, values[field])
    if "owner" in changed:
        current.owner_left_at = None
    current.revision += 1
    current.changed_at = at
    try:
        with transaction.atomic():
            current.save(update_fields=[*changed, "owner_left_at", "revision", "changed_at"])
    except IntegrityError as error:
        raise NameTaken(queries.spelling_of(values["name"]) or values["name"]) from error
    if "name" in changed:
        Identity.objects.filter(pk=current.pk).update(display_name=current.name, changed_at=at)
    after = _readable({field: values[field] for field in changed})
    after |= {field: getattr(current.identity, field) for field in old_email}
    for shown in (before, after):
        shown.pop("name_key", None)
    record("service_account.edited", by=by, subject=current, before=before, after=after, at=at)
    return current


def _check_not_owned(account: ServiceAccount, changed: Sequence[str]) -> None:
    """Refuse what the next Apply Changes would overwrite."""
    columns = {"name": "display_name", "description": "description"}
    if not columns.keys() & set(changed):
        return
    owned = not_edited_by_hand(account.identity)
    for field, column in columns.items():
        if field in changed and column in owned:
            raise OwnedElsewhere(field, owned[column])


def _set_email(
    by: Actor, account: ServiceAccount, details: Details, at: datetime
) -> dict[str, Any]:
    """Give the identity of the account its address; answers the one before, if it is another."""
    if details.email is None:
        return {}
    needed = Permission.SERVICE_ACCOUNT_MANAGE
    old = identities.set_email(
        by=by, identity=account.identity, email=details.email, needs=needed, at=at
    )
    account.identity.refresh_from_db()
    return old


@transaction.atomic
def set_scopes(
    *, by: Actor, account: ServiceAccount, scopes: Sequence[str], at: datetime
) -> ServiceAccount:
    """Replace the scopes alone, whatever else was changed meanwhile, or is missing."""
    return _set(by, account, at, scopes=scopes)


@transaction.atomic
def set_end(
    *, by: Actor, account: ServiceAccount, ends_at: datetime, at: datetime
) -> ServiceAccount:
    """Replace the end date alone, likewise.

    Raises:
        EndsInThePast, AccountGone
    """
    return _set(by, account, at, ends_at=ends_at)


@transaction.atomic
def set_successor(
    *, by: Identity, account: ServiceAccount, successor: Identity | None, at: datetime
) -> ServiceAccount:
    """Name who comes after the owner; the owner does so themselves.

    Raises:
        NotAllowed: it is not theirs.
        BadSuccessor, Missing: `field` names it.
        AccountGone
    """
    current = lock(account)
    if current.owner_id != by.pk or not by.is_active:
        check_may(by, Permission.SERVICE_ACCOUNT_MANAGE)
    policies.check_successor(successor, current.owner, account=current)
    obligatory.check({"successor": successor}, but=obligatory.BY_FIELD.keys() - {"successor"})
    if successor == current.successor:
        return current
    before = _readable({"successor": current.successor})
    after = _readable({"successor": successor})
    current.successor, current.changed_at = successor, at
    current.revision += 1
    current.save(update_fields=["successor", "revision", "changed_at"])
    record("service_account.edited", by=by, subject=current, before=before, after=after, at=at)
    return current


def _set(by: Actor, account: ServiceAccount, at: datetime, **values: Any) -> ServiceAccount:
    policies.check_may_manage(by)
    current = lock(account)
    details = replace(Details.of(current), **values)
    return _write(by, current, details, details.cleaned(by=by, account=current, at=at), at)


@transaction.atomic
def disable(*, by: Actor, account: ServiceAccount, at: datetime) -> None:
    """Stop every key and token of the account at once; undone by `enable`."""
    policies.check_may_manage(by)
    current = lock(account)
    if identities.set_disabled(by=by, identity=current.identity, at=at):
        record("service_account.disabled", by=by, subject=current, at=at)


@transaction.atomic
def enable(*, by: Actor, account: ServiceAccount, at: datetime) -> None:
    """Let the account's keys work again."""
    policies.check_may_manage(by)
    current = lock(account)
    if identities.set_enabled(identity=current.identity, at=at):
        record("service_account.enabled", by=by, subject=current, at=at)


@transaction.atomic
def delete(*, by: Actor, account: ServiceAccount, at: datetime) -> None:
    """Delete the account for good: its keys and tokens stop, its name is free again.

    Deleting twice is harmless.
    """
    policies.check_may_manage(by)
    try:
        current = lock(account)
    except AccountGone:
        return
    bulk.delete_all(ServiceAccount.objects.filter(pk=current.pk), by=by, at=at)
    identities.bury(by=by, identity=current.identity, at=at)
    record(
        "service_account.deleted",
        by=by,
        subject=current,
        before=_readable({"scopes": current.scopes, "owner": current.owner}),
        at=at,
    )
