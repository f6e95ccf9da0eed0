from __future__ import annotations

from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.jobs.kinds import kinds
from accounts.jobs.models import Job


def may_cancel(by: Actor, job: Job) -> bool:
    """Whoever might have asked for it; what only the system asks for, who manages jobs."""
    permission = kinds.get(job.kind).permission if job.kind in kinds else None
    return may(by, permission or Permission.JOB_MANAGE)
