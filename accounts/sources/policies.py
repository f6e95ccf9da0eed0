from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may, may
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


def may_manage(by: Actor) -> bool:
    return may(by, Permission.SOURCE_MANAGE)


def check_may_manage(by: Actor) -> None:
    check_may(by, Permission.SOURCE_MANAGE)


def check_owner(owner: Identity | None, *, current: Identity | None) -> None:
    """An owner is a person who can sign in, or nobody; who was the owner already may stay.

    Raises:
        BadOwner: it is neither.
    """
    if owner is None or owner == current:
        return
    if owner.kind != IdentityKind.PERSON or owner.disabled_at or owner.deleted_at:
        raise BadOwner(_("Choose a person who can sign in."), field="owner")


def users_of(source: Source) -> list[str]:
    """What would break without the source."""
    return [text for use in uses.values() if (text := use(source))]
