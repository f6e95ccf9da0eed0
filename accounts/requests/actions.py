from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import SYSTEM
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed
from accounts.identities.models import Identity
from accounts.jobs import actions as jobs
from accounts.lib.errors import DomainError
from accounts.lib.names import clean_text
from accounts.requests import policies
from accounts.requests.kinds.base import Shown, kinds
from accounts.requests.models import (
    REASON_MAX_LENGTH,
    AccessRequest,
    Approval,
    Message,
    RequestNumber,
)
from accounts.requests.routing import Route, route
from accounts.requests.states import MOVES, ApprovalState, Rule, State, Verdict
from accounts.requests.telling import tell_approvers, tell_requester

DUE: Final = timedelta(days=14)
"""How long a request waits for its approvers before it lapses."""
MOST_WAITING: Final = 50
"""Open requests of one person."""
CARRY_OUT: Final = "request.carry_out"


class ReasonMissing(DomainError):
    """A request, or a rejection, that gives no reason."""

    code = "reason_missing"


class AskedAlready(DomainError):
    """The same person asks for the same, and is not answered yet."""

    code = "asked_already"

    def __init__(self, request: AccessRequest | None) -> None:
        number = request.number if request else ""
        message = _("You asked for this already: %(number)s is not decided yet.")
        super().__init__(message % {"number": number})
        self.request = request


class TooMany(DomainError):
    """The person has as many open requests as one may have."""

    code = "too_many"


class Decided(DomainError):
    """The request is not waiting any more."""

    code = "decided"

    def __init__(self, request: AccessRequest) -> None:
        message = _("%(number)s is not waiting any more: %(state)s.")
        said = {"number": request.number, "state": request.get_state_display()}
        super().__init__(message % said)
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


def ask(
    *, by: Identity, kind: str, details: Mapping[str, Any], reason: str, at: datetime
) -> AccessRequest:
    """Ask for something; whoever decides about it is found by `routing`.

    Raises:
        NotAllowed, TooMany, AskedAlready
        ReasonMissing, DomainError: `field` names what to mend.
        UnknownPart: there is no such kind.
    """
    policies.check_may_ask(by)
    wish = kinds.get(kind).understand(by, details)
    with transaction.atomic():
        request = AccessRequest(
            number=str(RequestNumber.objects.create()),
            kind=kind,
            requester=by,
            requested_for=wish.requested_for,
            details=wish.details,
            details_key=_key(wish.details),
            reason=_reason(reason),
            asked_at=at,
            due_at=at + DUE,
        )
        found = route(by, wish, at)
        request.rule = found.rule
        if AccessRequest.objects.open().filter(requester=by).count() >= MOST_WAITING:
            message = _("You have %(most)d open requests. Withdraw one first.")
            raise TooMany(message % {"most": MOST_WAITING})
        _insert(request)
        Approval.objects.bulk_create(
            Approval(request=request, approver=approver) for approver in found.approvers
        )
        detail = _told(request) | {"approvers": _names(found)}
        record("request.asked", by=by, subject=request, reason=request.reason, detail=detail, at=at)
        tell_approvers(request, at=at, message=Message.WAITING)
    return request


def seen(request: AccessRequest) -> tuple[list[Shown], str]:
    """What a request comes to now, and the digest by which a decision says that it was read."""
    lines = kinds.get(request.kind).shown(request.details)
    told = [[line.label, line.value] for line in lines]
    text = json.dumps([str(request.pk), request.reason, told], ensure_ascii=False)
    return lines, hashlib.sha256(text.encode()).hexdigest()


