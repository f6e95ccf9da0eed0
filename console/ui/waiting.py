"""How much waits for an answer of a person."""

from __future__ import annotations

from django.utils import timezone

from accounts.models import Approval, Identity, Takeover
from accounts.requests.models import ApprovalQuerySet


def answers_wanted(person: Identity) -> int:
    """Requests to decide, and service accounts to take over; one statement, as every page asks."""
    asked = _asked(person)
    takeovers = Takeover.objects.waiting().for_person(person)
    return asked.values_list("request_id").union(takeovers.values_list("pk")).count()


def requests_to_decide(person: Identity) -> int:
    """How many requests wait for a decision of this person."""
    return _asked(person).values("request_id").distinct().count()


def _asked(person: Identity) -> ApprovalQuerySet:
    return Approval.objects.waiting().for_person(person, timezone.now())
