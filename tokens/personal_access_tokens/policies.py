from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.audit.actors import Actor, SystemActor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed, may
from accounts.identities.models import IdentityKind
from accounts.identities.policies import has_ended, may_reach
from accounts.lib.errors import DomainError
from accounts.models import Identity, ServiceAccount
from tokens.credentials.models import Credential
from tokens.credentials.within import Asking, BeyondToken


class HolderNotActive(DomainError):
    """Tokens are made for identities that can be used."""

    code = "holder_not_active"


def may_make_for(by: Actor, holder: Identity) -> bool:
    """Whether somebody may make a token that acts as `holder`.

    Everybody may for themselves. For a service account its owner and who manages service
    accounts may, unless it can do more than they: a token would be a way up. For another person
    nobody may, not even an administrator; only who has the machine has its command line.
    """
    if isinstance(by, SystemActor):
        return True
    if by.actor_id == holder.actor_id:
        return may(by, Permission.TOKEN_OWN)
    account = account_of(holder)
    if account is None or not may_reach(by, holder):
        return False
    return may(by, Permission.SERVICE_ACCOUNT_MANAGE) or _owns(by, account)


def why_not_for(by: Actor, holder: Identity) -> str:
    """Why whoever answers for a service account may make no token of it; empty where they may,
    and where nobody would expect it of them."""
    account = account_of(holder)
    answers = account is not None and (
        may(by, Permission.SERVICE_ACCOUNT_MANAGE) or _owns(by, account)
    )
    if not answers or may_reach(by, holder):
        return ""
    said = _(
        "%(name)s may do what you may not, by its user levels or roles, and a token of it would "
        "let you do the same. Ask somebody who may do as much, such as a tenant administrator."
    )
    return said % {"name": holder.display_name}


def check_may_make_for(by: Actor, holder: Identity) -> None:
    if not may_make_for(by, holder):
        raise NotAllowed(Permission.SERVICE_ACCOUNT_MANAGE)


def check_still_signed_in(by: Actor, holder: Identity) -> None:
    """Whoever was reset or signed out a moment ago makes no token with what they had open.

    Raises:
        NotAllowed: the sessions of `holder`, who is locked, were ended since `by` was read.
    """
    if not isinstance(by, Identity) or by.pk != holder.pk:
        return
    if by.session_generation != holder.session_generation:
        raise NotAllowed(Permission.TOKEN_OWN)


def check_not_its_own(asking: Asking | None, token: Credential, ends: datetime | None) -> None:
    """A token that somebody stole would else live for ever; None is without an end.

    Raises:
        BeyondToken
    """
    later = token.expires_at is not None and (ends is None or ends > token.expires_at)
    if asking is not None and later and token.pk == asking.credential_id:
        message = _("A token does not prolong itself. Use another one.")
        raise BeyondToken(message, field="expires_at")


def may_have_seen(by: Actor, token: Credential) -> bool:
    """Whether the secret can have been shown to them."""
    return by.actor_id == str(token.made_by_id) or may_make_for(by, token.identity)


def may_revoke(by: Actor, token: Credential) -> bool:
    """The holder may, the owner of a service account, and who manages identities."""
    if by.actor_id == str(token.identity_id) or may(by, Permission.TOKEN_REVOKE_ALL):
        return True
    account = account_of(token.identity)
    return account is not None and _owns(by, account)


def check_may_revoke(by: Actor, token: Credential) -> None:
    if not may_revoke(by, token):
        raise NotAllowed(Permission.TOKEN_REVOKE_ALL)


def takes_tokens(holder: Identity, at: datetime) -> bool:
    """Whether the holder is neither disabled nor deleted and has not ended."""
    return holder.is_active and not has_ended(holder, at=at)


def check_holder_takes_tokens(holder: Identity, at: datetime) -> None:
    """Raises HolderNotActive: the holder is disabled, deleted or has ended."""
    if not takes_tokens(holder, at):
        raise HolderNotActive(
            _("%(name)s is disabled or has ended. Enable it first.") % {"name": holder.display_name}
        )


def account_of(holder: Identity) -> ServiceAccount | None:
    return ServiceAccount.objects.existing().filter(pk=holder.pk).first()


def subject_of(holder: Identity) -> ServiceAccount | Identity:
    """What the audit log names: of a service account, its record, on whose page it then stands."""
    return account_of(holder) or holder


def audit_type_of(holder: Identity) -> str:
    """What the audit log calls a holder, as access tokens that act for them do."""
    is_service = holder.kind == IdentityKind.SERVICE
    return ServiceAccount.audit_type if is_service else Identity.audit_type


def _owns(by: Actor, account: ServiceAccount) -> bool:
    return by.actor_id == str(account.owner_id) and may(by, Permission.TOKEN_OWN)
