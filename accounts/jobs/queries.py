from __future__ import annotations

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities.models import Identity
from accounts.jobs.models import Job, JobQuerySet


def visible_to(person: Identity) -> JobQuerySet:
    """Whoever may see jobs sees all of them; page through them by ("-created_at", "id")."""
    return Job.objects.all() if may(person, Permission.JOB_VIEW) else Job.objects.none()
