"""How long a session lasts, and what ends it at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.audit.actors import SYSTEM
from accounts.identities import actions
from accounts.models import Identity
from console.sign_in import sessions

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PAGE = "/profile/"


def is_in(browser: Client) -> bool:
    answer = browser.get(PAGE)
    assert answer.status_code in (200, 302)
    return answer.status_code == 200


def test_eight_hours_without_use_end_it(
    client_of: Callable[[Identity], Client], ada: Identity
) -> None:
    with time_machine.travel(START, tick=False):
        browser = client_of(ada)
    with time_machine.travel(START + timedelta(hours=8, minutes=1), tick=False):
        assert not is_in(browser)


def test_use_puts_the_end_off(client_of: Callable[[Identity], Client], ada: Identity) -> None:
    with time_machine.travel(START, tick=False):
        browser = client_of(ada)
    for hours in (7, 14, 21):
        with time_machine.travel(START + timedelta(hours=hours), tick=False):
            assert is_in(browser), hours


def test_a_day_is_the_most_however_busy(
    client_of: Callable[[Identity], Client], ada: Identity
) -> None:
    with time_machine.travel(START, tick=False):
        browser = client_of(ada)
    for hours in (7, 14, 21):
        with time_machine.travel(START + timedelta(hours=hours), tick=False):
            is_in(browser)
    with time_machine.travel(START + timedelta(hours=24, minutes=1), tick=False):
        assert not is_in(browser)


def test_reading_pages_in_a_row_writes_nothing(
    client_of: Callable[[Identity], Client], ada: Identity
) -> None:
    with time_machine.travel(START, tick=False):
        browser = client_of(ada)
        first = Session.objects.get().session_data
    with time_machine.travel(START + timedelta(minutes=4), tick=False):
        is_in(browser)
        assert Session.objects.get().session_data == first


@pytest.mark.parametrize("act", [actions.disable, actions.delete])
def test_disabling_and_deleting_end_every_session_at_once(
    client_of: Callable[[Identity], Client],
    ada: Identity,
    otto: Identity,
    act: Callable[..., None],
) -> None:
    browsers = [client_of(otto), client_of(otto)]
    assert all(is_in(browser) for browser in browsers)

    act(by=ada, identity=otto, at=START)

    assert not any(is_in(browser) for browser in browsers)


def test_enabling_again_brings_no_session_back(
    client_of: Callable[[Identity], Client], ada: Identity, otto: Identity
) -> None:
    browser = client_of(otto)

    actions.disable(by=ada, identity=otto, at=START)
    actions.enable(by=SYSTEM, identity=otto, at=START)

    assert not is_in(browser)
    assert is_in(client_of(otto))


def test_upkeep_forgets_what_is_over(db: None) -> None:
    store = Client().session
    store["x"] = 1
    store.save()
    Session.objects.update(expire_date=datetime(2020, 1, 1, tzinfo=UTC))

    sessions.forget_expired()

    assert not Session.objects.exists()
