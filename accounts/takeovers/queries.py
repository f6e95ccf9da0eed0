from __future__ import annotations

from django.db.models import Q

from accounts.identities.models import Identity
from accounts.takeovers.models import Takeover, TakeoverQuerySet
from accounts.takeovers.states import Cause


def waiting_for(person: Identity) -> TakeoverQuerySet:
    """What somebody has to answer, the oldest first."""
    found = Takeover.objects.waiting().for_person(person)
    return found.select_related("account", "giver").order_by("created_at", "pk")


def offered_by(person: Identity) -> TakeoverQuerySet:
    """What somebody hands over and is not answered yet, the oldest first."""
    found = Takeover.objects.waiting().filter(giver=person, cause=Cause.OFFERED)
    return found.select_related("account", "taker").order_by("created_at", "pk")


def visible_to(person: Identity) -> TakeoverQuerySet:
    """Those that somebody gives or takes, also once they are over."""
    found = Takeover.objects.filter(Q(giver=person) | Q(taker=person))
    return found.select_related("account__identity", "account__successor", "giver", "taker")
