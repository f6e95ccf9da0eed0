from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.jobs.run import run_job
from accounts.models import AccessRequest, Group, Identity, Job, ServiceAccount
from accounts.requests import actions, queries
from accounts.requests.states import Verdict


def ask(
    by: Identity, kind: str, *, reason: str = "For the nightly export", **details: Any
) -> AccessRequest:
    return actions.ask(by=by, kind=kind, details=details, reason=reason, at=timezone.now())


def ask_for_group(
    by: Identity, group: Group, account: ServiceAccount | None = None
) -> AccessRequest:
    wanted = {"account": str(account.pk)} if account else {}
    return ask(by, "group_membership", group=str(group.pk), **wanted)


def decide(
    by: Identity,
    request: AccessRequest,
    verdict: Verdict = Verdict.APPROVE,
    comment: str = "",
    digest: str | None = None,
) -> AccessRequest:
    """As somebody who read what the page shows now."""
    _lines, shown = queries.seen(request)
    return actions.decide(
        by=by,
        request=request,
        verdict=verdict,
        comment=comment,
        digest=shown if digest is None else digest,
        at=timezone.now(),
    )


def carry_out(request: AccessRequest) -> AccessRequest:
    """What a worker does once the request is approved."""
    for job in Job.objects.unfinished().filter(subject_id=str(request.pk)):
        run_job(job.pk)
    request.refresh_from_db()
    return request
