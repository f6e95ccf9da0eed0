from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.identities import bulk, links, notices, policies
from accounts.identities.emails import clean_email
from accounts.identities.granting import set_levels as set_levels
from accounts.identities.locking import IdentityGone as IdentityGone
from accounts.identities.locking import lock as lock
from accounts.identities.models import Identity, IdentityKind, Origin
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_name, clean_user_name, skeleton

PERSON_NAME_MAX_LENGTH = 80
"""Characters, of first and of last name; both fit into the name that is shown."""


class UserNameTaken(DomainError):
    """Another identity has this user name, or one that looks like it."""

    code = "user_name_taken"


class EditConflict(DomainError):
    """Somebody else changed the identity since the form was opened."""

    code = "edit_conflict"

    def __init__(self, identity: Identity) -> None:
        super().__init__(
            message=_(
                "Someone else changed this identity while you were editing it. Compare the "
                "values below, then save again to replace them with yours."
            )
        )
        self.identity = identity
        """The identity as it stands now."""


def new_identity(
    *,
    kind: IdentityKind,
    user_name: str,
    display_name: str,
    origin: Origin,
    at: datetime,
    first_name: str = "",
    last_name: str = "",
    email: str = "",
    identity_id: uuid.UUID | None = None,
) -> Identity:
    """Write the row of a new identity, without a password; for the actions that make one.

    Raises:
        UserNameTaken: another existing identity has this or a look-alike user name.
        BadText: the user name or a name has characters that are not allowed.
    """
    identity = Identity(
        id=identity_id or uuid.uuid4(),
        kind=kind,
        user_name=clean_user_name(user_name, field="user_name"),
        user_name_key=skeleton(user_name),
        first_name=first_name,
        last_name=last_name,
        display_name=clean_name(display_name, max_length=200),
        email=email,
        origin=origin,
        created_at=at,
        changed_at=at,
    )
    identity.set_unusable_password()
    try:
        with transaction.atomic():
            identity.save(force_insert=True)
    except IntegrityError as error:
        raise UserNameTaken(
            message=_("The user name “%(name)s”, or one that looks like it, is taken already.")
            % {"name": identity.user_name},
            field="user_name",
        ) from error
    return identity


def _clean_person(*, user_name: str, first_name: str, last_name: str, email: str) -> dict[str, Any]:
    """What is stored of a person's name and address.

    Raises:
        BadText, BadEmail: `field` names what is wrong.
    """
    names = {"first_name": first_name, "last_name": last_name}
    cleaned = {
        field: clean_name(text, max_length=PERSON_NAME_MAX_LENGTH, field=field)
        if text.strip()
        else ""
        for field, text in names.items()
    }
    shown = " ".join(part for part in cleaned.values() if part) or user_name
    return cleaned | {"display_name": shown, "email": clean_email(email)}


@transaction.atomic
def create_person(
    *,
    by: Actor,
    user_name: str,
    first_name: str,
    last_name: str,
    email: str,
    levels: Collection[str],
    at: datetime,
    origin: Origin = Origin.CONSOLE,
) -> Identity:
    """Add a person, who has no password until they follow their invitation.

    Raises:
        UserNameTaken, BadText, BadEmail, UnknownLevel: `field` names what is wrong.
    """
    check_may(by, Permission.IDENTITY_MANAGE)
    details = _clean_person(
        user_name=user_name, first_name=first_name, last_name=last_name, email=email
    )
    person = new_identity(
        kind=IdentityKind.PERSON, user_name=user_name, origin=origin, at=at, **details
    )
    record(
        "identity.created",
        by=by,
        subject=person,
        after={"user_name": person.user_name, "kind": person.kind, **details},
        at=at,
    )
    if levels:
        set_levels(by=by, identity=person, levels=levels, at=at)
    return person


def _changed(current: Identity, new: dict[str, Any]) -> list[str]:
    """The fields that differ; the shown name stays where it comes from elsewhere.

    Raises:
        OwnedElsewhere: another of them does.
    """
    owned = policies.not_edited_by_hand(current)
    if "display_name" in new and "display_name" in owned:
        new["display_name"] = current.display_name
    changed = [name for name in new if new[name] != getattr(current, name)]
    if taken := [name for name in changed if name in owned]:
        raise policies.OwnedElsewhere(taken[0], owned[taken[0]])
    return changed


@transaction.atomic
def edit_person(
    *,
    by: Actor,
    identity: Identity,
    first_name: str,
    last_name: str,
    email: str,
    at: datetime,
    opened_at: datetime | None = None,
) -> Identity:
    """Change how a person is called and where mail for them goes.

    With another e-mail address, links that are out stop working, and both addresses are told.

    Raises:
        EditConflict: somebody changed it since `opened_at`, when the form was opened on it.
        OwnedElsewhere: the value comes from an identity profile; `field` names it.
        IdentityGone, NotAPerson, BadText, BadEmail: `field` names what is wrong.
    """
    current = lock(identity)
    policies.check_may_act_on(by, current, Permission.IDENTITY_MANAGE)
    policies.check_person(current)
    if opened_at is not None and current.changed_at != opened_at:
        raise EditConflict(current)
    new = _clean_person(
        user_name=current.user_name, first_name=first_name, last_name=last_name, email=email
    )
    changed = _changed(current, new)
    if not changed:
        return current
    after = {name: new[name] for name in changed}
    before = write(current, after, at)
    record("identity.edited", by=by, subject=current, before=before, after=after, at=at)
    return current


