"""The Owner of the tenant: one person, who stays it until they hand the tenant over."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import SYSTEM, Actor, SystemActor
from accounts.authorization.levels import ADMIN, ADMINISTRATORS, OWNER
from accounts.authorization.models import LevelAssignment
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed, check_may
from accounts.identities import notices, policies
from accounts.identities.locking import lock
from accounts.identities.models import Identity
from accounts.lib.errors import DomainError


class CannotOwn(DomainError):
    """The Owner is a person who can sign in."""

    code = "cannot_own"

    def __init__(self, person: Identity) -> None:
        said = {"name": person.display_name}
        super().__init__(
            message=_(
                "%(name)s cannot be the Owner: that is a person who is enabled and has registered."
            )
            % said,
            field="to",
        )


def owner() -> Identity | None:
    """Who owns the tenant; an installation of before may have nobody."""
    return Identity.objects.existing().holding(OWNER).first()


def owner_since(person: Identity) -> datetime | None:
    """Since when they are the Owner."""
    rows = LevelAssignment.objects.filter(identity=person, level=OWNER)
    return rows.values_list("granted_at", flat=True).first()


@transaction.atomic
def hand_over(*, by: Actor, to: Identity, at: datetime) -> Identity | None:
    """Make another the Owner, who is told by mail as is the one before, and answer the latter.

    The Owner before stays as Admin. The machine itself may do it too, for an Owner who is gone.

    Raises:
        NotAllowed: `by` is not the Owner (any more).
        OwnLevels: they are the Owner already.
        CannotOwn: it is nobody who signs in.
        IdentityGone
    """
    check_may(by, Permission.TENANT_OWN)
    policies.check_not_oneself(by, to)
    before = owner()
    # first the people in one order, then administrators, as everybody does
    people = {each.pk: each for each in (before, to) if each is not None}
    locked = {pk: lock(people[pk]) for pk in sorted(people)}
    held = policies.lock_administrators()
    owners = {holder for holder, level in held if level == OWNER}
    if owners != ({before.pk} if before else set()):
        raise NotAllowed(Permission.TENANT_OWN)  # it went to somebody else a moment ago
    if not isinstance(by, SystemActor) and by.actor_id not in {str(pk) for pk in owners}:
        raise NotAllowed(Permission.TENANT_OWN)
    new = locked[to.pk]
    if new.pk in owners:
        raise policies.OwnLevels(message=_("They are the Owner already."), field="to")
    if not (new.is_person and new.is_active and new.is_registered):
        raise CannotOwn(new)
    old = locked[before.pk] if before else None
    if old:
        _change(by, old, frozenset(old.levels) - {OWNER} | {ADMIN}, at)
    _change(by, new, frozenset(new.levels) - set(ADMINISTRATORS) | {OWNER}, at)
    to.forget_cached_rights()
    record(
        "identity.became_owner",
        by=by,
        subject=new,
        before={"owner": old.user_name if old else ""},
        after={"owner": new.user_name},
        at=at,
    )
    _tell(new, old, at=at)
    return old


@transaction.atomic
def appoint_first(*, first: Identity, at: datetime) -> None:
    """Make the first administrator the Owner, of a tenant that has just been set up.

    Whoever asks has made sure that there is no administrator yet.
    """
    _change(SYSTEM, lock(first), frozenset({OWNER}), at)
    first.forget_cached_rights()


def _change(by: Actor, person: Identity, wanted: frozenset[str], at: datetime) -> None:
    had = frozenset(person.levels)
    rows = LevelAssignment.objects
    rows.filter(identity=person, level__in=had - wanted).delete()
    rows.bulk_create(
        [
            LevelAssignment(identity=person, level=level, granted_at=at, granted_by=by.label[:200])
            for level in sorted(wanted - had)
        ]
    )
    person.forget_cached_rights()
    record(
        "identity.levels_changed",
        by=by,
        subject=person,
        before={"levels": sorted(had)},
        after={"levels": sorted(wanted)},
        at=at,
    )


def _tell(new: Identity, old: Identity | None, *, at: datetime) -> None:
    for person, what, other in (
        (new, notices.OWNER_NOW, old),
        (old, notices.OWNER_BEFORE, new),
    ):
        if person is not None and person.email:
            facts = {"other": other.display_name if other else _("nobody")}
            told = notices.Notice(person.user_name, person.display_name, [person.email], facts)
            notices.tell_all([told], what, at=at)
