"""Apply Changes, planned and applied by a worker to which things happen: the end is the same."""

from __future__ import annotations

from typing import Final

from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.models import (
    AccountProblem,
    Identity,
    IdentityAccount,
    IdentityProfile,
    PlannedEffect,
    Processing,
    ProcessingChunk,
    ServiceAccount,
)
from accounts.profiles.processing import actions
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import make_profile, process
from tests.jobs.killed import Disturbed, Step
from tests.jobs.snapshot import Snapshot, snapshot

ACCOUNTS: Final = 1500


def line(number: int, address: str) -> str:
    return f"SA-{number:05d},svc-{number:05d},{address}@example.com,x"


BEFORE: Final = rows(*[line(n, "old") for n in range(ACCOUNTS)])
AFTER: Final = rows(
    *[line(n, "new" if n % 2 else "old") for n in range(100, ACCOUNTS)],
    *[line(n, "new") for n in range(ACCOUNTS, ACCOUNTS + 500)],
    "SA-99998,svc-00100,collides@example.com,x",
    "SA-99999,bad name!,none@example.com,x",
)
CHANGED: Final = sum(n % 2 for n in range(100, ACCOUNTS))
EFFECTS: Final = {"changed": CHANGED, "created": 500, "disabled": 100}


def begin() -> tuple[IdentityProfile, Processing]:
    """Identities of the first file, and a plan for the second that waits to be made."""
    source = make_source(threshold=50)
    bring(source, BEFORE)
    profile = make_profile(source)
    process(profile)
    bring(source, AFTER)
    return profile, actions.plan(by=SYSTEM, profile=profile, at=timezone.now())


def confirm(processing: Processing) -> None:
    actions.confirm(by=SYSTEM, processing=processing, at=timezone.now())


def run_through(step: Step) -> Snapshot:
    """All of it; between plan and confirmation nothing may have changed."""
    profile, processing = begin()
    step("plan")
    processing.refresh_from_db()
    assert (processing.state, processing.effects, processing.in_error) == ("planned", EFFECTS, 2)
    assert not Identity.objects.filter(email="new@example.com").exists()
    confirm(processing)
    step("apply")
    processing.refresh_from_db()
    profile.refresh_from_db()
    assert (processing.state, processing.planned_again) == ("applied", False)
    assert processing.done == processing.total == CHANGED + 600
    assert not profile.refresh_required
    chunks = ProcessingChunk.objects.filter(plan=processing.plan or 0, is_done=True)
    assert sum(chunks.values_list("size", flat=True)) == processing.total
    found = told(processing)
    again = process(profile)
    assert (again.changes, again.in_error) == (0, 2)
    return found


def told(processing: Processing) -> Snapshot:
    """Everything that identity processing leaves behind, events included."""
    plan = processing.plan or 0
    return snapshot(
        [
            *(Identity, IdentityAccount, IdentityProfile, ServiceAccount, Processing, Event),
            PlannedEffect.objects.filter(plan=plan),
            AccountProblem.objects.filter(plan=plan),
        ]
    )


disturbed: Final = Disturbed(run_through)