def write(identity: Identity, new: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Write values that were checked, for the actions that mean it; answers those they replace."""
    old = {name: getattr(identity, name) for name in new}
    for name, value in new.items():
        setattr(identity, name, value)
    identity.changed_at = at
    identity.save(update_fields=[*new, "changed_at"])
    if "email" in new:
        links.revoke(identity=identity, at=at)
        if old["email"]:  # the first one changes nothing for anybody
            notices.tell(identity, notices.EMAIL_CHANGED, to=[old["email"], new["email"]], at=at)
    return old


def set_email(
    *, by: Actor, identity: Identity, email: str, needs: Permission, at: datetime
) -> dict[str, Any]:
    """Change where mail goes, for the actions that mean it, which record it.

    Links that are out stop working, and both addresses are told. Answers the old value by the
    name of the field; nothing where the address is the same.

    Raises:
        AboveOneself: the identity holds levels that carry more than `by` may do.
        OwnedElsewhere: the address comes from an identity profile.
        IdentityGone, BadEmail.
    """
    check_may(by, needs)
    new = {"email": clean_email(email)}
    current = lock(identity)
    if not _changed(current, new):
        return {}
    policies.check_may_act_on(by, current, needs)
    return write(current, new, at)


@transaction.atomic
def disable(*, by: Actor, identity: Identity, at: datetime) -> None:
    """End someone's sessions and let them sign in no more; undone by `enable`.

    Links to set a password that are out stay dead afterwards: one may be why they were stopped.

    Raises:
        OwnLevels: nobody does this to themselves.
        LastAdministrator: they are the Owner, or nobody would be left to administer the tenant.
        NotAPerson: service accounts are disabled on their own page.
    """
    policies.check_person(identity)
    policies.check_may_act_on(by, lock(identity), Permission.IDENTITY_DISABLE)
    policies.check_not_oneself(by, identity)
    policies.check_another_administrator_stays(identity)
    if set_disabled(by=by, identity=identity, at=at):
        record("identity.disabled", by=by, subject=identity, at=at)


def set_disabled(*, by: Actor, identity: Identity, at: datetime) -> bool:
    """Mark as disabled, for the actions that mean it; False if it already was."""
    count = bulk.disable_all(Identity.objects.filter(pk=identity.pk), by=by, at=at)
    identity.refresh_from_db()
    return count == 1


@transaction.atomic
def enable(*, by: Actor, identity: Identity, at: datetime) -> None:
    """Let someone sign in again; the sessions that were ended stay so."""
    policies.check_person(identity)
    policies.check_may_act_on(by, lock(identity), Permission.IDENTITY_DISABLE)
    if set_enabled(identity=identity, at=at):
        record("identity.enabled", by=by, subject=identity, at=at)


def set_enabled(*, identity: Identity, at: datetime) -> bool:
    """Take the mark of `set_disabled` away; False if there was none."""
    count = bulk.enable_all(Identity.objects.filter(pk=identity.pk), at=at)
    identity.refresh_from_db()
    return count == 1


@transaction.atomic
def delete(
    *, by: Actor, identity: Identity, at: datetime, opened_at: datetime | None = None
) -> None:
    """Delete a person. Their record stays as a tombstone; their user name is free again.

    The service accounts that they own work on, and are flagged as having no owner.

    Raises:
        OwnLevels: nobody does this to themselves.
        LastAdministrator: they are the Owner, or nobody would be left to administer the tenant.
        NotAPerson: service accounts are deleted on their own page.
        EditConflict: somebody changed it since `opened_at`.
    """
    policies.check_person(identity)
    current = lock(identity)
    policies.check_may_act_on(by, current, Permission.IDENTITY_MANAGE)
    if opened_at not in (None, current.changed_at):
        raise EditConflict(current)
    policies.check_not_oneself(by, identity)
    policies.check_another_administrator_stays(identity)
    before = {
        "user_name": identity.user_name,
        "email": identity.email,
        "levels": sorted(identity.levels),
        "owned_service_accounts": identity.owned_service_accounts.filter(deleted_at=None).count(),
    }
    name = identity.user_name
    if not bury(by=by, identity=identity, at=at):
        return
    identity.user_name = name  # the event names whom everybody knew, not the tombstone
    record("identity.deleted", by=by, subject=identity, before=before, at=at)


@transaction.atomic
def end_sessions(*, by: Actor, identity: Identity, at: datetime) -> None:
    """Sign someone out everywhere; they may also do this to themselves."""
    if by.actor_id != identity.actor_id:
        policies.check_may_act_on(by, lock(identity), Permission.IDENTITY_DISABLE)
    Identity.objects.existing().filter(pk=identity.pk).update(
        session_generation=F("session_generation") + 1
    )
    identity.refresh_from_db()
    record("identity.sessions_ended", by=by, subject=identity, at=at)


def bury(*, by: Actor, identity: Identity, at: datetime) -> bool:
    """Turn an identity into a tombstone, for the actions that delete; False if it is one."""
    count = bulk.bury_all(Identity.objects.filter(pk=identity.pk), by=by, at=at)
    identity.refresh_from_db()
    return count == 1
