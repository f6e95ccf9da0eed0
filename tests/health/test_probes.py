"""What a load balancer or a supervisor is told."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from accounts.jobs import workers
from accounts.models import Worker
from tests.health.asking import ask
from tokens.health import checks

pytestmark = pytest.mark.django_db


def ready() -> tuple[int, dict[str, Any]]:
    answer = ask("/readyz")
    return answer.status_code, json.loads(answer.content)


def test_a_process_that_answers_is_alive_whatever_the_database_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "cursor", _fails)
    answer = ask("/livez")
    assert (answer.status_code, json.loads(answer.content)) == (200, {"status": "alive"})
    assert answer.headers["Cache-Control"] == "no-store"


def test_all_is_well() -> None:
    workers.seen(at=timezone.now())
    status, said = ready()
    assert status == 200
    assert said == {
        "status": "ready",
        "checks": dict.fromkeys(("database", "migrations", "worker", "sealing_keys"), "ok"),
    }


def test_without_a_database_nothing_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "cursor", _fails)
    answer = ask("/readyz")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert json.loads(answer.content)["checks"]["database"] == "does not answer"
    assert "secret host" not in answer.content.decode()


def test_a_release_that_is_not_migrated_to_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    applied = MigrationRecorder.applied_migrations
    lacking = {k: v for k, v in applied(MigrationRecorder(connection)).items() if k[0] != "tokens"}
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda _self: lacking)
    status, said = ready()
    assert status == 503
    assert said["checks"]["migrations"].endswith("not applied yet")


def test_a_database_that_is_ahead_serves_the_release_before() -> None:
    MigrationRecorder(connection).record_applied("accounts", "9999_of_the_next_release")
    assert ready()[1]["checks"]["migrations"] == "ok"


def test_a_silent_worker_is_told_and_keeps_nobody_out() -> None:
    assert ready()[1]["checks"]["worker"] == "none has begun yet"
    workers.seen(at=timezone.now() - workers.SILENT_AFTER - timedelta(seconds=5))
    status, said = ready()
    assert (status, said["status"]) == (200, "limping")
    assert said["checks"]["worker"].startswith("silent for ")


@pytest.mark.parametrize("error", [OSError("gone"), ImproperlyConfigured("no key")])
def test_keys_that_cannot_be_used_are_told(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def seal(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(checks, "seal", seal)
    status, said = ready()
    assert (status, said["checks"]["sealing_keys"]) == (503, "cannot be used")


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_any_host_name_is_answered_and_nothing_is_written(path: str) -> None:
    assert ask(path, Host="10.0.0.7:8000").status_code in (200, 404)
    refused = ask(path, "POST")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD")


def test_a_worker_says_seldom_that_it_lives_and_takes_it_back() -> None:
    now = timezone.now()
    assert workers.alive_at(now) == 0
    assert workers.seen(at=now) == 1
    assert workers.seen(at=now + timedelta(seconds=5)) == 0
    assert workers.seen(at=now + workers.SEEN_EVERY) == 1
    assert workers.alive_at(now) == 1
    workers.left()
    assert workers.last_seen() is None


def test_a_clock_that_was_set_back_does_not_make_a_worker_silent() -> None:
    now = timezone.now()
    workers.seen(at=now)
    assert workers.seen(at=now - timedelta(hours=1)) == 1
    assert Worker.objects.count() == 1


def _fails(*_: Any, **__: Any) -> None:
    raise OperationalError("secret host")
