"""Identity profiles as their pages make them, and their jobs as a worker does them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from accounts.audit.actors import SYSTEM, Actor
from accounts.jobs.run import run_job
from accounts.models import Identity, IdentityProfile, Job, Processing, Source
from accounts.profiles import actions
from accounts.profiles.mappings import MappingDraft, set_mappings
from accounts.profiles.models import ProfileKind
from accounts.profiles.processing import actions as processing_actions

FOUR = {"uid": "name", "email": "e-mail", "lastname": "name", "firstname": "name"}
"""The four attributes of the guide, and where it takes them from."""


def make_profile(
    source: Source,
    *,
    name: str = "",
    kind: str = ProfileKind.SERVICE,
    mapped: Mapping[str, str] | None = None,
    by: Actor = SYSTEM,
    **details: Any,
) -> IdentityProfile:
    """A profile with mappings from attributes of its source."""
    profile = actions.create(
        by=by,
        source=source,
        kind=kind,
        details=actions.Details(name=name or source.name, **details),
        at=timezone.now(),
    )
    mapped = FOUR if mapped is None else mapped
    return map_all(profile, [MappingDraft(n, source_attribute=a) for n, a in mapped.items()])


def map_all(profile: IdentityProfile, drafts: Sequence[MappingDraft]) -> IdentityProfile:
    profile.refresh_from_db()
    return set_mappings(
        by=SYSTEM, profile=profile, drafts=drafts, revision=profile.revision, at=timezone.now()
    )


def work() -> None:
    """Do the jobs that wait, as a worker would, until none is left."""
    while (job := Job.objects.filter(state="queued").order_by("created_at").first()) is not None:
        run_job(job.pk)


def plan(profile: IdentityProfile, *, by: Actor = SYSTEM, **options: Any) -> Processing:
    """A plan, made."""
    processing = processing_actions.plan(by=by, profile=profile, at=timezone.now(), **options)
    work()
    processing.refresh_from_db()
    return processing


def apply(processing: Processing, *, by: Actor = SYSTEM) -> Processing:
    """A plan, confirmed and applied."""
    processing_actions.confirm(by=by, processing=processing, at=timezone.now(), sure=True)
    work()
    processing.refresh_from_db()
    return processing


def process(profile: IdentityProfile, *, by: Actor = SYSTEM) -> Processing:
    """Apply Changes, from the plan to the end."""
    processing = plan(profile, by=by)
    return processing if processing.is_finished else apply(processing, by=by)


def identity(user_name: str) -> Identity:
    return Identity.objects.get_queryset().get(user_name=user_name)
