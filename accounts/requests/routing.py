"""Who decides about a request: the manager of who asks, and never they themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.identities.models import Identity
from accounts.identities.policies import may_sign_in
from accounts.requests.kinds.base import Wish
from accounts.requests.models import Delegation
from accounts.requests.states import Rule


@dataclass(frozen=True)
class Route:
    """Who is asked. None among them stands for any administrator."""

    approvers: tuple[Identity | None, ...]
    rule: Rule


def route(requester: Identity, wish: Wish, now: datetime) -> Route:
    """The manager of the requester; without one whoever the kind names; without them any
    administrator. Whom the kind asks beside them is asked as well, by its rule."""
    first = _able(requester, [requester.manager, wish.stands_in], now)
    found: list[Identity | None] = [first]
    also = _able(requester, [wish.also], now)
    if also is not None and also != first:
        found.append(also)
    if wish.asks_administrators and None not in found:
        found.append(None)
    return Route(tuple(found), wish.rule)


def _able(
    requester: Identity, candidates: Sequence[Identity | None], now: datetime
) -> Identity | None:
    """The first who can decide: a person who signs in, neither the requester nor who stands in
    for the requester."""
    deputy = deputy_of(requester, now)
    for each in candidates:
        if each is None or each.pk in {requester.pk, deputy.pk if deputy else None}:
            continue
        if each.is_person and each.is_registered and may_sign_in(each, at=now):
            return each
    return None


def deputy_of(person: Identity, now: datetime) -> Identity | None:
    """Who decides for somebody who is away at `now`."""
    found = Delegation.objects.current(now).filter(person=person).select_related("delegate")
    delegation = found.first()
    return delegation.delegate if delegation else None
