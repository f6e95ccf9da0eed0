"""Upkeep of what carries the background jobs; the worker runs it, see `settings.UPKEEP`."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from accounts.imports import upkeep as imports
from accounts.jobs import actions

LONGEST_TASK = timedelta(hours=1)
"""A task that still runs after this long lost its worker; every job is safe to run twice."""
KEEP_RESULTS = timedelta(days=7)


def reclaim_lost_tasks() -> None:
    """Give back what a killed worker had begun; otherwise it would count as running for ever."""
    DBTaskResult.objects.filter(
        status=TaskResultStatus.RUNNING, started_at__lt=timezone.now() - LONGEST_TASK
    ).update(status=TaskResultStatus.READY, started_at=None)


def forget_old_tasks() -> None:
    """Drop the results of finished tasks; what they did is in the audit log."""
    DBTaskResult.objects.filter(finished_at__lt=timezone.now() - KEEP_RESULTS).delete()


def forget_old_jobs() -> None:
    """Drop jobs that ended long ago."""
    actions.forget_old(at=timezone.now())


def tidy_imports() -> None:
    """Drop plans, rejected rows, files and removed accounts that are kept no longer."""
    imports.tidy(at=timezone.now())
