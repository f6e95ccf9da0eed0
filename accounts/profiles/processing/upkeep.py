"""What identity processing leaves behind, and when it goes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import models
from django.utils import timezone

from accounts.profiles.models import IdentityProfile
from accounts.profiles.processing import scheduled
from accounts.profiles.processing.models import (
    AccountProblem,
    PlannedEffect,
    Processing,
    ProcessingChunk,
    ProcessingPlan,
)
from accounts.profiles.processing.states import State

KEEP_PLANS: Final = timedelta(days=1)
"""After a processing has ended, its plan can still be read this long."""
GIVE_UP_WAITING: Final = timedelta(days=30)
"""A plan that nobody confirmed."""
ROWS_AT_ONCE: Final = 20_000


def run() -> None:
    """What the worker calls once a minute."""
    now = timezone.now()
    tidy(at=now)
    scheduled.ensure(at=now)


def tidy(*, at: datetime) -> None:
    """Forget in small steps, each its own transaction; safe to repeat and to cut off."""
    Processing.objects.filter(state=State.PLANNED, planned_at__lt=at - GIVE_UP_WAITING).update(
        state=State.CANCELLED, finished_at=at, job_id=None
    )
    current = set(IdentityProfile.objects.exclude(problems=None).values_list("problems", flat=True))
    for plan in ProcessingPlan.objects.filter(begun_at__lt=at - timedelta(hours=1)).order_by("pk"):
        if _is_wanted(plan, at):
            continue
        _forget(PlannedEffect.objects.filter(plan=plan.pk))
        ProcessingChunk.objects.filter(plan=plan.pk).delete()
        if plan.pk not in current:  # else its problems are what people look at
            _forget(AccountProblem.objects.filter(plan=plan.pk))
            plan.delete()


def _is_wanted(plan: ProcessingPlan, at: datetime) -> bool:
    processing = Processing.objects.filter(pk=plan.processing_id).first()
    if processing is None:
        return False
    if processing.plan != plan.pk:
        return processing.state == State.PLANNING
    return processing.finished_at is None or processing.finished_at >= at - KEEP_PLANS


def _forget(rows: models.QuerySet[Any]) -> None:
    while rows.filter(pk__in=rows.values("pk")[:ROWS_AT_ONCE]).delete()[0]:
        pass
