"""Who may have the jobs of a source, and see them."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities.models import Identity
from accounts.jobs.kinds import JobKind
from accounts.sources.models import Source
from accounts.sources.policies import may_manage


class SourceJob(JobKind):
    """A job whose subject is a source: for whoever manages that source."""

    permission: Permission | None = Permission.SOURCE_MANAGE

    def reaches(self, by: Actor, subject_id: str) -> bool:
        return may_manage(by, Source.objects.get(pk=UUID(subject_id)))

    def seen_by(self, person: Identity) -> Q | None:
        if may(person, Permission.SOURCE_VIEW_ALL):
            return Q(subject_type=Source.audit_type)
        ids = [str(pk) for pk in Source.objects.visible_to(person).values_list("pk", flat=True)]
        return Q(subject_type=Source.audit_type, subject_id__in=ids)
