from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import ip_address

from django.utils.translation import gettext as _

from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed, may
from accounts.identities.models import Identity, IdentityKind
from accounts.integrations.models import Integration
from accounts.lib.errors import DomainError
from accounts.lib.registry import Registry
from accounts.service_accounts.models import ServiceAccount

scope_checks: Registry[Callable[[Sequence[str]], list[str]]] = Registry("check of needed scopes")
"""How the scopes that an integration needs are judged: the catalogue of `tokens` registers itself
here. A check answers those to store, or raises a `DomainError` for the field `scopes`."""


class BadOwner(DomainError):
    """The proposed owner cannot answer for an integration."""

    code = "bad_owner"


class BadAddress(DomainError):
    """An address that is none."""

    code = "bad_address"


def may_declare(by: Actor, account: ServiceAccount) -> bool:
    """Administrators, and whoever owns the account: they know who uses it."""
    if may(by, Permission.SERVICE_ACCOUNT_MANAGE):
        return True
    return str(account.owner_id) == by.actor_id and may(by, Permission.SERVICE_ACCOUNT_VIEW)


def check_may_declare(by: Actor, account: ServiceAccount) -> None:
    if not may_declare(by, account):
        raise NotAllowed(Permission.SERVICE_ACCOUNT_MANAGE)


def check_owner(owner: Identity | None, *, integration: Integration | None = None) -> None:
    """A person who can sign in, or nobody; one who was disabled since may stay.

    Raises:
        BadOwner
    """
    if owner is None or (integration is not None and integration.owner_id == owner.pk):
        return
    if owner.kind != IdentityKind.PERSON or not owner.is_active:
        message = _("The owner must be a person who can sign in. Choose someone else.")
        raise BadOwner(message, field="owner")


def check_scopes(scopes: Sequence[str]) -> list[str]:
    """The scopes to store for what was chosen, by every catalogue that is registered."""
    chosen = list(scopes)
    for check in scope_checks.values():
        chosen = check(chosen)
    return chosen


def clean_address(value: str) -> str:
    """An IP address as observed uses have it, or nothing.

    Raises:
        BadAddress
    """
    text = value.strip()
    if not text:
        return ""
    try:
        return str(ip_address(text[:100]))
    except ValueError:
        message = _("Type one IP address, such as 192.0.2.10, or leave it empty.")
        raise BadAddress(message, field="address") from None
