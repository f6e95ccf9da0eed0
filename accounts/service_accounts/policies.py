from __future__ import annotations

from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _

from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may, may
from accounts.identities.models import Identity, IdentityKind
from accounts.identities.policies import may_act_on
from accounts.lib.errors import DomainError
from accounts.lib.registry import Registry
from accounts.service_accounts.models import ServiceAccount

ScopeCheck = Callable[[Actor, Sequence[str], Sequence[str]], list[str]]

scope_checks: Registry[ScopeCheck] = Registry("scope check")
"""How the scopes of an account are judged: the catalogue of `tokens` registers itself here.
A check is told who gives scopes, which, and which ones the account had; it answers those to store,
or raises a `DomainError` for the field `scopes`."""


class BadOwner(DomainError):
    """The proposed owner cannot answer for a service account."""

    code = "bad_owner"


class BadSuccessor(DomainError):
    """The proposed successor cannot own a service account after its owner."""

    code = "bad_successor"


def may_manage(by: Actor) -> bool:
    return may(by, Permission.SERVICE_ACCOUNT_MANAGE)


def check_may_manage(by: Actor) -> None:
    """Only a tenant administrator creates, changes or deletes service accounts."""
    check_may(by, Permission.SERVICE_ACCOUNT_MANAGE)


def check_owner(owner: Identity | None, *, account: ServiceAccount | None = None) -> None:
    """An owner is a person who can sign in; nobody at all is allowed, and flagged on the list.

    An owner who was disabled since may stay where they are: another edit must not force a
    hand-over.
    """
    if owner is None or (account is not None and account.owner_id == owner.pk):
        return
    if owner.kind != IdentityKind.PERSON or not owner.is_active:
        raise BadOwner(
            message=_("The owner must be a person who can sign in. Choose someone else."),
            field="owner",
        )


def check_successor(
    successor: Identity | None,
    owner: Identity | None,
    *,
    account: ServiceAccount | None = None,
) -> None:
    """A successor is a person who can sign in, and not the owner.

    One who was disabled since may stay, as an owner may: the account's page says so.
    """
    if successor is None:
        return
    if owner is not None and owner.pk == successor.pk:
        message = _("The successor must be somebody else than the owner. Choose another person.")
        raise BadSuccessor(message, field="successor")
    if account is not None and account.successor_id == successor.pk:
        return
    if successor.kind != IdentityKind.PERSON or not successor.is_active:
        message = _("The successor must be a person who can sign in. Choose someone else.")
        raise BadSuccessor(message, field="successor")


def check_scopes(by: Actor, scopes: Sequence[str], *, had: Sequence[str] = ()) -> list[str]:
    """The scopes to store for what was chosen, by every catalogue that is registered."""
    chosen = list(scopes)
    for check in scope_checks.values():
        chosen = check(by, chosen, had)
    return chosen


def may_disable(by: Identity, identity: Identity) -> bool:
    """Whether a person or service account can be disabled by them, as far as can be told before it
    is tried."""
    is_person = identity.is_person
    needed = Permission.IDENTITY_DISABLE if is_person else Permission.SERVICE_ACCOUNT_MANAGE
    has_record = is_person or hasattr(identity, "service_account")
    others = identity.pk != by.pk
    return has_record and others and may_act_on(by, identity, needed)
