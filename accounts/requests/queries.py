from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts.identities.models import Identity
from accounts.lib.errors import DomainError
from accounts.requests import policies
from accounts.requests.kinds import reading
from accounts.requests.kinds.base import Shown, kinds
from accounts.requests.models import (
    AccessRequest,
    Approval,
    ApprovalQuerySet,
    Delegation,
    RequestQuerySet,
)
from accounts.requests.states import OPEN, ApprovalState, State


def approved_by(request: AccessRequest) -> dict[str, Any]:
    """Who asked and who said yes, for the events of what is done because of it."""
    said_yes = request.approvals.filter(state=ApprovalState.APPROVED).order_by("decided_at")
    names = said_yes.values_list("decided_by__user_name", flat=True)
    return request.facts | {"asked_by": request.requester.user_name, "approved_by": list(names)}


def found_by(person: Identity, now: datetime) -> RequestQuerySet:
    """Those that somebody may see, or decides about."""
    asked = policies.asked_of(person, now).values("request_id")
    visible = AccessRequest.objects.visible_to(person, now).values("pk")
    return AccessRequest.objects.filter(Q(pk__in=visible) | Q(pk__in=asked)).select_related(
        "requester", "requested_for"
    )


def in_place_of(person: Identity, request: AccessRequest, now: datetime) -> list[str]:
    """The names of those for whom somebody decides about a request while they are away."""
    parts = policies.approvals_for(person, request, now)
    return [
        part.approver.display_name
        for part in parts
        if part.approver is not None and part.approver != person
    ]


def in_place_of_each(
    person: Identity, requests: Iterable[AccessRequest], now: datetime
) -> dict[UUID, list[str]]:
    """As `in_place_of`, by request; one statement, however many."""
    asked = policies.asked_of(person, now).filter(request__in=[each.pk for each in requests])
    found: dict[UUID, list[str]] = {}
    for part in asked.exclude(approver=None).exclude(approver=person).select_related("approver"):
        assert part.approver is not None
        found.setdefault(part.request_id, []).append(part.approver.display_name)
    return found


def waiting_of(delegation: Delegation) -> ApprovalQuerySet:
    """What is asked of who is away, and may be decided in their place."""
    asked = Approval.objects.waiting().filter(approver=delegation.person)
    return asked.exclude(request__requester=delegation.delegate)


def seen(request: AccessRequest) -> tuple[list[Shown], str]:
    """What a request comes to now, and the digest by which a decision says that it was read.

    Raises:
        DomainError: what it is about is gone; while it is open also, not theirs any more who asked.
    """
    if State(request.state) in OPEN:
        check_still_theirs(request)
    lines = kinds.get(request.kind).shown(request.details)
    told = [[line.label, line.value] for line in lines]
    text = json.dumps([str(request.pk), request.reason, told], ensure_ascii=False)
    return lines, hashlib.sha256(text.encode()).hexdigest()


def check_still_theirs(request: AccessRequest) -> None:
    """Raises NotTheirsAnyMore, Gone: who asked is deleted, or the service account that it is for,
    or that has another owner by now, or none."""
    if request.requester.deleted_at is not None:
        raise reading.Gone(request.requester.display_name)
    account = getattr(request.requested_for, "service_account", None)
    if account is not None:
        reading.check_still_theirs(request.requester, account)


def is_still_theirs(request: AccessRequest) -> bool:
    """Whether who asked could ask for the same account again."""
    try:
        check_still_theirs(request)
    except DomainError:
        return False
    return True
