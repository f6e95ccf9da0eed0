from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.audit.actors import Actor, SystemActor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may, may
from accounts.identities.models import Identity, IdentityKind
from accounts.identities.policies import AboveOneself, OwnLevels
from accounts.lib.errors import DomainError
from accounts.roles.reach import NOTHING, Carried
from accounts.service_accounts.policies import check_scopes


class UnknownPermission(DomainError):
    """There is no console permission of this name."""

    code = "unknown_permission"


def check_may_manage(by: Actor) -> None:
    check_may(by, Permission.ROLE_MANAGE)


def check_permissions(names: Iterable[str]) -> list[str]:
    """The console permissions meant, in the order of their table.

    Raises:
        UnknownPermission
    """
    wanted = set(names)
    if unknown := sorted(wanted - {permission.value for permission in Permission}):
        message = _("There is no permission “%(name)s”.") % {"name": unknown[0][:100]}
        raise UnknownPermission(message, field="permissions")
    return [permission.value for permission in Permission if permission.value in wanted]


def check_may_give(by: Actor, carried: Carried, *, had: Carried = NOTHING) -> None:
    """Nobody gives rights by a role that they could not give otherwise; what was there may stay.

    Raises:
        AboveOneself: it carries a console permission that `by` lacks.
        NotAllowed: it carries scopes, and `by` may not give any to an account.
        BadScopes: it carries restricted ones, and `by` may not give these.
    """
    if any(not may(by, permission) for permission in carried.permissions - had.permissions):
        message = _("You cannot give by a role what you may not do yourself.")
        raise AboveOneself(message, field="permissions")
    if carried.scopes - had.scopes:
        check_may(by, Permission.SERVICE_ACCOUNT_MANAGE)
        check_scopes(by, sorted(carried.scopes), had=sorted(had.scopes))


def check_not_for_oneself(by: Actor, identity: Identity) -> None:
    """Who does not administer everything gives rights neither to themselves nor to what they own.

    Raises:
        OwnLevels
    """
    if isinstance(by, SystemActor) or all(may(by, permission) for permission in Permission):
        return
    if by.actor_id == identity.actor_id or _is_owned_by(identity, by):
        message = _("You cannot do this for yourself or an account that you own. Ask a colleague.")
        raise OwnLevels(message)


def _is_owned_by(identity: Identity, by: Actor) -> bool:
    if identity.kind != IdentityKind.SERVICE:
        return False
    account = getattr(identity, "service_account", None)
    return account is not None and str(account.owner_id) == by.actor_id
