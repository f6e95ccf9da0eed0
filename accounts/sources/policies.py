from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed, check_may, may
from accounts.identities.models import Identity, IdentityKind
from accounts.lib.errors import DomainError
from accounts.lib.registry import Registry
from accounts.sources.models import Source


class BadOwner(DomainError):
    """The proposed owner cannot answer for a source."""

    code = "bad_owner"


UseOfSource = Callable[[Source], str]
"""Says who uses a source, for people; empty if nobody."""

uses: Registry[UseOfSource] = Registry("use of a source")
"""A source in use is not deleted; who uses sources registers here."""


def may_add(by: Actor) -> bool:
    return may(by, Permission.SOURCE_MANAGE)


def check_may_add(by: Actor) -> None:
    check_may(by, Permission.SOURCE_MANAGE)


def may_manage(by: Actor, source: Source) -> bool:
    """All sources by permission; with the lesser one those that one owns."""
    if may(by, Permission.SOURCE_MANAGE_ALL):
        return True
    return may(by, Permission.SOURCE_MANAGE) and by.actor_id == str(source.owner_id)


def check_may_manage(by: Actor, source: Source) -> None:
    """Ask with the source locked: it may have been handed over meanwhile.

    Raises:
        NotAllowed: neither do all sources belong to what `by` manages, nor does this one.
    """
    check_may(by, Permission.SOURCE_MANAGE)
    if not may_manage(by, source):
        raise NotAllowed(Permission.SOURCE_MANAGE_ALL)


def may_choose_owner(by: Actor) -> bool:
    return may(by, Permission.SOURCE_MANAGE_ALL)


def check_owner(by: Actor, owner: Identity | None, *, current: Identity | None) -> None:
    """An owner is a person who can sign in, or nobody; who was the owner already may stay.

    Whoever manages only their own sources adds them for themselves, and hands none over.

    Raises:
        BadOwner: it is neither, or not for `by` to choose.
    """
    if owner == current and (owner is not None or may_choose_owner(by)):
        return
    if not may_choose_owner(by) and (owner is None or owner.actor_id != by.actor_id):
        raise BadOwner(
            _("The sources that you add belong to you. Ask an administrator to hand them over."),
            field="owner",
        )
    if owner is None:
        return
    if owner.kind != IdentityKind.PERSON or owner.disabled_at or owner.deleted_at:
        raise BadOwner(_("Choose a person who can sign in."), field="owner")


def users_of(source: Source) -> list[str]:
    """What would break without the source."""
    return [text for use in uses.values() if (text := use(source))]
