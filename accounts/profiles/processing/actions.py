"""What people do with identity processing: ask for a plan, confirm it, cancel."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.jobs import actions as jobs
from accounts.jobs.models import Job
from accounts.lib.errors import DomainError
from accounts.profiles import policies
from accounts.profiles.locking import lock
from accounts.profiles.models import IdentityProfile
from accounts.profiles.processing.models import Processing
from accounts.profiles.processing.plan import APPLY
from accounts.profiles.processing.states import BUSY, State

PLAN = "identity_processing.plan"


class WrongState(DomainError):
    """The processing is not where this could be done; somebody else may have done it."""

    code = "wrong_state"

    def __init__(self, processing: Processing) -> None:
        super().__init__(
            _("This cannot be done any more: it is in the state “%(state)s”.")
            % {"state": processing.get_state_display()}
        )


class AlreadyProcessing(DomainError):
    """The changes of this profile are being planned or applied."""

    code = "already_processing"

    def __init__(self, running: Processing) -> None:
        super().__init__(_("The changes of this identity profile are being processed already."))
        self.running = running


class NotLookedAt(DomainError):
    """There is something to look at before the plan is confirmed."""

    code = "not_looked_at"

    def __init__(self) -> None:
        super().__init__(
            _("Nothing is applied yet. Tick that you have looked at it."), field="sure"
        )


@transaction.atomic
def plan(
    *, by: Actor, profile: IdentityProfile, at: datetime, auto_apply: bool = False
) -> Processing:
    """Apply Changes: have a plan made. With `auto_apply`, it is applied without confirmation
    unless more identities would be disabled or removed than the source's Account Delete Threshold
    allows, or there is something else to look at.

    A plan that waits for confirmation is given up for the new one, by whoever could confirm it.

    Raises:
        AlreadyProcessing: one is at work, or waits for somebody else; the error carries it.
        ProfileGone, NotAllowed.
    """
    policies.check_may_plan(by, is_applied=auto_apply)
    _source, current = lock(profile)
    for unfinished in Processing.objects.unfinished().filter(profile=current):
        if unfinished.state in BUSY or not policies.may_manage(by):
            raise AlreadyProcessing(unfinished)
        _give_up(unfinished, by=by, at=at)
    processing = Processing(
        profile=current, auto_apply=auto_apply, asked_at=at, asked_by=by.label[:200]
    )
    job = jobs.start(
        by=by, kind=PLAN, subject=current, payload={"processing": str(processing.pk)}, at=at
    )
    processing.job_id = job.pk
    processing.save(force_insert=True)
    record("identity_processing.asked", by=by, subject=processing, at=at)
    return processing


@transaction.atomic
def confirm(
    *, by: Actor, processing: Processing, at: datetime, plan: int | None = None, sure: bool = False
) -> Processing:
    """Have a plan applied as it was shown; `plan` is the one that the person has seen, and with
    `sure` they say that they have looked at why it was held.

    Twice is harmless.

    Raises:
        NotLookedAt: the plan was held, and they do not say so.
        WrongState: it is not waiting for that, or the plan was made again meanwhile.
        ProfileGone, NotAllowed.
    """
    policies.check_may_manage(by)
    lock(processing.profile)
    current = _locked(processing)
    is_seen = plan in (None, current.plan)
    if current.state in (State.APPLYING, State.APPLIED) and is_seen:
        return current
    if current.state != State.PLANNED or not is_seen:
        raise WrongState(current)
    if current.held_reason and not sure:
        raise NotLookedAt
    job = jobs.start(
        by=by,
        kind=APPLY,
        subject=current.profile,
        payload={"processing": str(current.pk)},
        at=at,
    )
    current.state, current.job_id = State.APPLYING, job.pk
    current.confirmed_at, current.confirmed_by = at, by.label[:200]
    current.save(update_fields=["state", "job_id", "confirmed_at", "confirmed_by"])
    detail = {"total": current.changes, **current.effects}
    record("identity_processing.confirmed", by=by, subject=current, detail=detail, at=at)
    return current


@transaction.atomic
def cancel(*, by: Actor, processing: Processing, at: datetime) -> None:
    """Give a plan up, or stop the job that is at work; what was applied stays. Twice is harmless.

    Raises:
        WrongState: another job took it over this moment.
        NotAllowed.
    """
    policies.check_may_manage(by)
    job_id = Processing.objects.values_list("job_id", flat=True).get(pk=processing.pk)
    # first the job, then the processing: a job that ends locks them in this order, too
    job = Job.objects.select_for_update().filter(pk=job_id).first() if job_id else None
    current = _locked(processing)
    if current.is_finished:
        return
    if current.job_id is None:
        _give_up(current, by=by, at=at)
    elif current.job_id != job_id:
        raise WrongState(current)
    elif job is not None:
        jobs.ask_to_cancel(by=by, job=job, at=at)


def _locked(processing: Processing) -> Processing:
    return (
        Processing.objects.select_for_update(of=("self",))
        .select_related("profile__source")
        .get(pk=processing.pk)
    )


def _give_up(processing: Processing, *, by: Actor, at: datetime) -> None:
    processing.state, processing.finished_at = State.CANCELLED, at
    processing.save(update_fields=["state", "finished_at"])
    record("identity_processing.cancelled", by=by, subject=processing, at=at)
