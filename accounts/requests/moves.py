"""Where a request goes from one state to the next, under its lock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import SYSTEM
from accounts.jobs import actions as jobs
from accounts.lib.errors import DomainError
from accounts.requests.models import AccessRequest, Approval, Message
from accounts.requests.queries import check_still_theirs, seen
from accounts.requests.states import MOVES, ApprovalState, Rule, State
from accounts.requests.telling import tell_approvers, tell_requester

CARRY_OUT: Final = "request.carry_out"


class AskedAlready(DomainError):
    """The same person asks for the same, and is not answered yet."""

    code = "asked_already"

    def __init__(self, request: AccessRequest | None, *, is_same: bool = True) -> None:
        number = request.number if request else ""
        message = _("You asked for this already: %(number)s is not decided yet.")
        if not is_same:
            message = _(
                "You asked for this already, in other words: %(number)s is open. Withdraw it "
                "first, or wait until it is done."
            )
        super().__init__(message % {"number": number})
        self.request = request


class NotAsSeen(DomainError):
    """What the request comes to is not what the approver was shown."""

    code = "not_as_seen"

    def __init__(self) -> None:
        super().__init__(
            _(
                "What this request comes to has changed since you opened it. Read it again below, "
                "then decide."
            )
        )


class RequesterGone(DomainError):
    """Who asked may do nothing any more."""

    code = "requester_gone"

    def __init__(self) -> None:
        super().__init__(_("Whoever asked for it cannot sign in any more."))


class ChangedSince(DomainError):
    """What was approved is not what it comes to now."""

    code = "changed_since"

    def __init__(self) -> None:
        super().__init__(_("What it comes to has changed since it was approved. Ask again."))


def check_can_be_done(request: AccessRequest) -> None:
    """What is done is what was read by all who said yes, for who still may have it.

    Raises:
        RequesterGone, ChangedSince, DomainError
    """
    if not request.requester.is_active:
        raise RequesterGone
    check_still_theirs(request)
    given = request.approvals.filter(state=ApprovalState.APPROVED)
    if set(given.values_list("digest", flat=True)) != {seen(request)[1]}:
        raise ChangedSince


def why_in_vain(request: AccessRequest) -> str:
    """Why it would come to nothing if it were tried now; nothing where it might be done."""
    try:
        check_can_be_done(request)
    except DomainError as error:
        return error.message
    return ""


def lock(request: AccessRequest) -> AccessRequest:
    found = AccessRequest.objects.select_for_update(of=("self",)).select_related("requester")
    return found.get(pk=request.pk)


def settle(request: AccessRequest, at: datetime) -> None:
    """Approve a request that waits for nobody any more, or of which anyone's yes is enough.

    A yes counts for what was seen: one that was given to something else is asked for again. What
    cannot be granted as it stands, say because a group is closed, goes on waiting.
    """
    parts = request.approvals.all()
    given = parts.filter(state=ApprovalState.APPROVED)
    if not given.exists():
        return
    try:
        _lines, digest = seen(request)
    except DomainError:
        return
    if stale := list(given.exclude(digest=digest).select_related("approver", "decided_by")):
        _ask_again(request, stale, at)
    open_parts = parts.filter(state=ApprovalState.REQUESTED).exists()
    if given.exists() and (request.rule == Rule.ANYONE or not open_parts):
        approve(request, at)


def _ask_again(request: AccessRequest, stale: Sequence[Approval], at: datetime) -> None:
    ids = [part.pk for part in stale]
    # the digest of what was approved stays: by it one sees that it is asked again
    Approval.objects.filter(pk__in=ids).update(
        state=ApprovalState.REQUESTED, decided_at=None, decided_by=None, comment=""
    )
    names = [part.decided_by.user_name for part in stale if part.decided_by]
    detail = told(request) | {"approved_before": names}
    record("request.asked_again", by=SYSTEM, subject=request, detail=detail, at=at)
    tell_approvers(request, at=at, message=Message.WAITING, only=ids)


def approve(request: AccessRequest, at: datetime, *, decided: bool = True) -> None:
    """Have a request carried out by a job.

    Raises:
        AskedAlready: the same was asked for anew meanwhile.
    """
    move(request, State.APPROVED)
    if decided:
        request.decided_at = at
    request.failure, request.closed_at = "", None
    try:
        with transaction.atomic():
            request.save(update_fields=["state", "decided_at", "failure", "closed_at"])
    except IntegrityError as error:
        raise AskedAlready(same_as(request)) from error
    leave_rest(request, ApprovalState.NOT_REQUIRED)
    jobs.start(
        by=SYSTEM,
        kind=CARRY_OUT,
        subject=request,
        payload={"request": str(request.pk)},
        exclusive_key=f"request:{request.pk}",
        at=at,
    )


def same_as(request: AccessRequest) -> AccessRequest | None:
    """The open request by which the same person asks for the same."""
    same = AccessRequest.objects.open().filter(
        requester=request.requester, kind=request.kind, details_key=request.details_key
    )
    return same.exclude(pk=request.pk).first()


def close(request: AccessRequest, state: State, at: datetime, *, why: str = "") -> None:
    move(request, state)
    request.closed_at, request.failure = at, why
    if state is State.REJECTED:
        request.decided_at = at
    request.save(update_fields=["state", "closed_at", "decided_at", "failure"])
    if state is not State.WITHDRAWN:
        tell_requester(request, at=at)
    leave_rest(
        request,
        ApprovalState.NOT_REQUIRED if state is State.REJECTED else ApprovalState.CANCELLED,
    )


def move(request: AccessRequest, state: State) -> None:
    assert state in MOVES[State(request.state)], (request.state, state)
    request.state = state


def leave_rest(request: AccessRequest, state: ApprovalState) -> None:
    request.approvals.filter(state=ApprovalState.REQUESTED).update(state=state)


def told(request: AccessRequest) -> dict[str, Any]:
    told = {"kind": request.kind, "requester": request.requester.user_name}
    if request.requested_for is not None:
        told["requested_for"] = request.requested_for.user_name
    return told
