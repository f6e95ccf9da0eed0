"""Applying changes survives a worker that is killed at any moment, any number of times."""

from __future__ import annotations

import os
import random

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.jobs import actions as jobs
from accounts.models import Identity, IdentityAccount, ServiceAccount
from accounts.profiles.processing import actions
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import make_profile, process
from tests.jobs.child import Worker, worker

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = int(os.environ.get("KILL_ROUNDS", "3"))
ACCOUNTS = 1500


def line(number: int, address: str) -> str:
    return f"SA-{number:05d},svc-{number:05d},{address}@example.com,x"


BEFORE = rows(*[line(n, "old") for n in range(ACCOUNTS)])
AFTER = rows(
    *[line(n, "new" if n % 2 else "old") for n in range(100, ACCOUNTS)],
    *[line(n, "new") for n in range(ACCOUNTS, ACCOUNTS + 500)],
)
CHANGED = sum(n % 2 for n in range(100, ACCOUNTS))


def kill_some(processes: Worker, seconds: float, dice: random.Random) -> None:
    """Two attempts die at random moments, the third may live."""
    for _ in range(2):
        processes.kill(after=dice.uniform(0, seconds))
    processes.finish()


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_each_identity_is_as_planned_and_none_is_there_twice(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_carriers", [])
    dice = random.Random(seed)
    source = make_source(threshold=50)
    bring(source, BEFORE)
    profile = make_profile(source)
    process(profile)
    bring(source, AFTER)
    processing = actions.plan(by=SYSTEM, profile=profile, at=timezone.now())
    with worker() as processes:
        kill_some(processes, 0.4, dice)
        processing.refresh_from_db()
        assert processing.effects == {"changed": CHANGED, "created": 500, "disabled": 100}
        assert not Identity.objects.filter(email="new@example.com").exists()
        actions.confirm(by=SYSTEM, processing=processing, at=timezone.now())
        kill_some(processes, 0.4, dice)
    processing.refresh_from_db()
    profile.refresh_from_db()
    assert (processing.state, processing.done, processing.planned_again) == (
        "applied",
        CHANGED + 600,
        False,
    )
    assert not profile.refresh_required
    made = Identity.objects.get_queryset().filter(origin="profile")
    assert made.count() == ServiceAccount.objects.count() == ACCOUNTS + 500
    assert IdentityAccount.objects.filter(vanished_at=None).count() == ACCOUNTS + 400
    assert made.filter(disabled_at__isnull=False).count() == 100
    assert made.filter(email="new@example.com").count() == CHANGED + 500
    for identity in made.filter(disabled_at=None):
        assert identity.attributes["email"] == identity.email
    for action, times in (("created", ACCOUNTS + 500), ("edited", CHANGED), ("disabled", 100)):
        assert Event.objects.filter(action=f"service_account.{action}").count() == times
    again = process(profile)
    assert (again.changes, again.unchanged) == (0, ACCOUNTS + 400)
