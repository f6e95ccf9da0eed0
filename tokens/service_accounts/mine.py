"""What an owner has to see to in the next weeks: keys, tokens and accounts that end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from accounts.models import Identity, ServiceAccount
from accounts.service_accounts.models import ServiceAccountQuerySet
from accounts.service_accounts.queries import visible_to
from tokens.credentials.models import Credential
from tokens.credentials.types.key_pair import KEY_PAIR
from tokens.service_accounts.queries import EXPIRING_WITHIN

LATELY: Final = timedelta(days=7)
"""How long what has ended is still told of."""
MOST: Final = 50


@dataclass(frozen=True)
class Ending:
    """Something that ends, or ended a few days ago."""

    account: ServiceAccount
    ends_at: datetime
    credential: Credential | None = None
    """None where the account itself ends."""

    @property
    def is_key(self) -> bool:
        return self.credential is not None and self.credential.kind == KEY_PAIR


def owned_by(person: Identity) -> ServiceAccountQuerySet:
    return visible_to(person).filter(owner=person)


def coming_up(person: Identity, now: datetime) -> list[Ending]:
    """What of somebody's accounts ends soon, the first first; at most `MOST`. Two statements."""
    window = (now - LATELY, now + EXPIRING_WITHIN)
    working = owned_by(person).filter(identity__disabled_at=None)
    accounts = list(working.filter(ends_at__range=window).order_by("ends_at", "pk")[:MOST])
    found = [Ending(account, account.ends_at) for account in accounts if account.ends_at]
    ends = Q(expires_at__range=window) | Q(retires_at__range=window)
    credentials = Credential.objects.filter(ends, revoked_at=None).filter(
        identity__service_account__in=working.exclude(ends_at__lte=now)
    )
    credentials = credentials.select_related("identity__service_account")
    found += [
        Ending(each.identity.service_account, each.ends_at, each)
        for each in credentials.order_by("expires_at", "pk")[: 2 * MOST]
        if each.ends_at is not None and window[0] <= each.ends_at <= window[1]
    ]
    return sorted(found, key=lambda ending: (ending.ends_at, ending.account.name))[:MOST]
