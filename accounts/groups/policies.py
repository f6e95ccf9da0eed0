from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed, check_may, may
from accounts.groups.models import Group
from accounts.identities.models import Identity, IdentityKind
from accounts.lib.errors import DomainError


class BadManager(DomainError):
    """The proposed manager cannot answer for a group."""

    code = "bad_manager"


def check_may_manage(by: Actor) -> None:
    check_may(by, Permission.GROUP_MANAGE)


def check_may_provision(by: Actor, *, gives: bool = False) -> None:
    """Groups that give nothing may also be made, renamed and deleted by who provisions them.

    Raises:
        NotAllowed: `gives` is whether it is about more than that.
    """
    if gives or not may(by, Permission.GROUP_PROVISION):
        check_may(by, Permission.GROUP_MANAGE)


def answers_for(by: Actor, group: Group) -> bool:
    """Whether the group is theirs to fill with whom they like, as it is not for whoever only
    repeats what a directory says."""
    if may(by, Permission.GROUP_MANAGE):
        return True
    return may(by, Permission.GROUP_MANAGE_OWN) and str(group.manager_id) == by.actor_id


def may_change_members(by: Actor, group: Group) -> bool:
    return may(by, Permission.GROUP_PROVISION) or answers_for(by, group)


def check_may_change_any_members(by: Actor) -> None:
    """Asked before the group is known as it stands; see `check_may_change_members`."""
    if not may(by, Permission.GROUP_MANAGE) and not may(by, Permission.GROUP_PROVISION):
        check_may(by, Permission.GROUP_MANAGE_OWN)


def check_may_change_members(by: Actor, group: Group) -> None:
    if not may_change_members(by, group):
        raise NotAllowed(Permission.GROUP_MANAGE)


def check_manager(manager: Identity | None, *, group: Group | None = None) -> None:
    """A person who can sign in, or nobody; one who was disabled since may stay.

    Raises:
        BadManager
    """
    if manager is None or (group is not None and group.manager_id == manager.pk):
        return
    if manager.kind != IdentityKind.PERSON or not manager.is_active:
        message = _("The manager must be a person who can sign in. Choose someone else.")
        raise BadManager(message, field="manager")
