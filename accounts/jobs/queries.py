from __future__ import annotations

from django.db.models import Q

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities.models import Identity
from accounts.jobs.kinds import kinds
from accounts.jobs.models import Job, JobQuerySet


def visible_to(person: Identity) -> JobQuerySet:
    """All jobs by permission; with the lesser one those of one's own, and what kinds let one see.

    Page through them by ("-created_at", "id").
    """
    if may(person, Permission.JOB_VIEW_ALL):
        return Job.objects.all()
    if not may(person, Permission.JOB_VIEW):
        return Job.objects.none()
    seen = Q(asked_by_id=person.actor_id)
    for name, kind in kinds.items():
        if (some := kind.seen_by(person)) is not None:
            seen |= Q(kind=name) & some
    return Job.objects.filter(seen)
