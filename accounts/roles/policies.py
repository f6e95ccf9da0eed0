from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext as _

from accounts.audit.actors import Actor, SystemActor
from accounts.authorization.levels import ADMIN, LEVELS
from accounts.authorization.permissions import IN_WORDS, Permission
from accounts.authorization.permissions import Permission as P
from accounts.authorization.policies import check_may, may
from accounts.identities.models import Identity, IdentityKind
from accounts.identities.policies import OwnLevels
from accounts.lib.errors import DomainError

NOT_BY_ROLE: Final = frozenset(
    {
        *(P.LEVEL_GRANT, P.GROUP_MANAGE, P.ROLE_MANAGE, P.REQUEST_DECIDE, P.TENANT_MANAGE),
        *(P.OUTBOX_VIEW, P.TENANT_OWN, P.VAULT_ALL_ACCESS),
    }
)
"""Who changes what others may do is an administrator by user level: by a role, whoever had a part
of these could give themselves the rest. In the outbox lie links that set anybody's password."""


ADMINISTERING: Final = LEVELS[ADMIN].permissions


class NotByRole(DomainError):
    """A permission that only the user level of administrators carries."""

    code = "not_by_role"


class UnknownPermission(DomainError):
    """There is no console permission of this name."""

    code = "unknown_permission"


def check_may_manage(by: Actor) -> None:
    check_may(by, Permission.ROLE_MANAGE)


def check_permissions(names: Iterable[str]) -> list[str]:
    """The console permissions meant, in the order of their table.

    Raises:
        UnknownPermission, NotByRole
    """
    wanted = set(names)
    if unknown := sorted(wanted - {permission.value for permission in Permission}):
        message = _("There is no permission “%(name)s”.") % {"name": unknown[0][:100]}
        raise UnknownPermission(message, field="permissions")
    if kept := sorted(each.value for each in NOT_BY_ROLE if each.value in wanted):
        message = _("“%(name)s” comes by the user level of administrators only.")
        raise NotByRole(message % {"name": IN_WORDS[P(kept[0])]}, field="permissions")
    return [permission.value for permission in Permission if permission.value in wanted]


def check_not_for_oneself(by: Actor, identity: Identity) -> None:
    """Who manages a group puts neither themselves nor what they own into it; administrators may.

    Raises:
        OwnLevels
    """
    if isinstance(by, SystemActor) or all(may(by, permission) for permission in ADMINISTERING):
        return
    if by.actor_id == identity.actor_id or _is_owned_by(identity, by):
        message = _("You cannot do this for yourself or an account that you own. Ask a colleague.")
        raise OwnLevels(message)


def _is_owned_by(identity: Identity, by: Actor) -> bool:
    if identity.kind != IdentityKind.SERVICE:
        return False
    account = getattr(identity, "service_account", None)
    return account is not None and str(account.owner_id) == by.actor_id
