from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.levels import ADMIN, LEVELS, USER
from accounts.authorization.models import LevelAssignment
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.identities import policies
from accounts.identities.models import Identity, IdentityKind, Origin
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_name, clean_user_name, skeleton


class UserNameTaken(DomainError):
    """Another identity has this user name, or one that looks like it."""

    code = "user_name_taken"


class UnknownLevel(DomainError):
    """A user level that is not in the table."""

    code = "unknown_level"


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
        user_name=clean_user_name(user_name),
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
            message=_("Someone already has the user name “%(name)s”. Choose another one.")
            % {"name": identity.user_name},
            field="user_name",
        ) from error
    return identity


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
    """Add a person, who has no password until they follow their invitation."""
    policies.check_may_manage(by)
    person = new_identity(
        kind=IdentityKind.PERSON,
        user_name=user_name,
        display_name=" ".join(part for part in (first_name, last_name) if part) or user_name,
        first_name=first_name,
        last_name=last_name,
        email=email,
        origin=origin,
        at=at,
    )
    record(
        "identity.created",
        by=by,
        subject=person,
        after={"user_name": person.user_name, "email": email, "kind": person.kind},
        at=at,
    )
    if levels:
        set_levels(by=by, identity=person, levels=levels, at=at)
    return person


@transaction.atomic
def edit_person(
    *, by: Actor, identity: Identity, first_name: str, last_name: str, email: str, at: datetime
) -> None:
    """Change how a person is called and where mail for them goes."""
    policies.check_may_manage(by)
    new = {
        "first_name": first_name,
        "last_name": last_name,
        "email": email,
        "display_name": " ".join(p for p in (first_name, last_name) if p) or identity.user_name,
    }
    old = {name: getattr(identity, name) for name in new}
    changed = [name for name in new if new[name] != old[name]]
    if not changed:
        return
    for name in changed:
        setattr(identity, name, new[name])
    identity.changed_at = at
    identity.save(update_fields=[*changed, "changed_at"])
    record(
        "identity.edited",
        by=by,
        subject=identity,
        before={name: old[name] for name in changed},
        after={name: new[name] for name in changed},
        at=at,
    )


@transaction.atomic
def set_levels(*, by: Actor, identity: Identity, levels: Collection[str], at: datetime) -> None:
    """Give an identity exactly these user levels.

    Raises:
        UnknownLevel: a level is not in the table.
        OwnLevels: the actor would give a level to themselves.
        LastAdministrator: nobody would be left to administer the tenant.
    """
    check_may(by, Permission.LEVEL_GRANT)
    wanted = set(levels) - {USER}
    if unknown := sorted(wanted - LEVELS.keys()):
        raise UnknownLevel(
            message=_("There is no user level “%(level)s”.") % {"level": unknown[0]},
            field="levels",
        )
    if ADMIN not in wanted:
        policies.check_another_administrator_stays(identity)
    rows = LevelAssignment.objects.select_for_update(of=("self",)).filter(identity=identity)
    held = {row.level for row in rows}
    if held == wanted:
        return
    if wanted - held:
        policies.check_not_oneself(by, identity)
    rows.filter(level__in=held - wanted).delete()
    LevelAssignment.objects.bulk_create(
        [
            LevelAssignment(identity=identity, level=level, granted_at=at, granted_by=by.label)
            for level in sorted(wanted - held)
        ]
    )
    identity.forget_cached_rights()
    record(
        "identity.levels_changed",
        by=by,
        subject=identity,
        before={"levels": sorted(held)},
        after={"levels": sorted(wanted)},
        at=at,
    )


@transaction.atomic
def disable(*, by: Actor, identity: Identity, at: datetime) -> None:
    """Stop someone from signing in and all of their credentials; undone by `enable`."""
    policies.check_may_manage(by)
    policies.check_not_oneself(by, identity)
    policies.check_another_administrator_stays(identity)
    if not set_disabled(by=by, identity=identity, at=at):
        return
    record("identity.disabled", by=by, subject=identity, at=at)


def set_disabled(*, by: Actor, identity: Identity, at: datetime) -> bool:
    """Mark as disabled, for the actions that mean it; False if it already was."""
    count = (
        Identity.objects.active()
        .filter(pk=identity.pk)
        .update(disabled_at=at, disabled_by=by.label[:200], changed_at=at)
    )
    identity.refresh_from_db()
    return count == 1


@transaction.atomic
def enable(*, by: Actor, identity: Identity, at: datetime) -> None:
    policies.check_may_manage(by)
    if set_enabled(identity=identity, at=at):
        record("identity.enabled", by=by, subject=identity, at=at)


def set_enabled(*, identity: Identity, at: datetime) -> bool:
    """Take the mark of `set_disabled` away; False if there was none."""
    count = (
        Identity.objects.existing()
        .filter(pk=identity.pk, disabled_at__isnull=False)
        .update(disabled_at=None, disabled_by="", changed_at=at)
    )
    identity.refresh_from_db()
    return count == 1


@transaction.atomic
def delete(*, by: Actor, identity: Identity, at: datetime) -> None:
    """Delete a person. Their record stays as a tombstone; their user name is free again."""
    policies.check_may_manage(by)
    policies.check_not_oneself(by, identity)
    policies.check_another_administrator_stays(identity)
    if identity.kind != IdentityKind.PERSON:
        raise DomainError(message=_("Delete a service account on its own page."))
    if not bury(by=by, identity=identity, at=at):
        return
    record("identity.deleted", by=by, subject=identity, at=at)


def bury(*, by: Actor, identity: Identity, at: datetime) -> bool:
    """Turn an identity into a tombstone, for the actions that delete; False if it is one."""
    freed = identity.pk.hex
    count = (
        Identity.objects.existing()
        .filter(pk=identity.pk)
        .update(
            deleted_at=at,
            deleted_by=by.label[:200],
            changed_at=at,
            user_name=f"{identity.user_name[:160]}~{freed}",
            user_name_key=f"~{freed}",
            password="!",  # noqa: S106  # unusable, as Django marks it
        )
    )
    LevelAssignment.objects.filter(identity=identity).delete()
    identity.refresh_from_db()
    return count == 1
