from __future__ import annotations

from datetime import datetime

from accounts.models import Identity, ServiceAccount
from tokens.credentials.models import Credential, CredentialQuerySet, KeyPickup, KeyPickupQuerySet
from tokens.credentials.types.key_pair import KEY_PAIR


def visible_to(person: Identity) -> CredentialQuerySet:
    """The key pairs of the accounts that someone may see."""
    accounts = ServiceAccount.objects.visible_to(person)
    return Credential.objects.filter(kind=KEY_PAIR, identity__service_account__in=accounts)


def usable_keys(account: ServiceAccount, now: datetime) -> CredentialQuerySet:
    """The keys that prove something at `now`, the newest first."""
    keys = Credential.objects.filter(identity_id=account.pk, kind=KEY_PAIR).usable_at(now)
    return keys.order_by("-created_at", "pk")


def waiting_for(person: Identity, now: datetime) -> KeyPickupQuerySet:
    """The keys that someone can have made for them now, the most urgent first.

    Each with its account: `pickup.identity.service_account`.
    """
    return (
        _claimable(now)
        .filter(owner=person, identity__service_account__owner=person)
        .select_related("identity__service_account")
        .order_by("expires_at", "pk")
    )


def _claimable(now: datetime) -> KeyPickupQuerySet:
    return KeyPickup.objects.open_at(now).filter(identity__service_account__deleted_at=None)


def offered_to(person: Identity) -> KeyPickupQuerySet:
    """Every offer that was ever made to someone, also those that are over."""
    return KeyPickup.objects.filter(owner=person).select_related("identity__service_account")


def unsent(now: datetime) -> KeyPickupQuerySet:
    """Offers whose owner was not told yet."""
    return (
        _claimable(now)
        .filter(sent_at=None, owner__disabled_at=None, owner__deleted_at=None)
        .select_related("owner", "identity__service_account")
        .order_by("created_at", "pk")
    )
