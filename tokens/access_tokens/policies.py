from __future__ import annotations

from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed, may
from accounts.models import Identity, ServiceAccount
from accounts.service_accounts.policies import may_manage
from tokens.personal_access_tokens.policies import account_of


def may_revoke_all(by: Actor, holder: ServiceAccount | Identity) -> bool:
    """People may stop their own access tokens, and who revokes any those of people.

    Those of a service account its owner may, and who manages service accounts; not the account
    itself, where it has signed in, since its keys are in the hands of others.
    """
    account = holder if isinstance(holder, ServiceAccount) else account_of(holder)
    if account is None:
        is_own = by.actor_id == str(holder.pk) and may(by, Permission.TOKEN_OWN)
        return is_own or may(by, Permission.TOKEN_REVOKE_ALL)
    owns = account.owner_id is not None and str(account.owner_id) == by.actor_id
    return may_manage(by) or (owns and may(by, Permission.TOKEN_OWN))


def check_may_revoke_all(by: Actor, holder: ServiceAccount | Identity) -> None:
    if not may_revoke_all(by, holder):
        of_person = isinstance(holder, Identity) and account_of(holder) is None
        raise NotAllowed(
            Permission.TOKEN_REVOKE_ALL if of_person else Permission.SERVICE_ACCOUNT_MANAGE
        )