def decide(
    *,
    by: Identity,
    request: AccessRequest,
    verdict: Verdict,
    comment: str,
    digest: str,
    at: datetime,
) -> AccessRequest:
    """Approve or reject a request as it was shown. All that is asked of `by` is answered by it.

    One rejection ends it; by its rule one approval is enough, or all are needed. Then a job
    carries it out. Of two decisions at once one counts.

    Raises:
        NotAllowed: nothing about it is asked of them.
        Decided: it is not waiting any more.
        NotAsSeen: it comes to something else by now.
        ReasonMissing: a rejection says why; `field` names it.
    """
    comment = _comment(verdict, comment)
    with transaction.atomic():
        current = _lock(request)
        if current.state != State.WAITING:
            if not Approval.objects.for_person(by, at).filter(request=current).exists():
                raise NotAllowed(Permission.REQUEST_DECIDE)
            raise Decided(current)
        parts = _check_asked(by, current, at)
        approved = verdict is Verdict.APPROVE
        lines = _as_seen(current, digest, can_be_gone=not approved)
        _answer(parts, by=by, verdict=verdict, comment=comment, lines=lines, at=at)
        if not approved:
            _close(current, State.REJECTED, at)
        elif _is_enough(current):
            _approve(current, at)
    return current


def withdraw(*, by: Identity, request: AccessRequest, at: datetime) -> AccessRequest:
    """Take a request back that nobody has decided yet.

    Raises:
        NotAllowed, Decided
    """
    policies.check_may_withdraw(by, request)
    with transaction.atomic():
        current = _lock(request)
        if current.state != State.WAITING:
            raise Decided(current)
        _close(current, State.WITHDRAWN, at)
        record("request.withdrawn", by=by, subject=current, detail=_told(current), at=at)
    return current


def try_again(*, by: Identity, request: AccessRequest, at: datetime) -> AccessRequest:
    """Have an approved request carried out once more that could not be.

    Raises:
        NotAllowed, Decided
    """
    policies.check_may_withdraw(by, request)
    with transaction.atomic():
        current = _lock(request)
        if current.state != State.FAILED:
            raise Decided(current)
        record("request.tried_again", by=by, subject=current, detail=_told(current), at=at)
        _approve(current, at, decided=False)
    return current


def lapse(*, at: datetime, most: int = 200) -> int:
    """End requests that nobody decided in time; nothing is ever granted by waiting."""
    with transaction.atomic():
        late = AccessRequest.objects.filter(state=State.WAITING, due_at__lte=at)
        found = list(
            late.select_for_update(of=("self",), skip_locked=True).order_by("due_at")[:most]
        )
        for each in found:
            _close(each, State.LAPSED, at)
            record("request.lapsed", by=SYSTEM, subject=each, detail=_told(each), at=at)
    return len(found)


def ask_administrators(*, at: datetime, most: int = 200) -> int:
    """Pass on what is asked of people who cannot sign in any more; answers how much."""
    passed = 0
    with transaction.atomic():
        stuck = (
            Approval.objects.waiting()
            .filter(approver__isnull=False)
            .exclude(approver__in=Identity.objects.active())
            .select_related("approver", "request")
        )
        for part in stuck.order_by("pk")[:most]:
            current = _lock(part.request)
            if current.state != State.WAITING:
                continue
            name = part.approver.user_name if part.approver else ""
            if current.approvals.filter(approver=None).exists():
                Approval.objects.filter(pk=part.pk).update(state=ApprovalState.NOT_REQUIRED)
            else:
                Approval.objects.filter(pk=part.pk).update(approver=None)
            detail = _told(current) | {"approver": name}
            record("request.passed_on", by=SYSTEM, subject=current, detail=detail, at=at)
            tell_approvers(current, at=at, message=Message.WAITING)
            passed += 1
    return passed


def _insert(request: AccessRequest) -> None:
    try:
        with transaction.atomic():
            request.save(force_insert=True)
    except IntegrityError as error:
        same = AccessRequest.objects.open().filter(
            requester=request.requester, kind=request.kind, details_key=request.details_key
        )
        raise AskedAlready(same.first()) from error


def _lock(request: AccessRequest) -> AccessRequest:
    found = AccessRequest.objects.select_for_update(of=("self",)).select_related("requester")
    return found.get(pk=request.pk)


def _check_asked(by: Identity, request: AccessRequest, at: datetime) -> Sequence[Approval]:
    parts = policies.approvals_for(by, request, at)
    if not parts:
        raise NotAllowed(Permission.REQUEST_DECIDE)
    return parts


