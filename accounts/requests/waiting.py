"""What becomes of requests that wait: for people who are gone, and for too long."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from accounts.audit import record
from accounts.audit.actors import SYSTEM
from accounts.identities.models import Identity
from accounts.requests.models import (
    AccessRequest,
    Approval,
    ApprovalQuerySet,
    Delegation,
    Message,
)
from accounts.requests.moves import close, lock, settle, told
from accounts.requests.states import ApprovalState, State
from accounts.requests.telling import tell_approvers


def lapse(*, at: datetime, most: int = 200) -> int:
    """End requests that nobody decided in time; nothing is ever granted by waiting."""
    with transaction.atomic():
        late = AccessRequest.objects.filter(state=State.WAITING, due_at__lte=at)
        found = list(
            late.select_for_update(of=("self",), skip_locked=True).order_by("due_at")[:most]
        )
        for each in found:
            close(each, State.LAPSED, at)
            record("request.lapsed", by=SYSTEM, subject=each, detail=told(each), at=at)
    return len(found)


def ask_administrators(*, at: datetime, most: int = 200) -> int:
    """Pass on what is asked of people who cannot decide any more: they are gone, or decide for
    whoever asks while that one is away. Answers how much."""
    deputies = Delegation.objects.current(at).filter(
        person=OuterRef("request__requester"), delegate=OuterRef("approver")
    )
    stuck = (
        Approval.objects.waiting()
        .filter(approver__isnull=False)
        .filter(~Q(approver__in=Identity.objects.active()) | Exists(deputies))
    )
    waiting = list(stuck.order_by("pk").values_list("pk", "request")[:most])
    return sum(_pass_on(stuck, pk, request, at) for pk, request in waiting)


@transaction.atomic
def _pass_on(stuck: ApprovalQuerySet, pk: int, request_id: UUID, at: datetime) -> bool:
    """Each by itself, so that one that fails keeps no other from going on."""
    current = lock(AccessRequest(pk=request_id))
    # as it stands under the lock: another worker may have been here
    part = stuck.filter(pk=pk).select_related("approver").first()
    if part is None:
        return False
    name = part.approver.user_name if part.approver else ""
    if current.approvals.filter(approver=None).exists():
        Approval.objects.filter(pk=pk).update(state=ApprovalState.NOT_REQUIRED)
    else:
        Approval.objects.filter(pk=pk).update(approver=None)
    detail = told(current) | {"approver": name}
    record("request.passed_on", by=SYSTEM, subject=current, detail=detail, at=at)
    settle(current, at)
    if current.state == State.WAITING:
        tell_approvers(current, at=at, message=Message.WAITING)
    return True
