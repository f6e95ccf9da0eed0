"""Guessing ends after five attempts, for the guesser only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt
from django.test import Client

from accounts.audit.models import Event
from accounts.models import Identity
from tests.factories.people import PASSWORD

HERE, ELSEWHERE = "203.0.113.9", "198.51.100.7"


def attempt(login: str, password: str, address: str = HERE, **extra: Any) -> Any:
    """From a browser of its own, as an attacker would."""
    form = {"login": login, "password": password} | extra
    return Client().post("/sign-in/", form, REMOTE_ADDR=address)


def lock_out(login: str, address: str = HERE) -> Any:
    return [attempt(login, f"guess {number}", address) for number in range(5)]


def test_the_fifth_failure_locks_and_says_so(ada: Identity) -> None:
    answers = lock_out("ada")

    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]
    assert answers[-1]["Retry-After"] == "900"
    assert "locked for your address for 15 minutes" in answers[-1].content.decode()


def test_then_the_right_password_is_refused_too(ada: Identity) -> None:
    lock_out("ada")

    answer = attempt("ada", PASSWORD)

    assert answer.status_code == 429
    assert not Event.objects.filter(action="sign_in.succeeded").exists()


def test_the_right_person_elsewhere_is_unaffected(ada: Identity) -> None:
    lock_out("ada")
    lock_out("ada", "203.0.113.10")

    assert attempt("ada", PASSWORD, ELSEWHERE).status_code == 302


def test_others_at_the_same_address_are_unaffected(ada: Identity, otto: Identity) -> None:
    lock_out("ada")

    assert attempt("otto", PASSWORD).status_code == 302


@pytest.mark.parametrize("typed", ["ADA", " ada ", "ａｄａ"])
def test_another_way_to_type_the_name_does_not_help(ada: Identity, typed: str) -> None:
    lock_out("ada")

    assert attempt(typed, PASSWORD).status_code == 429


def test_a_name_that_nobody_has_locks_just_the_same(db: None) -> None:
    answers = lock_out("nobody")

    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]


def test_after_a_quarter_of_an_hour_it_is_over(ada: Identity) -> None:
    start = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    with time_machine.travel(start, tick=False):
        lock_out("ada")
    with time_machine.travel(start + timedelta(minutes=14), tick=False):
        assert attempt("ada", PASSWORD).status_code == 429
    with time_machine.travel(start + timedelta(minutes=16), tick=False):
        assert attempt("ada", PASSWORD).status_code == 302


def test_signing_in_forgives_the_slips_before(ada: Identity) -> None:
    for number in range(4):
        attempt("ada", f"slip {number}")
    attempt("ada", PASSWORD)

    assert attempt("ada", "one more slip").status_code == 200


def test_each_attempt_is_one_event_and_the_lock_one_more(ada: Identity) -> None:
    lock_out("ada")
    attempt("ada", PASSWORD)

    failed = Event.objects.filter(action="sign_in.failed").newest_first()
    assert [event.reason for event in failed] == ["locked out"] + 5 * [
        "wrong user name or password"
    ]
    locked = Event.objects.get(action="sign_in.locked_out")
    assert (locked.actor_label, locked.address, locked.outcome) == ("ada", HERE, "refused")


def test_nothing_that_was_posted_is_kept(ada: Identity) -> None:
    attempt("ada", "hunter2 hunter2", step_up_password="hunter3 hunter3", next="/hunter4")

    stored = str(list(AccessAttempt.objects.values()))
    assert "ada" in stored
    assert "hunter" not in stored


def test_names_of_any_length_and_kind_are_refused_without_failing(db: None) -> None:
    for name in ("x" * 10_000, "ﷺ" * 150, "a\0b", "%s %(x)s {0}"):
        assert attempt(name, "whatever").status_code == 200, repr(name)
    urlencoded = "application/x-www-form-urlencoded"
    for body in (b"login=%ED%A0%80&password=x", b"login=%FF&password=x", b"&;=&login&&"):
        assert Client().post("/sign-in/", body, content_type=urlencoded).status_code == 200, body


def test_one_address_cannot_try_many_names_for_long(db: None) -> None:
    answers = [attempt(f"name{number}", "the one password") for number in range(31)]

    assert {answer.status_code for answer in answers[:30]} == {200}
    assert "Too many failed attempts came from your address" in answers[30].content.decode()
    assert attempt("name31", "the one password", ELSEWHERE).status_code == 200


def test_the_log_names_neither_person_nor_path(
    mallory: Identity, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="axes")

    lock_out("mallory")
    attempt("mallory", PASSWORD, ELSEWHERE)

    said = " ".join(r.getMessage() for r in caplog.records if r.name.startswith("axes"))
    assert HERE in said
    assert "mallory" not in said
    assert "/sign-in/" not in said
