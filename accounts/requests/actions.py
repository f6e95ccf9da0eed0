from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed
from accounts.identities.locking import lock as lock_identity
from accounts.identities.models import Identity
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
from accounts.requests.moves import (
    AskedAlready,
    NotAsSeen,
    approve,
    check_can_be_done,
    close,
    lock,
    same_as,
    settle,
    told,
)
from accounts.requests.queries import seen
from accounts.requests.routing import Route, route
from accounts.requests.states import ApprovalState, State, Verdict
from accounts.requests.telling import tell_approvers

DUE: Final = timedelta(days=14)
"""How long a request waits for its approvers before it lapses."""
MOST_WAITING: Final = 50
"""Open requests of one person."""
MOST_A_DAY: Final = 100
"""Of one person, withdrawn ones among them: each is a mail to somebody."""


class ReasonMissing(DomainError):
    """A request, or a rejection, that gives no reason."""

    code = "reason_missing"


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
        lock_identity(by)  # of two at once, the second counts the first
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
        today = AccessRequest.objects.filter(requester=by, asked_at__gt=at - timedelta(days=1))
        if today.count() >= MOST_A_DAY:
            message = _("You have made %(most)d requests within a day. Go on tomorrow.")
            raise TooMany(message % {"most": MOST_A_DAY})
        if wish.alone:
            _check_alone(request)
        _insert(request)
        Approval.objects.bulk_create(
            Approval(request=request, approver=approver) for approver in found.approvers
        )
        detail = told(request) | {"approvers": _names(found)}
        record("request.asked", by=by, subject=request, reason=request.reason, detail=detail, at=at)
        tell_approvers(request, at=at, message=Message.WAITING)
    return request


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
        current = lock(request)
        if current.state != State.WAITING:
            if not Approval.objects.for_person(by, at).filter(request=current).exists():
                raise NotAllowed(Permission.REQUEST_DECIDE)
            raise Decided(current)
        parts = _check_asked(by, current, at)
        approved = verdict is Verdict.APPROVE
        lines = _as_seen(current, digest, can_be_gone=not approved)
        _answer(parts, by=by, verdict=verdict, comment=comment, lines=lines, digest=digest, at=at)
        if not approved:
            close(current, State.REJECTED, at)
        else:
            settle(current, at)
    return current


def withdraw(*, by: Identity, request: AccessRequest, at: datetime) -> AccessRequest:
    """Take a request back that nobody has decided yet.

    Raises:
        NotAllowed, Decided
    """
    policies.check_may_withdraw(by, request)
    with transaction.atomic():
        current = lock(request)
        if current.state != State.WAITING:
            raise Decided(current)
        close(current, State.WITHDRAWN, at)
        record("request.withdrawn", by=by, subject=current, detail=told(current), at=at)
    return current


def try_again(*, by: Identity, request: AccessRequest, at: datetime) -> AccessRequest:
    """Have an approved request carried out once more that could not be.

    Raises:
        NotAllowed, Decided
        AskedAlready: the same was asked for anew meanwhile.
        DomainError: it would come to nothing again; the message says why.
    """
    policies.check_may_withdraw(by, request)
    with transaction.atomic():
        current = lock(request)
        if current.state != State.FAILED:
            raise Decided(current)
        check_can_be_done(current)
        record("request.tried_again", by=by, subject=current, detail=told(current), at=at)
        approve(current, at, decided=False)
    return current


def _check_alone(request: AccessRequest) -> None:
    """Raises AskedAlready: another of the kind waits for the same account."""
    waiting = AccessRequest.objects.open().filter(
        requester=request.requester, kind=request.kind, requested_for=request.requested_for
    )
    if other := waiting.order_by("asked_at").first():
        raise AskedAlready(other, is_same=False)


def _insert(request: AccessRequest) -> None:
    try:
        with transaction.atomic():
            request.save(force_insert=True)
    except IntegrityError as error:
        raise AskedAlready(same_as(request)) from error


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
    digest: str,
    at: datetime,
) -> None:
    """Write down what somebody decided, and what they had read."""
    request, approved = parts[0].request, verdict is Verdict.APPROVE
    state = ApprovalState.APPROVED if approved else ApprovalState.REJECTED
    Approval.objects.filter(pk__in=[part.pk for part in parts]).update(
        state=state, comment=comment, decided_at=at, decided_by=by, digest=digest
    )
    others = [part.approver for part in parts if part.approver_id != by.pk]
    detail = told(request) | {
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


def _names(found: Route) -> list[str]:
    return [each.user_name if each else "administrators" for each in found.approvers]
