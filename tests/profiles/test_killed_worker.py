"""Applying changes survives workers that are killed, stopped, or two at once."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.jobs import actions as jobs
from accounts.models import Identity, IdentityAccount, ServiceAccount
from accounts.profiles.processing import actions
from tests.factories.profiles import process
from tests.jobs.child import Worker, worker
from tests.jobs.killed import ROUNDS, SHARES
from tests.profiles.disturbed import ACCOUNTS, CHANGED, begin, confirm, disturbed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    monkeypatch.setattr(jobs, "_carriers", [])
    with worker() as running:
        yield running


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_killed_at_random_the_end_is_row_by_row_that_of_an_undisturbed_run(
    seed: int, processes: Worker
) -> None:
    disturbed.survives_kills(processes, seed)


def test_two_workers_at_once_do_it_once(processes: Worker) -> None:
    disturbed.is_done_once(processes)


@pytest.mark.parametrize("share", SHARES)
def test_a_worker_that_was_stopped_past_its_lease_writes_nothing_more(
    share: float, processes: Worker
) -> None:
    disturbed.survives_a_stop(processes, share)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_cancelled_in_the_middle_each_identity_is_as_it_was_or_as_planned(
    seed: int, processes: Worker
) -> None:
    disturbed.undisturbed(processes)
    profile, processing = begin()
    processes.finish()
    confirm(processing)
    processes.kill(
        statement=random.Random(seed).randint(1, disturbed.effort_of["apply"].statements)
    )
    actions.cancel(by=SYSTEM, processing=processing, at=timezone.now())
    processes.finish()
    processing.refresh_from_db()
    if processing.state == "cancelled":
        check_each_is_whole()
    assert process(profile).state == "applied"
    made = Identity.objects.get_queryset().filter(origin="profile")
    assert made.count() == ServiceAccount.objects.count() == ACCOUNTS + 500
    assert made.filter(email="new@example.com").count() == CHANGED + 500
    for action, times in (("created", ACCOUNTS + 500), ("edited", CHANGED), ("disabled", 100)):
        assert Event.objects.filter(action=f"service_account.{action}").count() == times


def check_each_is_whole() -> None:
    """No half of an identity, and an event for each that changed, and for no other."""
    made = Identity.objects.get_queryset().filter(origin="profile")
    assert made.count() == ServiceAccount.objects.count() == IdentityAccount.objects.count()
    for identity in made:
        assert identity.attributes["email"] == identity.email
    gone = made.exclude(disabled_at=None).count()
    assert IdentityAccount.objects.exclude(vanished_at=None).count() == gone
    new = made.filter(email="new@example.com").count()
    events = {
        action: Event.objects.filter(action=f"service_account.{action}").count()
        for action in ("created", "edited", "disabled")
    }
    assert events["created"] == made.count()
    assert events["disabled"] == gone
    assert events["edited"] + events["created"] - ACCOUNTS == new
