from __future__ import annotations

from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed, check_may, may
from accounts.jobs.kinds import kinds
from accounts.jobs.models import Job


def may_cancel(by: Actor, job: Job) -> bool:
    """Whoever might have asked for it; what only the system asks for, who manages jobs."""
    kind = kinds.get(job.kind) if job.kind in kinds else None
    if kind is None or kind.permission is None:
        return may(by, Permission.JOB_MANAGE)
    return may(by, kind.permission) and kind.reaches(by, job.subject_id)


def check_may_have(by: Actor, kind: str, subject_id: str) -> None:
    """That `by` may have such a job done; what names no permission is asked for by the system.

    Raises:
        NotAllowed: they may not.
        UnknownPart: there is no such kind.
    """
    found = kinds.get(kind)
    if found.permission is None:
        return
    check_may(by, found.permission)
    if not found.reaches(by, subject_id):
        raise NotAllowed(found.permission)
