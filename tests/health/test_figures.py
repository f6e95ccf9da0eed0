"""The figures for a collector: who may read them, and that they are true."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import OperationalError
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.jobs import actions as jobs
from accounts.jobs import workers
from tests.factories import make_account
from tests.health.asking import ask
from tokens.health import counters
from tokens.health.figures import FromDatabase
from tokens.models import Credential
from tokens.reminders.jobs import KIND

pytestmark = pytest.mark.django_db

TOKEN = "a-token-of-the-collector-0123456789"


@pytest.fixture
def shown(settings: LazySettings) -> str:
    settings.STEWARD_METRICS_TOKEN = TOKEN
    return f"Bearer {TOKEN}"


def value(text: str, line: str) -> float:
    return next(
        (float(row.rpartition(" ")[2]) for row in text.splitlines() if row.startswith(line)), 0
    )


def test_without_a_token_set_there_are_no_figures() -> None:
    assert ask("/metrics", Authorization=f"Bearer {TOKEN}").status_code == 404


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", f"Basic {TOKEN}", f"Bearer {TOKEN}x"])
def test_whoever_shows_another_token_reads_nothing(shown: str, header: str) -> None:
    answer = ask("/metrics", Authorization=header)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert b"steward_" not in answer.content


def test_jobs_workers_and_what_ends_are_counted(shown: str) -> None:
    now = timezone.now()
    made = make_account("nightly")
    Credential.objects.filter(identity_id=made.account.pk).update(
        expires_at=now + timedelta(days=3)
    )
    jobs.start(by=SYSTEM, kind=KIND, at=now)
    workers.seen(at=now)
    text = ask("/metrics", Authorization=shown).content.decode()
    assert value(text, 'steward_jobs{state="queued"}') == 1
    assert value(text, "steward_workers") == 1
    assert value(text, 'steward_credentials_ending{days="7",kind="key_pair"}') == 1
    assert value(text, 'steward_credentials_ending{days="30",kind="key_pair"}') == 1


def test_an_outage_is_still_told_of(shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_self: FromDatabase) -> None:
        raise OperationalError

    counters.answered(asked_by="program", status=503, seconds=0.1)
    monkeypatch.setattr(FromDatabase, "collect", fails)
    answer = ask("/metrics", Authorization=shown)
    assert answer.status_code == 200
    assert b'steward_requests_total{asked_by="program",status="5xx"}' in answer.content
