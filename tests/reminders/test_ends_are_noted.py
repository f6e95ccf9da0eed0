"""What ends by itself stands in the audit log, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.audit.models import Event
from accounts.models import Identity, ServiceAccount
from console.ui.sentences import sentence
from tests.factories import make_account
from tokens.credentials import actions as credentials
from tokens.credentials.actions import KeyChoice
from tokens.credentials.models import KeyOrigin
from tokens.reminders import actions, due, upkeep

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
DAY = timedelta(days=1)
ENDS = ("key.expired", "key.retired", "service_account.ended")


def said() -> list[str]:
    return [sentence(event) for event in Event.objects.filter(action__in=ENDS).order_by("id")]


def test_a_key_that_expires_is_noted_once() -> None:
    made = make_account(key_lifetime=90 * DAY, at=NOW - 90 * DAY)
    assert actions.note_ended(at=NOW - timedelta(seconds=1)) == 0
    assert actions.note_ended(at=NOW) == 1
    assert actions.note_ended(at=NOW + DAY) == 0
    assert said() == [f"Key {made.credential.key_id[:8]}… of audit01 expired"]
    event = Event.objects.get(action="key.expired")
    assert event.subject_id == str(made.account.pk)
    assert event.detail["ended_at"] == NOW.isoformat()


def test_an_end_that_was_noted_late_is_told_with_its_time() -> None:
    made = make_account(key_lifetime=90 * DAY, at=NOW - 90 * DAY)
    actions.note_ended(at=NOW + 3 * DAY)
    kid = made.credential.key_id[:8]
    assert said() == [f"Key {kid}… of audit01 expired on 23 Nov 2026, 08:00 UTC"]


def test_an_account_is_noted_at_each_end_that_it_reaches() -> None:
    account = make_account(ends_at=NOW, at=NOW - DAY).account
    assert actions.note_ended(at=NOW) == 1
    ServiceAccount.objects.filter(pk=account.pk).update(ends_at=NOW + DAY)
    assert actions.note_ended(at=NOW + DAY) == 1
    assert actions.note_ended(at=NOW + DAY) == 0
    assert said() == ["Service account audit01 reached its end date"] * 2


def test_a_replaced_key_is_noted_when_its_time_is_over(ada: Identity) -> None:
    made = make_account(at=NOW - 2 * DAY)
    credentials.regenerate(
        by=ada,
        account=made.account,
        choice=KeyChoice(KeyOrigin.STEWARD, "P-256"),
        keep_old_for=DAY,
        revoke_tokens=False,
        within=None,
        at=NOW - DAY,
    )
    actions.note_ended(at=NOW + timedelta(seconds=30))
    assert said() == [f"The replaced key {made.credential.key_id[:8]}… of audit01 stopped working"]


def test_what_was_ended_by_somebody_is_not_noted(ada: Identity) -> None:
    made = make_account(key_lifetime=90 * DAY, at=NOW - 90 * DAY)
    credentials.revoke(by=ada, credential=made.credential, at=NOW - DAY)
    assert actions.note_ended(at=NOW) == 0


def test_many_at_once_are_all_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "NOTED_AT_ONCE", 2)
    for number in range(5):
        make_account(f"audit0{number}", key_lifetime=90 * DAY, at=NOW - 90 * DAY)
    assert actions.note_ended(at=NOW) == 5
    assert len(said()) == 5


def test_the_worker_does_it_within_a_minute() -> None:
    make_account(key_lifetime=90 * DAY, at=NOW - 90 * DAY)
    with time_machine.travel(NOW, tick=False):
        upkeep.run()
        upkeep.run()
    assert len(said()) == 1


def test_another_worker_that_was_faster_spoils_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    make_account(key_lifetime=90 * DAY, at=NOW - 90 * DAY)
    seen = due.ended(NOW, limit=10)
    actions.note_ended(at=NOW)
    monkeypatch.setattr(due, "ended", lambda at, *, limit: seen)
    assert actions.note_ended(at=NOW) == 0
    assert len(said()) == 1
