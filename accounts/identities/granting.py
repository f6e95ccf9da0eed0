"""User levels: given and taken, of one identity or of several at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.levels import (
    ADMINISTRATORS,
    LEVELS,
    OWNER,
    USER,
    ForbiddenPair,
    forbidden_among,
    permissions_of,
)
from accounts.authorization.models import LevelAssignment
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.identities import policies
from accounts.identities.locking import lock
from accounts.identities.models import Identity
from accounts.lib.errors import DomainError


class UnknownLevel(DomainError):
    """A user level that is not in the table."""

    code = "unknown_level"


class NotGiven(DomainError):
    """The level of the Owner goes from one to the other by itself, not with the others."""

    code = "owner_is_handed_over"

    def __init__(self) -> None:
        super().__init__(
            message=_("The Owner hands the tenant over, in Tenant settings > Owner."),
            field="levels",
        )


class LevelsTogether(DomainError):
    """Two of the levels are not for one holder."""

    code = "levels_together"

    def __init__(self, pairs: Sequence[ForbiddenPair]) -> None:
        super().__init__(message=" ".join(pair.in_words for pair in pairs), field="levels")
        self.pairs = pairs


class ChangedMeanwhile(DomainError):
    """Somebody's levels are not those any more of which the plan spoke."""

    code = "changed_meanwhile"

    def __init__(self) -> None:
        super().__init__(
            message=_("The user levels of somebody changed meanwhile. Look at the plan again.")
        )


class RefusedFor(DomainError):
    """One of several could not be changed, so none was."""

    code = "refused_for"

    def __init__(self, identity: Identity, cause: DomainError) -> None:
        said = {"name": identity.display_name, "reason": cause.message}
        super().__init__(message=_("Nothing was changed. %(name)s: %(reason)s") % said)


class Way(StrEnum):
    """What chosen levels mean for those who hold others already."""

    ADD = "add"
    TAKE = "take"
    EXACTLY = "exactly"

    def applied(self, held: frozenset[str], chosen: frozenset[str]) -> frozenset[str]:
        match self:
            case Way.ADD:
                return held | chosen
            case Way.TAKE:
                return held - chosen
        return chosen


@dataclass(frozen=True)
class Change:
    """What becomes of the levels of one identity, and why not."""

    identity: Identity
    held: frozenset[str]
    wanted: frozenset[str]
    problem: str = ""

    @property
    def gained(self) -> frozenset[Permission]:
        return permissions_of(self.wanted) - permissions_of(self.held)

    @property
    def lost(self) -> frozenset[Permission]:
        return permissions_of(self.held) - permissions_of(self.wanted)

    @property
    def changes(self) -> bool:
        return self.held != self.wanted

    @property
    def is_over_privileged(self) -> bool:
        """Whether something that is no person becomes an administrator by it."""
        gained = self.wanted - self.held
        return not self.identity.is_person and not gained.isdisjoint(ADMINISTRATORS)


def stored(levels: Iterable[str]) -> frozenset[str]:
    """The levels without the basic one, which everybody has.

    Raises:
        UnknownLevel: one is not in the table.
    """
    wanted = frozenset(levels) - {USER}
    if unknown := sorted(wanted - LEVELS.keys()):
        raise UnknownLevel(
            message=_("There is no user level “%(level)s”.") % {"level": unknown[0]},
            field="levels",
        )
    return wanted


@transaction.atomic
def set_levels(*, by: Actor, identity: Identity, levels: Collection[str], at: datetime) -> None:
    """Give an identity exactly these user levels.

    Raises:
        UnknownLevel: a level is not in the table.
        LevelsTogether: two of them are not for one holder.
        NotGiven: the Owner is not made like this.
        OwnLevels: nobody changes their own.
        AboveOneself: somebody holds or is to get what the actor may not do.
        LastAdministrator: nobody would be left to administer the tenant, or no Owner.
    """
    check_may(by, Permission.LEVEL_GRANT)
    wanted = stored(levels)
    # first the person, then all administrators: one order, so nobody waits in a ring
    locked = lock(identity)
    held = frozenset(locked.levels)
    _check(by, locked, held, wanted)
    if held == wanted:
        return
    LevelAssignment.objects.filter(identity=locked, level__in=held - wanted).delete()
    LevelAssignment.objects.bulk_create(
        [
            LevelAssignment(identity=locked, level=level, granted_at=at, granted_by=by.label)
            for level in sorted(wanted - held)
        ]
    )
    identity.forget_cached_rights()
    record(
        "identity.levels_changed",
        by=by,
        subject=locked,
        before={"levels": sorted(held)},
        after={"levels": sorted(wanted)},
        at=at,
    )