def _answer(
    parts: Sequence[Approval],
    *,
    by: Identity,
    verdict: Verdict,
    comment: str,
    lines: Sequence[Shown],
    at: datetime,
) -> None:
    """Write down what somebody decided, and what they had read."""
    request, approved = parts[0].request, verdict is Verdict.APPROVE
    state = ApprovalState.APPROVED if approved else ApprovalState.REJECTED
    Approval.objects.filter(pk__in=[part.pk for part in parts]).update(
        state=state, comment=comment, decided_at=at, decided_by=by
    )
    others = [part.approver for part in parts if part.approver_id != by.pk]
    detail = _told(request) | {
        "seen": {line.label: line.value for line in lines},
        "in_place_of": [each.user_name for each in others if each is not None],
    }
    record(
        "request.approved" if approved else "request.rejected",
        by=by,
        subject=request,
        reason=comment,
        detail=detail,
        at=at,
    )


def _as_seen(request: AccessRequest, digest: str, *, can_be_gone: bool) -> list[Shown]:
    """What was read, and still is so; nothing, where it is gone and that does not matter."""
    try:
        lines, now_shown = seen(request)
    except DomainError:
        if can_be_gone:
            return []
        raise
    if digest != now_shown:
        raise NotAsSeen
    return lines


def _is_enough(request: AccessRequest) -> bool:
    states = set(request.approvals.values_list("state", flat=True))
    if request.rule == Rule.ANYONE:
        return True
    return states <= {ApprovalState.APPROVED, ApprovalState.NOT_REQUIRED}


def _approve(request: AccessRequest, at: datetime, *, decided: bool = True) -> None:
    _move(request, State.APPROVED)
    if decided:
        request.decided_at = at
    request.failure, request.closed_at = "", None
    request.save(update_fields=["state", "decided_at", "failure", "closed_at"])
    _leave_rest(request, ApprovalState.NOT_REQUIRED)
    jobs.start(
        by=SYSTEM,
        kind=CARRY_OUT,
        subject=request,
        payload={"request": str(request.pk)},
        exclusive_key=f"request:{request.pk}",
        at=at,
    )


def _close(request: AccessRequest, state: State, at: datetime) -> None:
    _move(request, state)
    request.closed_at = at
    if state is State.REJECTED:
        request.decided_at = at
    request.save(update_fields=["state", "closed_at", "decided_at"])
    if state is not State.WITHDRAWN:
        tell_requester(request, at=at)
    _leave_rest(
        request,
        ApprovalState.NOT_REQUIRED if state is State.REJECTED else ApprovalState.CANCELLED,
    )


def _move(request: AccessRequest, state: State) -> None:
    assert state in MOVES[State(request.state)], (request.state, state)
    request.state = state


def _leave_rest(request: AccessRequest, state: ApprovalState) -> None:
    request.approvals.filter(state=ApprovalState.REQUESTED).update(state=state)


def _reason(text: str) -> str:
    reason = clean_text(text, max_length=REASON_MAX_LENGTH, multiline=True, field="reason")
    if not reason:
        raise ReasonMissing(_("Say what it is for. Whoever decides reads it."), field="reason")
    return reason


def _comment(verdict: Verdict, text: str) -> str:
    comment = clean_text(text, max_length=REASON_MAX_LENGTH, multiline=True, field="comment")
    if verdict is Verdict.REJECT and not comment:
        raise ReasonMissing(_("Say why. Whoever asked reads it."), field="comment")
    return comment


def _key(details: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(details, sort_keys=True).encode()).hexdigest()


def _told(request: AccessRequest) -> dict[str, Any]:
    told = {"kind": request.kind, "requester": request.requester.user_name}
    if request.requested_for is not None:
        told["requested_for"] = request.requested_for.user_name
    return told


def _names(found: Route) -> list[str]:
    return [each.user_name if each else "administrators" for each in found.approvers]
