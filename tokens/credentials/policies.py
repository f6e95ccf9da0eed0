from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed, may
from accounts.identities.policies import check_may_act_on
from accounts.lib.errors import DomainError
from accounts.models import Identity, ServiceAccount
from accounts.service_accounts import policies as service_accounts
from accounts.service_accounts.states import Status
from tokens.credentials.models import Credential, KeyOrigin, KeyPickup
from tokens.scopes.coverage import given_by_administrators


class NotYourPickup(DomainError):
    """Somebody else's key, or one that was withdrawn, claimed or has lapsed."""

    code = "not_your_pickup"

    def __init__(self) -> None:
        super().__init__(
            message=_(
                "This key is not waiting for you any more. It may have been downloaded, "
                "withdrawn or lapsed. Ask a tenant administrator to offer it again."
            )
        )


class AccountNotActive(DomainError):
    """Keys are made for active accounts only."""

    code = "account_not_active"


class RisenSince(DomainError):
    """The account may do more by now than when its credential was decided about."""

    code = "risen_since"

    def __init__(self, *, is_known: bool = True) -> None:
        """`is_known`: whether what it might do then was kept; for old offers it was not."""
        message = _(
            "This account may do more by now than when this was offered to you, and more than "
            "you may. Ask for it again: then somebody decides who knows that."
        )
        if not is_known:
            message = _(
                "This account may do more than you may, and what it might do when this was offered "
                "was not kept then. Ask for it again: then somebody decides who knows that."
            )
        super().__init__(message=message)


def may_issue(by: Actor) -> bool:
    return service_accounts.may_manage(by)


def check_may_issue(by: Actor) -> None:
    service_accounts.check_may_manage(by)


def check_may_issue_for(by: Actor, account: ServiceAccount) -> None:
    """A key of somebody who may do more would be a way up, as a token would; ask with the account
    locked.

    Raises:
        NotAllowed, AboveOneself
    """
    check_may_act_on(by, account.identity, Permission.SERVICE_ACCOUNT_MANAGE)


def check_account_takes_keys(account: ServiceAccount, at: datetime) -> None:
    if account.status_at(at) in (Status.DELETED, Status.ENDED):
        raise AccountNotActive(
            message=_("This service account has ended. Change its end date first.")
        )


def may_confirm_stored(by: Actor, account: ServiceAccount, credential: Credential) -> bool:
    """Whether the key can have been shown to them: they issue keys, or picked this one up."""
    if credential.origin == KeyOrigin.OWNER:
        return by.actor_id == str(account.owner_id)
    return service_accounts.may_manage(by)


def check_may_confirm_stored(by: Actor, account: ServiceAccount, credential: Credential) -> None:
    if not may_confirm_stored(by, account, credential):
        raise NotAllowed(Permission.SERVICE_ACCOUNT_MANAGE)


def check_may_claim(by: Identity, pickup: KeyPickup) -> None:
    """Only the owner whom the administrator named, while they can sign in."""
    if pickup.owner_id != by.pk or not by.is_active:
        raise NotYourPickup


def rights_of(identity: Identity) -> list[str]:
    """What an offer of a credential keeps of what the identity may do in the console."""
    return sorted(identity.carried)


def scopes_of(account: ServiceAccount) -> list[str]:
    """The scopes that its keys can ask for, by itself and by its roles."""
    return sorted({*account.scopes, *account.identity.rights_by_roles.scopes})


def check_not_risen(by: Identity, identity: Identity, carried: Collection[str] | None) -> None:
    """An offer counts for the rights that the account had then: what it got since may be above
    whoever has come for it, and nobody has decided that they get it.

    Raises:
        RisenSince
    """
    if identity.carried - by.carried - set(carried or ()):
        raise RisenSince(is_known=carried is not None)


def check_key_not_risen(by: Identity, account: ServiceAccount, pickup: KeyPickup) -> None:
    """As `check_not_risen`; a key also has what scopes its account has got.

    Raises:
        RisenSince
    """
    check_not_risen(by, account.identity, pickup.carried)
    new = given_by_administrators(scopes_of(account), had=pickup.scopes or ())
    if new and not may(by, Permission.SCOPE_GIVE_RESTRICTED):
        raise RisenSince(is_known=pickup.scopes is not None)
