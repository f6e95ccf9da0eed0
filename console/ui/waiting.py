"""How much waits for an answer of a person."""

from __future__ import annotations

from django.utils import timezone

from accounts.models import Approval, Identity, Takeover


def answers_wanted(person: Identity) -> int:
    """Requests to decide, and service accounts to take over; one statement, as every page asks."""
    asked = Approval.objects.waiting().for_person(person, timezone.now())
    takeovers = Takeover.objects.waiting().for_person(person)
    return asked.values_list("request_id").union(takeovers.values_list("pk")).count()
