from __future__ import annotations

from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import NotAllowed, check_may, may
from accounts.jobs.kinds import kinds
from accounts.jobs.models import Job


def may_cancel(by: Actor, job: Job) -> bool:
    """Whoever might have asked for it; what only the system asks for, who manages jobs."""
    if not may(by, permission_of(job)):
        return False
    return job.kind not in kinds or kinds.get(job.kind).reaches(by, job.subject_id)


def check_may_cancel(by: Actor, job: Job) -> None:
    if not may_cancel(by, job):
        raise NotAllowed(permission_of(job))


def permission_of(job: Job) -> Permission:
    permission = kinds.get(job.kind).permission if job.kind in kinds else None
    return permission or Permission.JOB_MANAGE


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
