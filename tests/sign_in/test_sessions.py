"""How long a session lasts, and what ends it at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from accounts.audit.actors import SYSTEM
from accounts.identities import actions
from accounts.models import Identity, Session
from accounts.sign_in import rules
from console.sign_in import sessions

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PAGE = "/profile/"


def is_in(browser: Client) -> bool:
    answer = browser.get(PAGE)
    assert answer.status_code in (200, 302)
    return answer.status_code == 200


def test_half_an_hour_without_use_ends_it(
    client_of: Callable[[Identity], Client], ada: Identity
) -> None:
    with time_machine.travel(START, tick=False):
        browser = client_of(ada)
    with time_machine.travel(START + timedelta(minutes=30, seconds=59), tick=False):
        assert is_in(browser)
    with time_machine.travel(START + timedelta(minutes=62, seconds=1), tick=False):
        assert not is_in(browser)


def test_use_puts_the_end_off(client_of: Callable[[Identity], Client], ada: Identity) -> None:
    with time_machine.travel(START, tick=False):
        browser = client_of(ada)
    for minutes in range(25, 12 * 60, 25):
        with time_machine.travel(START + timedelta(minutes=minutes), tick=False):
            assert is_in(browser), minutes


def test_what_a_page_asks_by_itself_does_not_put_it_off(
    client_of: Callable[[Identity], Client], ada: Identity
) -> None:
    with time_machine.travel(START, tick=False):
        browser = client_of(ada)
    for minutes in (10, 20, 30):
        with time_machine.travel(START + timedelta(minutes=minutes), tick=False):
            polled = browser.get(PAGE, headers={"Steward-Poll": "1"})
            assert polled.status_code == 200
    with time_machine.travel(START + timedelta(minutes=32), tick=False):
        assert not is_in(browser)


def test_half_a_day_is_the_most_however_busy(
    client_of: Callable[[Identity], Client], ada: Identity
) -> None:
    with time_machine.travel(START, tick=False):
        browser = client_of(ada)
    for minutes in range(25, 12 * 60, 25):
        with time_machine.travel(START + timedelta(minutes=minutes), tick=False):
            is_in(browser)
    with time_machine.travel(START + timedelta(hours=12, minutes=1), tick=False):
        assert not is_in(browser)


def test_the_tenant_sets_both_and_they_hold_at_once(
    client_of: Callable[[Identity], Client], ada: Identity
) -> None:
    with time_machine.travel(START, tick=False):
        browser = client_of(ada)
        other = client_of(ada)
    shorter = rules.Rules(idle_minutes=5, longest_hours=1)
    rules.set_rules(by=SYSTEM, rules=shorter, at=START)
    with time_machine.travel(START + timedelta(minutes=6, seconds=1), tick=False):
        assert not is_in(browser)
    longer = rules.Rules(idle_minutes=480, longest_hours=24)
    rules.set_rules(by=SYSTEM, rules=longer, at=START)
    with time_machine.travel(START + timedelta(hours=7, minutes=59), tick=False):
        assert is_in(other)


def test_the_page_knows_when_to_warn(
    client_of: Callable[[Identity], Client], ada: Identity
) -> None:
    with time_machine.travel(START, tick=False):
        browser = client_of(ada)
    with time_machine.travel(START + timedelta(minutes=20), tick=False):
        page = browser.get(PAGE).content.decode()
        assert 'data-idle="1800"' in page
        assert f'data-ends-in="{12 * 3600 - 1200}"' in page
        assert browser.post("/profile/sessions/stay/").status_code == 204
    with time_machine.travel(START + timedelta(minutes=49), tick=False):
        assert is_in(browser)


def test_reading_pages_in_a_row_writes_nothing(
    client_of: Callable[[Identity], Client], ada: Identity
) -> None:
    with time_machine.travel(START, tick=False):
        browser = client_of(ada)
        first = Session.objects.get().session_data
    with time_machine.travel(START + timedelta(seconds=59), tick=False):
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

    sessions.forget_ended()

    assert not Session.objects.exists()
