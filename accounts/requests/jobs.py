"""Carrying out what was approved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.audit import record
from accounts.audit.actors import SYSTEM, SystemActor
from accounts.authorization.permissions import Permission
from accounts.jobs.kinds import JobKind
from accounts.jobs.models import Job
from accounts.jobs.run import Run
from accounts.lib.errors import DomainError
from accounts.requests.kinds.base import kinds
from accounts.requests.models import AccessRequest
from accounts.requests.queries import approved_by, seen
from accounts.requests.states import ApprovalState, State
from accounts.requests.telling import tell_requester


class RequesterGone(DomainError):
    """Who asked may do nothing any more."""

    code = "requester_gone"

    def __init__(self) -> None:
        super().__init__(_now("Whoever asked for it cannot sign in any more."))


class ChangedSince(DomainError):
    """What was approved is not what it comes to now."""

    code = "changed_since"

    def __init__(self) -> None:
        super().__init__(_now("What it comes to has changed since it was approved. Ask again."))


class CarryOut(JobKind):
    """Does what a request asks for, and closes it; both or neither, however often it is begun."""

    label: str | Promise = _("Carrying out of an approved request")
    permission: Permission | None = None

    def run(self, run: Run) -> Mapping[str, Any]:
        with transaction.atomic():
            request = _locked(run.payload["request"], wait=True)
            assert request is not None
            if request.state != State.APPROVED:
                result = dict(request.result)
            else:
                at = run.clock()
                if not request.requester.is_active:
                    raise RequesterGone
                _check_still_as_approved(request)
                # so what is made or given says by which request
                by = SystemActor(label=f"{SYSTEM.label} ({request.number})")
                result = kinds.get(request.kind).carry_out(request, by=by, at=at)
                request.state, request.result, request.closed_at = State.DONE, result, at
                request.save(update_fields=["state", "result", "closed_at"])
                record(
                    "request.carried_out",
                    by=SYSTEM,
                    subject=request,
                    detail={"kind": request.kind, "result": result, **approved_by(request)},
                    at=at,
                )
                tell_requester(request, at=at)
            run.hold()
            run.finish(result)
        return result

    def lock_to_fail(self, job: Job, *, wait: bool) -> bool:
        return _locked(job.payload["request"], wait=wait) is not None

    def ended(self, job: Job, *, error: str, at: datetime) -> None:
        request = AccessRequest.objects.get(pk=job.payload["request"])
        if request.state != State.APPROVED:
            return
        request.state, request.failure, request.closed_at = State.FAILED, error[:500], at
        request.save(update_fields=["state", "failure", "closed_at"])
        detail = {"kind": request.kind}
        record("request.failed", by=SYSTEM, subject=request, reason=error, detail=detail, at=at)
        tell_requester(request, at=at)


def _check_still_as_approved(request: AccessRequest) -> None:
    """What is done is what was read by all who said yes."""
    given = request.approvals.filter(state=ApprovalState.APPROVED)
    if set(given.values_list("digest", flat=True)) != {seen(request)[1]}:
        raise ChangedSince


def _locked(request_id: str, *, wait: bool) -> AccessRequest | None:
    rows = AccessRequest.objects.select_for_update(of=("self",), skip_locked=not wait)
    return rows.select_related("requester").filter(pk=request_id).first()
