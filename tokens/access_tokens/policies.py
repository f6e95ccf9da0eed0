from __future__ import annotations

from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed, may
from accounts.models import ServiceAccount
from accounts.service_accounts.policies import may_manage


def may_revoke_all(by: Actor, account: ServiceAccount) -> bool:
    """The owner of an account may stop its access tokens, and who manages service accounts."""
    owns = account.owner_id is not None and str(account.owner_id) == by.actor_id
    return may_manage(by) or (owns and may(by, Permission.TOKEN_OWN))


def check_may_revoke_all(by: Actor, account: ServiceAccount) -> None:
    if not may_revoke_all(by, account):
        raise NotAllowed(Permission.SERVICE_ACCOUNT_MANAGE)
