"""Applying a plan in chunks, each in a transaction of its own, from where it was cut off."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, Final

from django.db import IntegrityError, connection, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.jobs.run import Run
from accounts.lib.sql import execute, id_parameter
from accounts.profiles.leading import UNSEEN
from accounts.profiles.locking import lock, share
from accounts.profiles.models import IdentityProfile
from accounts.profiles.processing import hands, managing
from accounts.profiles.processing.compare import IDENTITIES, LINKS, PROBLEMS
from accounts.profiles.processing.entering import Entering, is_outdated
from accounts.profiles.processing.hands import SecondHand
from accounts.profiles.processing.inviting import invite
from accounts.profiles.processing.models import PlannedEffect, Processing, ProcessingChunk
from accounts.profiles.processing.plan import make_plan, summary
from accounts.profiles.processing.states import MANAGED, State
from accounts.profiles.processing.writing import Writer
from accounts.sources.models import Source

ANALYZE_FROM: Final = 10_000


class Stale(Exception):
    """The accounts, mappings or identities are not those that the plan was made for."""


def apply_plan(run: Run, processing: Processing) -> dict[str, Any]:
    """Apply what is left of a plan; where it does not fit any more, make it again instead.

    Chunks that were applied stay so: each identity is as it was or as planned, never in between.
    What a new plan says has been confirmed by nobody, so it waits for that.

    Raises:
        ProfileGone: the profile or its source was deleted.
        Cancelled, LostJob: see `Run.progress`.
    """
    run.phase(_("Applying the changes"), total=processing.total)
    try:
        second = SecondHand(lambda: _apply_next(run, processing))
        with second if hands.pay_for(processing) else nullcontext():
            _apply_rest(run, processing)
        while True:
            managing.settle(run, processing, lambda: _fitting(processing, share))
            if (result := _finish(run, processing)) is not None:
                return result
            _apply_rest(run, processing)
    except Stale:
        processing.refresh_from_db()
        processing.planned_again, processing.state = True, State.PLANNING
        processing.save(update_fields=["planned_again", "state"])
        return make_plan(run, processing)


def _apply_rest(run: Run, processing: Processing) -> None:
    while _apply_next(run, processing):
        processing.refresh_from_db(fields=["done"])
        run.progress(processing.done)


def _apply_next(run: Run, processing: Processing) -> bool:
    """Apply the next chunk that nobody is at; False if there is none."""
    try:
        with transaction.atomic():
            profile = _fitting(processing, share)
            chunk = _left(processing).select_for_update(skip_locked=True).order_by("first").first()
            if chunk is None:
                return False
            lines = PlannedEffect.objects.filter(
                plan=chunk.plan, pk__range=(chunk.first, chunk.last)
            )
            if lines.count() != chunk.size:  # a crash of PostgreSQL empties what it does not log
                raise Stale
            if is_outdated(processing, chunk):
                raise Stale
            at = run.clock()
            Writer(profile=profile, chunk=chunk, by=run.actor, at=at).write()
            Entering(profile=profile, chunk=chunk, by=run.actor, at=at).write()
            invite(chunk, by=run.actor, at=at)
            ProcessingChunk.objects.filter(pk=chunk.pk).update(is_done=True)
            # first the job, then the processing: whoever ends the job locks them so, too
            run.hold()
            Processing.objects.filter(pk=processing.pk).update(done=F("done") + chunk.size)
    except IntegrityError as error:
        # somebody took a name since the plan was made
        raise Stale from error
    return True


def _left(processing: Processing) -> QuerySet[ProcessingChunk]:
    return ProcessingChunk.objects.filter(plan=processing.plan or 0, is_done=False)


def _fitting(
    processing: Processing, take: Callable[[IdentityProfile], tuple[Source, IdentityProfile]]
) -> IdentityProfile:
    source, profile = take(processing.profile)
    if (source.generation, profile.version) != (processing.generation, processing.version):
        raise Stale
    return profile


def _finish(run: Run, processing: Processing) -> dict[str, Any] | None:
    """Let the profile know that its identities are up to date; None where they are not.

    A chunk that was passed over, because somebody was at it, may have come to nothing: behind
    this lock nobody is at any.
    """
    with transaction.atomic():
        profile = _fitting(processing, lock)
        if _left(processing).exists():
            return None
        marks = ", ".join(["%s"] * len(MANAGED))
        # they are to be looked at again, although neither they nor the profile may change
        execute(
            f"UPDATE {LINKS} SET digest = %s WHERE source_id = %s AND native_identity IN "  # noqa: S608
            f"(SELECT native_identity FROM {PROBLEMS} WHERE plan = %s AND kind NOT IN ({marks}))",
            [
                *(id_parameter(UNSEEN), id_parameter(profile.source_id), processing.plan),
                *(kind.value for kind in MANAGED),
            ],
        )
        now = run.clock()
        profile.applied_version = processing.version or 0
        profile.applied_generation = processing.generation or 0
        profile.applied_at = now
        profile.save(update_fields=["applied_version", "applied_generation", "applied_at"])
        run.hold()
        processing.state, processing.finished_at, processing.job_id = State.APPLIED, now, None
        processing.save(update_fields=["state", "finished_at", "job_id"])
        result = summary(processing)
        record(
            "identity_processing.applied", by=run.actor, subject=processing, detail=result, at=now
        )
        run.finish(result)
    if processing.total >= ANALYZE_FROM and connection.vendor == "postgresql":
        for table in (IDENTITIES, LINKS):
            execute(f"ANALYZE {table}")
    return result