def _check(by: Actor, identity: Identity, held: frozenset[str], wanted: frozenset[str]) -> None:
    """What `set_levels` refuses; raises as it does."""
    if pairs := forbidden_among(wanted):
        raise LevelsTogether(pairs)
    policies.check_may_act_on(by, identity, Permission.LEVEL_GRANT)
    policies.check_may_give(by, wanted)
    if OWNER in wanted - held:
        raise NotGiven
    if not (held - wanted).isdisjoint(ADMINISTRATORS):
        policies.check_another_administrator_stays(identity)
    if held != wanted:
        policies.check_not_oneself(by, identity)


@transaction.atomic
def preview(*, by: Actor, identity: Identity, levels: Iterable[str]) -> Change:
    """What `set_levels` would do now; nothing is written.

    Raises:
        NotAllowed, UnknownLevel: as `set_levels`.
    """
    check_may(by, Permission.LEVEL_GRANT)
    held, wanted = frozenset(identity.levels), stored(levels)
    try:
        _check(by, identity, held, wanted)
    except DomainError as error:
        return Change(identity, held, wanted, error.message)
    return Change(identity, held, wanted)


def preview_all(
    *, by: Actor, identities: Iterable[Identity], levels: Collection[str], way: Way
) -> list[Change]:
    """As `preview`, for several; each by itself."""
    check_may(by, Permission.LEVEL_GRANT)
    chosen = stored(levels)
    return [
        preview(by=by, identity=each, levels=way.applied(frozenset(each.levels), frozenset(chosen)))
        for each in identities
    ]


def set_levels_of_several(
    *, by: Actor, identities: Iterable[Identity], levels: Collection[str], way: Way, at: datetime
) -> dict[UUID, str]:
    """Change the levels of each by itself, where that may be; answers why not, "" where it is so.

    Raises:
        NotAllowed, UnknownLevel
    """
    check_may(by, Permission.LEVEL_GRANT)
    chosen = stored(levels)
    found = {}
    with transaction.atomic():
        # all of them first, in one order, and then administrators, as everybody does
        locked = [lock(each) for each in sorted(identities, key=lambda each: each.pk)]
        for each in locked:
            wanted = way.applied(frozenset(each.levels), chosen)
            try:
                with transaction.atomic():
                    set_levels(by=by, identity=each, levels=wanted, at=at)
            except DomainError as error:
                found[each.pk] = error.message
            else:
                found[each.pk] = ""
    return found


@transaction.atomic
def set_levels_of_all(
    *,
    by: Actor,
    identities: Iterable[Identity],
    planned: Mapping[UUID, tuple[frozenset[str], frozenset[str]]],
    at: datetime,
) -> int:
    """Give several identities the levels of a plan: to all of them or to none; answers how many.

    `planned` has what each held when the plan was shown, and what they are to hold.

    Raises:
        ChangedMeanwhile: somebody holds other levels by now.
        RefusedFor: one could not be changed; its message says who, and why.
    """
    check_may(by, Permission.LEVEL_GRANT)
    ordered = sorted(identities, key=lambda each: each.pk)
    # all of them first, in one order, and then administrators, as everybody does
    for identity in ordered:
        if lock(identity).levels != planned[identity.pk][0]:
            raise ChangedMeanwhile
    for identity in ordered:
        try:
            set_levels(by=by, identity=identity, levels=planned[identity.pk][1], at=at)
        except DomainError as error:
            raise RefusedFor(identity, error) from error
    return len(ordered)
