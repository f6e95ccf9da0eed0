from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _

from accounts.audit.actors import Actor
from accounts.authorization.levels import ADMINISTRATORS, OWNER, permissions_of
from accounts.authorization.models import LevelAssignment
from accounts.authorization.permissions import FOR_PEOPLE, Permission
from accounts.authorization.policies import check_may, may
from accounts.identities.models import Identity, IdentityKind
from accounts.lib.errors import DomainError
from accounts.lib.registry import Registry

WHO_SIGNS_IN: Final = frozenset({IdentityKind.PERSON, IdentityKind.SERVICE})
"""Kinds that may set a password; one that is not named here may not."""


EVERYTHING: Final = frozenset(Permission)
BASIC: Final = permissions_of(())
"""What everybody may do who holds no user level."""

OwnedFields = Callable[[Identity], Mapping[str, str]]

owned_fields: Registry[OwnedFields] = Registry("owner of fields")
"""Who else writes fields of an identity, or of its service account: by field, where its value
comes from, in words. These fields are not edited by hand."""


class OwnedElsewhere(DomainError):
    """The value is not typed here: it would be overwritten the next time."""

    code = "owned_elsewhere"

    def __init__(self, field: str, origin: str) -> None:
        """`origin` is where the value comes from, in words."""
        super().__init__(
            message=_(
                "This value comes from %(origin)s. Change it there and apply the changes: what is "
                "typed here would be overwritten."
            )
            % {"origin": origin},
            field=field,
        )


class LastAdministrator(DomainError):
    """The tenant would be left without an active administrator."""

    code = "last_administrator"

    def __init__(self) -> None:
        super().__init__(
            message=_(
                "This is the last active tenant administrator. "
                "Make someone else an administrator first."
            )
        )


class OwnerStays(LastAdministrator):
    """The Owner of the tenant would be lost."""

    code = "owner_stays"

    def __init__(self) -> None:
        super(LastAdministrator, self).__init__(
            message=_(
                "This is the Owner of the tenant. They hand it over to somebody else first, in "
                "Tenant settings > Owner."
            )
        )


class OwnLevels(DomainError):
    """Nobody changes their own levels, and nobody disables or deletes themselves."""

    code = "own_account"


class NotAPerson(DomainError):
    """The act is for people; a service account has pages of its own for it."""

    code = "not_a_person"

    def __init__(self) -> None:
        super().__init__(
            message=_("This identity is no person. Do this on the page of its service account.")
        )


class AboveOneself(DomainError):
    """The identity may do, or is to be given, something that the actor may not do themselves."""

    code = "above_oneself"


def check_may_act_on(by: Actor, identity: Identity, permission: Permission) -> None:
    """What is asked before every act on another identity; ask with the identity locked.

    Who may set a password, a mail address or an end to somebody could step into their shoes: so
    nobody does that to anyone who may do more than they, also while that one is disabled.

    Raises:
        NotAllowed: `by` lacks the permission.
        AboveOneself: the identity holds levels that carry more than `by` may do.
    """
    check_may(by, permission)
    check_reaches(by, identity)


def check_reaches(by: Actor, identity: Identity) -> None:
    """Nobody changes what lets somebody in who may do more than they.

    Raises:
        AboveOneself
    """
    if not may_reach(by, identity):
        raise AboveOneself(
            message=_(
                "%(name)s holds user levels or roles that carry more than yours. Ask somebody who "
                "may do as much, such as an administrator."
            )
            % {"name": identity.display_name}
        )


def may_act_on(by: Actor, identity: Identity, permission: Permission) -> bool:
    return may(by, permission) and may_reach(by, identity)


def may_reach(by: Actor, identity: Identity) -> bool:
    """Whether an identity may do nothing, once it is enabled, that `by` may not do."""
    carried = _carried(by)
    return carried >= EVERYTHING or carried >= identity.carried


def administrators_above(by: Actor) -> list[Identity]:
    """Who administers the tenant and may do more than `by`."""
    rows = Identity.objects.existing().administrators().prefetch_related("level_assignments")
    return [each for each in rows if not may_reach(by, each)]


def check_may_give(by: Actor, levels: Iterable[str]) -> None:
    """Nobody gives to others what they do not have.

    Raises:
        AboveOneself: the levels carry more than `by` may do.
    """
    if not _carried(by) >= permissions_of(levels):
        raise AboveOneself(
            message=_("You cannot give a user level that carries more than yours."),
            field="levels",
        )


def _carried(by: Actor) -> frozenset[Permission]:
    """What somebody may do; of a service account also what only people can use of its levels, for
    else it would be below everybody."""
    held = frozenset(permission for permission in Permission if may(by, permission))
    if isinstance(by, Identity) and by.is_active:
        held |= by.carried & FOR_PEOPLE
    return held


def may_sign_in(identity: Identity, *, at: datetime) -> bool:
    """Whether somebody may use the console with this identity, by whatever proof.

    Every way in asks this, and every request of a session once more. A service account may as
    long as its keys may be used: not while it is disabled, nor after its end.
    """
    if not identity.is_active or identity.kind not in WHO_SIGNS_IN or identity.web_services_only:
        return False
    return not has_ended(identity, at=at)


def has_ended(identity: Identity, *, at: datetime) -> bool:
    """Whether the service account of the identity, if it is one, is past its end date."""
    if identity.kind != IdentityKind.SERVICE:
        return False
    try:
        ends_at = identity.service_account.ends_at
    except ObjectDoesNotExist:
        return True  # nobody answers for it
    return ends_at is not None and ends_at <= at


def may_take_factors(by: Actor) -> bool:
    """Whether a reset by them also takes second factors away."""
    return may(by, Permission.IDENTITY_MANAGE)


def check_not_oneself(by: Actor, identity: Identity) -> None:
    if by.actor_id == identity.actor_id:
        raise OwnLevels(message=_("You cannot do this to your own account. Ask a colleague."))


def may_more_than_anybody(identity: Identity) -> bool:
    """Whether its user levels or roles let it do more in the console than everybody may."""
    return bool(identity.carried - BASIC)


def not_edited_by_hand(identity: Identity) -> dict[str, str]:
    """The fields whose values come from elsewhere, each with where that is, in words."""
    return {
        name: origin for owner in owned_fields.values() for name, origin in owner(identity).items()
    }


def check_person(identity: Identity) -> None:
    if not identity.is_person:
        raise NotAPerson


def check_another_administrator_stays(identity: Identity) -> None:
    """Refuse what would take away the Owner, or the last administrator who can sign in.

    Somebody who was made administrator but has not registered yet does not count.
    Every act that can take one away comes through here, with the person locked, and locks all
    administrators' rows in one order before it counts: of two such acts at once the second
    counts what the first left. (SQLite's write transactions begin IMMEDIATE and are serial.)
    """
    held = lock_administrators()
    if identity.pk not in {holder for holder, _level in held}:
        return
    if (identity.pk, OWNER) in held:
        raise OwnerStays
    able = Identity.objects.get_queryset().active().registered().people()
    others = able.filter(pk__in=[holder for holder, _level in held]).exclude(pk=identity.pk)
    if not others.exists():
        raise LastAdministrator


def lock_administrators() -> list[tuple[UUID, str]]:
    """Who administers the tenant by which level; that stays so until the transaction ends. Ask
    with those locked who are to be changed."""
    rows = LevelAssignment.objects.select_for_update(of=("self",)).filter(level__in=ADMINISTRATORS)
    return list(rows.order_by("identity_id", "level").values_list("identity_id", "level"))
