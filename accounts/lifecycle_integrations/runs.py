"""Synchronizations as people ask for them: begun, confirmed, and ended before their time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import SYSTEM, Actor
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import check_may
from accounts.jobs import actions as jobs
from accounts.lib.errors import DomainError
from accounts.lifecycle_integrations.actions import NotTested, lock
from accounts.lifecycle_integrations.models import LifecycleIntegration, LifecycleRun
from accounts.lifecycle_integrations.states import (
    BUSY,
    LEAVING,
    NOT_TESTED,
    OPEN,
    WAITING,
    Act,
    RunState,
    Status,
)

KIND: Final = "lifecycle.synchronize"
EVERY: Final = timedelta(hours=1)
DUE_AT_ONCE: Final = 50


class CannotSynchronize(DomainError):
    """It is paused, has no groups, or is being synchronized."""

    code = "cannot_synchronize"


class NothingToConfirm(DomainError):
    """The plan is not waiting any more."""

    code = "nothing_to_confirm"

    def __init__(self) -> None:
        super().__init__(_("This plan does not wait any more. Make another."))


@transaction.atomic
def start(
    *, by: Actor, lifecycle: LifecycleIntegration, plan_only: bool, at: datetime
) -> LifecycleRun:
    """Compare the application with the groups, and do what differs unless `plan_only`.

    A plan that waits is replaced.

    Raises:
        NotAllowed, IntegrationGone, NotTested, CannotSynchronize
    """
    check_may(by, Permission.TENANT_MANAGE)
    found = lock(lifecycle)
    if found.status in NOT_TESTED:
        raise NotTested
    if found.paused_at is not None:
        raise CannotSynchronize(_("It is paused. Resume it first."))
    if not found.groups.exists():
        raise CannotSynchronize(_("Choose the groups first whose members should have an account."))
    open_runs = LifecycleRun.objects.filter(integration=found, state__in=OPEN)
    if open_runs.filter(state__in=BUSY).exists():
        raise CannotSynchronize(_("It is being synchronized. Wait until that has ended."))
    open_runs.update(state=RunState.CANCELLED, finished_at=at)
    run = LifecycleRun(
        integration=found, plan_only=plan_only, started_by=by.label[:200], started_at=at
    )
    run.save(force_insert=True)
    _begin(run, found, by=by, at=at)
    return run


def _begin(run: LifecycleRun, lifecycle: LifecycleIntegration, *, by: Actor, at: datetime) -> None:
    job = jobs.start(
        by=by,
        kind=KIND,
        subject=lifecycle,
        payload={"run": str(run.pk)},
        exclusive_key=f"lifecycle:{run.pk}:{run.tries}:{bool(run.confirmed_at)}",
        at=at,
    )
    run.job_id, run.state = job.pk, RunState.QUEUED
    run.save(update_fields=["job_id", "state"])
    lifecycle.status, lifecycle.status_text = Status.IN_PROGRESS, ""
    lifecycle.next_sync_at = None
    lifecycle.save(update_fields=["status", "status_text", "next_sync_at"])


@transaction.atomic
def confirm(*, by: Actor, lifecycle_run: LifecycleRun, at: datetime) -> None:
    """Have a plan that waits carried out.

    It is made again with what is there then; where more people would lose their account than
    this one shows, and more than the threshold allows, it waits again.

    Raises:
        NotAllowed, IntegrationGone, NothingToConfirm, CannotSynchronize
    """
    check_may(by, Permission.TENANT_MANAGE)
    lifecycle = lock(lifecycle_run.integration)
    run = LifecycleRun.objects.select_for_update().filter(pk=lifecycle_run.pk).first()
    if run is None or run.state not in WAITING:
        raise NothingToConfirm
    if lifecycle.paused_at is not None:
        raise CannotSynchronize(_("It is paused. Resume it first."))
    was_held = run.state == RunState.HELD
    seen = run.steps.filter(act__in=[*LEAVING, Act.INVITE]).values_list("identity_id", flat=True)
    run.confirmed_for = sorted(map(str, seen))
    run.confirmed_at, run.confirmed_by, run.plan_only = at, by.label[:200], False
    run.save()
    record(
        "lifecycle_integration.confirmed",
        by=by,
        subject=lifecycle,
        detail=dict(run.numbers) | {"was_held": was_held},
        at=at,
    )
    _begin(run, lifecycle, by=by, at=at)


@transaction.atomic
def discard(*, by: Actor, lifecycle_run: LifecycleRun, at: datetime) -> None:
    """Do nothing of a plan that waits.

    Raises:
        NotAllowed, IntegrationGone, NothingToConfirm
    """
    check_may(by, Permission.TENANT_MANAGE)
    lifecycle = lock(lifecycle_run.integration)
    rows = LifecycleRun.objects.filter(pk=lifecycle_run.pk, state__in=WAITING)
    if not rows.update(state=RunState.CANCELLED, finished_at=at):
        raise NothingToConfirm
    lifecycle.status = Status.UP_TO_DATE if lifecycle.last_synced_at else Status.VALIDATED
    lifecycle.status_text = ""
    lifecycle.next_sync_at = at + EVERY if lifecycle.last_synced_at else None
    lifecycle.save(update_fields=["status", "status_text", "next_sync_at"])
    record("lifecycle_integration.discarded", by=by, subject=lifecycle, at=at)


def start_due(*, at: datetime) -> int:
    """Begin what is to be synchronized by itself, or tried again; answers how many. Upkeep."""
    due = LifecycleIntegration.objects.filter(next_sync_at__lte=at, paused_at=None)
    begun = 0
    for lifecycle in due.order_by("next_sync_at", "pk")[:DUE_AT_ONCE]:
        begun += _start_due(lifecycle, at)
    return begun


@transaction.atomic
def _start_due(seen: LifecycleIntegration, at: datetime) -> bool:
    rows = LifecycleIntegration.objects.select_for_update(of=("self",), skip_locked=True)
    found = rows.filter(pk=seen.pk, next_sync_at__lte=at, paused_at=None).first()
    if found is None:
        return False
    run = LifecycleRun.objects.filter(integration=found, state__in=OPEN).first()
    if run is None:
        start(by=SYSTEM, lifecycle=found, plan_only=False, at=at)
    elif run.state == RunState.RETRYING:
        _begin(run, found, by=SYSTEM, at=at)
    else:
        found.next_sync_at = None
        found.save(update_fields=["next_sync_at"])
        return False
    return True
