"""Carrying out what was approved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.audit import record
from accounts.audit.actors import SYSTEM, SystemActor
from accounts.authorization.permissions import Permission
from accounts.jobs.kinds import JobKind
from accounts.jobs.models import Job
from accounts.jobs.run import Run
from accounts.requests.kinds.base import kinds
from accounts.requests.models import AccessRequest
from accounts.requests.moves import check_can_be_done
from accounts.requests.queries import approved_by
from accounts.requests.states import State
from accounts.requests.telling import tell_requester


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
                check_can_be_done(request)
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


def _locked(request_id: str, *, wait: bool) -> AccessRequest | None:
    rows = AccessRequest.objects.select_for_update(of=("self",), skip_locked=not wait)
    return rows.select_related("requester").filter(pk=request_id).first()
