"""Making a plan: every account evaluated, compared and counted; nothing is changed yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.jobs import actions as jobs
from accounts.jobs.run import Run
from accounts.lib.errors import DomainError
from accounts.lib.sql import execute
from accounts.profiles.evaluate import CompiledProfile
from accounts.profiles.lifecycle_states.settling import States
from accounts.profiles.locking import lock
from accounts.profiles.models import IdentityProfile
from accounts.profiles.processing import entering, holding, managing
from accounts.profiles.processing.compare import LINKS, PLANNED, Comparison
from accounts.profiles.processing.evaluating import Evaluation, evaluate
from accounts.profiles.processing.models import Processing, ProcessingPlan
from accounts.profiles.processing.states import SHOWN, Effect, State
from accounts.profiles.specs import compiled

MOST_ATTEMPTS: Final = 3
"""At a plan, while accounts or mappings change under it."""

CHUNK_LINES = 50_000
"""Of a plan, applied in one transaction."""

ANALYZE_FROM: Final = 50_000

APPLY: Final = "identity_processing.apply"


class StillChanging(DomainError):
    """Accounts or mappings changed again and again while the plan was made."""

    code = "still_changing"

    def __init__(self) -> None:
        super().__init__(_("The accounts or mappings keep changing. Try again when that is done."))


@dataclass(frozen=True)
class _Basis:
    """What a plan is made on; for anything else it does not hold."""

    profile: IdentityProfile
    compiled: CompiledProfile
    generation: int
    version: int

    @property
    def is_of_everything(self) -> bool:
        """Whether all accounts have to be evaluated, or only those that changed."""
        return self.version != self.profile.applied_version or self.compiled.depends_on_more


def make_plan(run: Run, processing: Processing) -> dict[str, Any]:
    """Make the plan of a processing and let it wait for confirmation.

    Where nobody would see a change, or nobody has to be asked, it is applied at once.

    Raises:
        BadDefinition: a transform is wrong.
        StillChanging, ProfileGone, Cancelled, LostJob.
    """
    for _attempt in range(MOST_ATTEMPTS):
        basis = _basis(processing)
        plan, states = _evaluate(run, processing, basis)
        run.phase(_("Comparing"))
        comparison = Comparison(plan, basis.profile)
        comparison.find_lost()
        comparison.join_other_profiles()
        comparison.refuse_collisions()
        shared_count, shared = comparison.shared_names()
        values = {
            "plan": plan,
            "effects": comparison.count() | entering.counts(plan),
            "unknown_states": dict(states.unknown),
            "in_error": comparison.count_refused(),
            "shared_names": shared,
            "shared_name_count": shared_count,
            "total": comparison.chunk(CHUNK_LINES),
        }
        if (result := _keep(run, processing, basis, values)) is not None:
            return result
    raise StillChanging


def _basis(processing: Processing) -> _Basis:
    profile = IdentityProfile.objects.select_related("source").get(pk=processing.profile_id)
    return _Basis(
        profile=profile,
        compiled=compiled(profile),
        generation=profile.source.generation,
        version=profile.version,
    )


def _evaluate(run: Run, processing: Processing, basis: _Basis) -> tuple[int, States]:
    """Evaluate the accounts and write down what becomes of each: the plan, and their states."""
    now = run.clock()
    plan = ProcessingPlan.objects.create(
        processing_id=processing.pk, profile_id=basis.profile.pk, begun_at=now
    )
    run.phase(_("Evaluating the accounts"), total=basis.profile.source.account_count)
    done, states = evaluate(
        run,
        Evaluation(
            plan=plan.pk,
            profile=basis.profile,
            compiled=basis.compiled,
            everything=basis.is_of_everything,
            at=now,
        ),
    )
    if done >= ANALYZE_FROM and connection.vendor == "postgresql":
        execute(f"ANALYZE {PLANNED}")
        execute(f"ANALYZE {LINKS}")
    return plan.pk, states


def _keep(
    run: Run, processing: Processing, basis: _Basis, values: dict[str, Any]
) -> dict[str, Any] | None:
    """Let the plan count, in one step with the end of the job; None if its basis changed."""
    now = run.clock()
    with transaction.atomic():
        source, profile = lock(basis.profile)
        if (source.generation, profile.version) != (basis.generation, basis.version):
            return None
        values |= {
            "generation": basis.generation,
            "version": basis.version,
            "vanished_policy": profile.vanished_policy,
            "accounts": source.account_count,
            "planned_at": now,
            "done": 0,
            "unchanged": _unchanged(source.account_count, values),
        }
        for name, value in values.items():
            setattr(processing, name, value)
        managing.keep_problems(profile, processing.plan)
        profile.problems = processing.plan
        profile.save(update_fields=["problems"])
        processing.held_reason = holding.reason(processing, source)
        processing.state = State.PLANNED
        is_begun = not processing.changes or (processing.auto_apply and not processing.held_reason)
        run.hold()
        if is_begun:
            begin(processing, run, now)
        else:
            processing.job_id = None
        processing.save(update_fields=[*values, "held_reason", "state", "job_id"])
        result = summary(processing)
        record(
            "identity_processing.planned", by=run.actor, subject=processing, detail=result, at=now
        )
        run.finish(result)
    return result


def _unchanged(accounts: int, values: dict[str, Any]) -> int:
    """Accounts of which nothing is planned and that are not in error."""
    effects: dict[str, int] = values["effects"]
    lost = (Effect.DISABLED, Effect.REMOVED, Effect.HANDED_OVER)
    touched = sum(effects.get(e.name.lower(), 0) for e in SHOWN if e not in lost)
    return max(0, accounts - touched - int(values["in_error"]))


def begin(processing: Processing, run: Run, at: datetime) -> None:
    """Have the plan applied by a job of its own; the caller saves the processing."""
    processing.state = State.APPLYING
    job = jobs.start(
        by=run.actor,
        kind=APPLY,
        subject=processing.profile,
        payload={"processing": str(processing.pk)},
        at=at,
    )
    processing.job_id = job.pk


def summary(processing: Processing) -> dict[str, Any]:
    """The figures of a plan, as the audit log and the job keep them."""
    return {
        "processing": str(processing.pk),
        "accounts": processing.accounts,
        "unchanged": processing.unchanged,
        "in_error": processing.in_error,
        **processing.effects,
    }
