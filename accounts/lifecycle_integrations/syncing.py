"""One synchronization as a job does it: read what is there, plan, and do it account by account.

Safe to begin again after any point: each attempt compares anew, and an account that was made is
found by the key that it was given.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.audit.models import Outcome
from accounts.jobs.run import Run
from accounts.lib.errors import DomainError
from accounts.lifecycle_integrations import members, secrets, telling
from accounts.lifecycle_integrations.actions import lock
from accounts.lifecycle_integrations.applying import Doing
from accounts.lifecycle_integrations.connectors import connectors
from accounts.lifecycle_integrations.connectors.base import Access, Stopped
from accounts.lifecycle_integrations.models import (
    LifecycleIntegration,
    LifecycleLink,
    LifecycleRun,
    LifecycleStep,
)
from accounts.lifecycle_integrations.planning import Known, Plan, plan
from accounts.lifecycle_integrations.runs import EVERY
from accounts.lifecycle_integrations.secrets import BadSecret
from accounts.lifecycle_integrations.states import (
    BUSY,
    Act,
    Leavers,
    RunState,
    Status,
    StepState,
)

BACKOFF: Final = tuple(timedelta(minutes=number) for number in (1, 5, 15, 60))
STEPS_AT_ONCE: Final = 500


class Overtaken(DomainError):
    """The integration was paused, changed or deleted while it was being synchronized."""

    code = "overtaken"

    def __init__(self) -> None:
        super().__init__(_("It was paused, changed or deleted meanwhile. Begin again."))


@dataclass
class Sync:
    """A synchronization at work."""

    job: Run
    run: LifecycleRun
    lifecycle: LifecycleIntegration

    def hold(self) -> LifecycleIntegration:
        """The row of the integration, inside a transaction, if this attempt may still write.

        Raises:
            Overtaken, LostJob, IntegrationGone
        """
        found = lock(self.lifecycle)
        is_ours = LifecycleRun.objects.filter(pk=self.run.pk, state=RunState.RUNNING).exists()
        if not is_ours or found.paused_at or found.revision != self.lifecycle.revision:
            raise Overtaken
        self.job.hold()
        return found


def synchronize(job: Run) -> dict[str, Any]:
    """
    Raises:
        DomainError: it failed, which is noted already.
    """
    sync = _begun(job)
    try:
        access = secrets.access(sync.lifecycle)
        made = _planned(sync, access)
        reasons = _alarms(sync, made)
        if reasons or sync.run.plan_only:
            return _wait(sync, made, " ".join(reasons))
        return _done(sync, access)
    except Stopped as error:
        if error.again_after is not None and sync.run.tries < len(BACKOFF):
            return _again(sync, error)
        _failed(sync, error, needs_test=error.again_after is None)
        raise
    except BadSecret as error:
        _failed(sync, error, needs_test=True)
        raise


@transaction.atomic
def _begun(job: Run) -> Sync:
    run = LifecycleRun.objects.filter(pk=UUID(job.payload["run"]), state__in=BUSY).first()
    if run is None:
        raise Overtaken
    lifecycle = lock(run.integration)
    if lifecycle.paused_at is not None:
        raise Overtaken
    run.state = RunState.RUNNING
    run.save(update_fields=["state"])
    run.steps.filter(state=StepState.PLANNED).delete()
    sync = Sync(job, run, lifecycle)
    sync.hold()
    return sync


def _planned(sync: Sync, access: Access) -> Plan:
    """Read the application, compare, and keep what is to be done."""
    lifecycle, at = sync.lifecycle, sync.job.clock()
    connector = connectors.get(lifecycle.connector)
    sync.job.phase(_("Reading the accounts of the application"))
    there = list(connector.accounts(access, sync.job.progress))
    links = LifecycleLink.objects.filter(integration=lifecycle).select_related("identity")
    known = {
        str(link.identity_id): Known(
            link.outside_id, link.identity.user_name, link.is_active, link.sent
        )
        for link in links
    }
    made = plan(
        members.wanted(lifecycle, at),
        known,
        there,
        adopt=lifecycle.adopt,
        leavers=Leavers(lifecycle.leavers),
    )
    with transaction.atomic():
        sync.hold()
        _keep(sync.run, made, at)
    return made


def _keep(run: LifecycleRun, made: Plan, at: datetime) -> None:
    first = run.steps.count()
    order = (Act.DEACTIVATE, Act.REMOVE, Act.UPDATE, Act.INVITE, Act.REFUSE)
    moves = sorted(made.moves, key=lambda move: order.index(move.act))
    LifecycleStep.objects.bulk_create(
        [
            LifecycleStep(
                run=run,
                position=first + number,
                act=move.act,
                identity_id=UUID(move.key),
                label=move.label,
                changes=move.changes,
                state=StepState.FAILED if move.error else StepState.PLANNED,
                error=move.error[:300],
            )
            for number, move in enumerate(moves)
        ],
        batch_size=STEPS_AT_ONCE,
    )
    links = LifecycleLink.objects.filter(integration=run.integration)
    links.filter(identity__in=[UUID(key) for key in made.gone]).delete()
    inactive = links.filter(identity__in=[UUID(key) for key in made.inactive])
    inactive.update(is_active=False, changed_at=at)
    run.numbers = made.numbers()
    run.save(update_fields=["numbers"])


def _alarms(sync: Sync, made: Plan) -> list[str]:
    """Why it waits for a person; nothing where one has seen all of it."""
    touched = {*made.leaving, *made.missing}
    if sync.run.confirmed_at is not None and touched <= set(sync.run.confirmed_for):
        return []
    return made.alarms(sync.lifecycle.threshold_percent)


@transaction.atomic
def _wait(sync: Sync, made: Plan, reason: str) -> dict[str, Any]:
    at, found = sync.job.clock(), sync.hold()
    sync.run.state = RunState.HELD if reason else RunState.PLANNED
    sync.run.reason = reason[:500]
    if not reason and not made.moves:
        sync.run.finished_at, sync.run.state = at, RunState.DONE
    sync.run.save(update_fields=["state", "reason", "finished_at"])
    if sync.run.state == RunState.DONE:
        found.last_synced_at, found.next_sync_at = at, at + EVERY
    _set(found, _waiting_status(sync.run), sync.run.reason)
    if reason:
        by = sync.job.actor
        record("lifecycle_integration.held", by=by, subject=found, reason=reason, at=at)
        telling.tell(sync.run, telling.HELD, at=at)
    sync.job.finish(dict(sync.run.numbers))
    return dict(sync.run.numbers)


def _waiting_status(run: LifecycleRun) -> Status:
    if run.state == RunState.HELD:
        return Status.HELD
    return Status.WAITING if run.state == RunState.PLANNED else Status.UP_TO_DATE


def _done(sync: Sync, access: Access) -> dict[str, Any]:
    """Do what was planned, one account after the other, and end the job."""
    steps = list(sync.run.steps.filter(state=StepState.PLANNED).order_by("position", "pk"))
    sync.job.phase(_("Changing accounts in the application"), total=len(steps))
    connector = connectors.get(sync.lifecycle.connector)
    for number, step in enumerate(steps):
        sync.job.progress(number, len(steps))
        Doing(connector, access, sync.lifecycle, sync.job, sync.hold).do(step)
    return _ended(sync)


@transaction.atomic
def _ended(sync: Sync) -> dict[str, Any]:
    at, found, run = sync.job.clock(), sync.hold(), sync.run
    failed = run.steps.filter(state=StepState.FAILED).count()
    done = run.steps.filter(state=StepState.DONE).count()
    run.state = RunState.FAILED if failed else RunState.DONE
    run.finished_at = at
    run.numbers = dict(run.numbers) | {"done": done, "failed": failed}
    if failed:
        said = ngettext(
            "%(n)d account could not be kept.", "%(n)d accounts could not be kept.", failed
        )
        run.reason = said % {"n": failed}
    run.save(update_fields=["state", "finished_at", "numbers", "reason"])
    found.last_synced_at, found.next_sync_at = at, at + EVERY
    _set(found, Status.FAILED if failed else Status.UP_TO_DATE, run.reason)
    record(
        "lifecycle_integration.synchronized",
        by=sync.job.actor,
        subject=found,
        outcome=Outcome.FAILED if failed else Outcome.DONE,
        reason=run.reason,
        detail=run.numbers,
        at=at,
    )
    if failed:
        telling.tell(run, telling.FAILED, at=at)
    sync.job.finish(dict(run.numbers))
    return dict(run.numbers)


@transaction.atomic
def _again(sync: Sync, error: Stopped) -> dict[str, Any]:
    """Put it off: the upkeep begins it again."""
    at, found = sync.job.clock(), sync.hold()
    wait = max(BACKOFF[sync.run.tries], error.again_after or BACKOFF[0])
    sync.run.tries += 1
    sync.run.state, sync.run.reason = RunState.RETRYING, error.message[:500]
    sync.run.save(update_fields=["tries", "state", "reason"])
    found.next_sync_at = at + wait
    _set(found, Status.RETRYING, error.message)
    result = {"retry_in_seconds": int(wait.total_seconds())}
    sync.job.finish(result)
    return result


@transaction.atomic
def _failed(sync: Sync, error: DomainError, *, needs_test: bool) -> None:
    sync.hold()
    status = Status.VALIDATION_FAILED if needs_test else Status.FAILED
    by, at = sync.job.actor, sync.job.clock()
    note_failure(sync.run, error.message, by=by, at=at, status=status)


def note_failure(
    run: LifecycleRun, message: str, *, by: Actor, at: datetime, status: Status = Status.FAILED
) -> None:
    """Note that a synchronization failed as a whole, from a transaction that has its integration.

    A second time changes nothing.
    """
    ours = LifecycleRun.objects.filter(pk=run.pk, state__in=BUSY)
    if not ours.update(state=RunState.FAILED, reason=message[:500], finished_at=at):
        return
    found = LifecycleIntegration.objects.get(pk=run.integration_id)
    goes_on = status == Status.FAILED and found.last_synced_at is not None
    found.next_sync_at = at + EVERY if goes_on else None
    _set(found, status, message)
    record(
        "lifecycle_integration.failed",
        by=by,
        subject=found,
        outcome=Outcome.FAILED,
        reason=message,
        at=at,
    )
    telling.tell(run, telling.FAILED, at=at)


def _set(found: LifecycleIntegration, status: Status, text: str) -> None:
    found.status, found.status_text = status, text[:500]
    found.save(update_fields=["status", "status_text", "last_synced_at", "next_sync_at"])
