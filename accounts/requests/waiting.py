"""What becomes of requests that wait: for people who are gone, for too long, or for what has come
to be another's or another thing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from accounts.audit import record
from accounts.audit.actors import SYSTEM, Actor
from accounts.identities.models import Identity
from accounts.lib.errors import DomainError
from accounts.requests.models import (
    AccessRequest,
    Approval,
    ApprovalQuerySet,
    Delegation,
    Message,
)
from accounts.requests.moves import close, lock, settle, told
from accounts.requests.queries import check_still_theirs
from accounts.requests.states import ApprovalState, State
from accounts.requests.telling import tell_approvers
from accounts.service_accounts.models import ServiceAccount


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


def end_outlived(*, at: datetime, most: int = 200, accounts: Collection[UUID] | None = None) -> int:
    """End requests of people who are deleted, and for service accounts that have another owner by
    now than who asked, or are deleted; all, or those for some accounts. Answers how many."""
    still = Q(requested_for__service_account__owner=F("requester")) & Q(
        requested_for__service_account__deleted_at=None
    )
    waiting = AccessRequest.objects.filter(state=State.WAITING)
    of_accounts = waiting.filter(requested_for__service_account__isnull=False)
    outlived = waiting.filter(
        Q(requester__deleted_at__isnull=False) | Q(pk__in=of_accounts.exclude(still).values("pk"))
    )
    if accounts is not None:
        outlived = outlived.filter(requested_for__in=accounts)
    ids = list(outlived.order_by("pk").values_list("pk", flat=True)[:most])
    with transaction.atomic():
        # never waits: what somebody decides at this moment is ended the next time
        rows = AccessRequest.objects.select_for_update(of=("self",), skip_locked=True)
        found = rows.filter(pk__in=ids, state=State.WAITING).order_by("pk")
        related = found.select_related("requester", "requested_for")
        return sum(_end_outlived(each, at) for each in related)


def _end_outlived(request: AccessRequest, at: datetime) -> bool:
    try:
        check_still_theirs(request)
    except DomainError as error:
        close(request, State.LAPSED, at, why=error.message)
        record(
            "request.outlived",
            by=SYSTEM,
            subject=request,
            reason=error.message,
            detail=told(request),
            at=at,
        )
        return True
    return False


def follow_hands(
    *,
    by: Actor,  # noqa: ARG001  all that follow are called alike
    before: Sequence[ServiceAccount],
    keep: bool,  # noqa: ARG001
    at: datetime,
) -> None:
    """What becomes of requests where accounts get another owner, in that transaction: whatever
    the one before asked for them ends, as nobody could do it any more."""
    ids = [account.pk for account in before]
    while end_outlived(at=at, accounts=ids):
        pass


def ask_again(*, at: datetime) -> None:
    """Ask those again who said yes to something else than what it comes to by now."""
    some = Approval.objects.filter(request=OuterRef("pk"), state=ApprovalState.APPROVED)
    waiting = AccessRequest.objects.filter(Exists(some), state=State.WAITING)
    for pk in list(waiting.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            rows = AccessRequest.objects.select_for_update(of=("self",), skip_locked=True)
            current = rows.select_related("requester").filter(pk=pk, state=State.WAITING).first()
            if current is not None:
                settle(current, at)


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
        Approval.objects.filter(pk=pk).update(approver=None, digest="")
    detail = told(current) | {"approver": name}
    record("request.passed_on", by=SYSTEM, subject=current, detail=detail, at=at)
    settle(current, at)
    if current.state == State.WAITING:
        tell_approvers(current, at=at, message=Message.WAITING)
    return True
