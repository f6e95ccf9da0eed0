from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Sum

from accounts.audit.models import Event
from accounts.audit.proof.jobs import KIND
from accounts.audit.proof.models import AuditCheckpoint
from accounts.jobs.models import Job


@dataclass(frozen=True)
class Standing:
    """How far the chain reaches. `waiting` events are sealed within a minute or two."""

    last: AuditCheckpoint | None
    events: int
    waiting: int


def last() -> AuditCheckpoint | None:
    return AuditCheckpoint.objects.defer("marks").order_by("-number").first()


def standing() -> Standing:
    newest = last()
    sealed = AuditCheckpoint.objects.aggregate(all=Sum("many"))["all"] or 0
    since = newest.last_id if newest else 0
    return Standing(newest, sealed, Event.objects.filter(pk__gt=since).count())


def last_verification() -> Job | None:
    """The newest one, whoever asked for it."""
    return Job.objects.filter(kind=KIND).order_by("-created_at", "pk").first()
