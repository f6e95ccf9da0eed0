from __future__ import annotations

from datetime import datetime

from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed, may
from accounts.identities.models import Identity
from accounts.requests.models import AccessRequest, Approval, ApprovalQuerySet


def may_ask(by: Identity) -> bool:
    """Only people: behind a service account that is signed in stands its owner, who might decide
    about it."""
    return by.is_person and may(by, Permission.REQUEST_ASK)


def check_may_ask(by: Identity) -> None:
    if not may_ask(by):
        raise NotAllowed(Permission.REQUEST_ASK)


def asked_of(person: Identity, now: datetime) -> ApprovalQuerySet:
    """The open parts of all requests that a person decides."""
    return Approval.objects.waiting().for_person(person, now)


def approvals_for(person: Identity, request: AccessRequest, now: datetime) -> list[Approval]:
    """The open parts of a request that a person decides; their own part goes first."""
    if not may_ask(person):
        return []
    found = asked_of(person, now).filter(request=request)
    return sorted(found, key=lambda part: (part.approver_id != person.pk, part.approver_id is None))


def may_withdraw(by: Actor, request: AccessRequest) -> bool:
    return str(request.requester_id) == by.actor_id or may(by, Permission.REQUEST_DECIDE)


def check_may_withdraw(by: Actor, request: AccessRequest) -> None:
    if not may_withdraw(by, request):
        raise NotAllowed(Permission.REQUEST_DECIDE)
