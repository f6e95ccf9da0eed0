"""Personal access tokens end like keys do: told of beforehand, and noted once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from accounts.audit.models import Event
from accounts.models import Identity
from console.reminders.mail import send
from console.ui.sentences import sentence
from tests.factories import make_account
from tests.factories.tokens import make_token
from tokens.models import Letter, Reminder
from tokens.personal_access_tokens import actions as tokens
from tokens.reminders import actions

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
DAY = timedelta(days=1)


def said() -> list[str]:
    events = Event.objects.filter(action="personal_access_token.expired").order_by("id")
    return [sentence(event) for event in events]


def test_one_that_expires_is_noted_once_whosever_it_is(otto: Identity, ada: Identity) -> None:
    account = make_account(owner=otto).account
    make_token(otto, "own", expires_in=30 * DAY, at=NOW - 30 * DAY)
    make_token(account.identity, "robot", expires_in=30 * DAY, at=NOW - 30 * DAY, by=ada)
    assert actions.note_ended(at=NOW - DAY) == 0
    assert actions.note_ended(at=NOW) == 2
    assert actions.note_ended(at=NOW + DAY) == 0
    assert sorted(said()) == [
        "The personal access token own of otto expired",
        "The personal access token robot of audit01 expired",
    ]
    event = Event.objects.get(
        action="personal_access_token.expired", subject_type="service_account"
    )
    assert event.subject_id == str(account.pk)


def test_one_that_was_revoked_before_is_not_noted(otto: Identity) -> None:
    token = make_token(otto, expires_in=30 * DAY, at=NOW - 30 * DAY).token
    tokens.revoke(by=otto, token=token, at=NOW - DAY)
    assert actions.note_ended(at=NOW) == 0


def test_the_owner_is_told_of_one_of_an_account_by_its_name(otto: Identity, ada: Identity) -> None:
    account = make_account(owner=otto, key_lifetime=None).account
    make_token(account.identity, "robot", expires_in=60 * DAY, at=NOW - 53 * DAY, by=ada)
    assert actions.find(at=NOW).reminders == 1
    assert Reminder.objects.get().step_days == 7
    letter = Letter.objects.filter(recipient=otto).get()
    lines = actions.lines_of(letter, NOW)
    send(letter, lines)
    (sent,) = mail.outbox
    assert sent.subject == "A personal access token of “audit01” expires in 7 days"
    assert "The personal access token “robot” of “audit01” expires in 7 days" in sent.body
    assert f"/service-accounts/{account.pk}/personal-access-tokens/" in sent.body
    actions.note_sent(letter, lines, at=NOW)
    event = Event.objects.get(action="personal_access_token.reminded")
    assert "personal access token robot of audit01 expires" in sentence(event)
