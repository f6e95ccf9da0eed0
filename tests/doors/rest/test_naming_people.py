"""Who may list nobody finds out by trying names whether somebody exists: a few times, not often."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.lib import tries
from accounts.lib.tries import TooManyTries
from accounts.models import Identity, ServiceAccount
from tests.doors.rest.caller import Caller, fields
from tests.factories import make_account
from tests.oauth.program import Answer

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Identity], Client]
MOST = 10
"""Of a person within a minute."""


@pytest.fixture
def account(otto: Identity) -> ServiceAccount:
    return make_account("loader", owner=otto).account


def hand_over(caller: Caller, account: ServiceAccount, to: str, **headers: str) -> Answer:
    return caller.post("/takeovers", {"account": str(account.pk), "to": to}, **headers)


def name_successor(caller: Caller, account: ServiceAccount, who: str) -> Answer:
    path = f"/service-accounts/{account.pk}/successor"
    return caller.send("PUT", path, {"successor": who})


def test_after_some_names_of_nobody_one_has_to_wait(
    otto: Identity, vera: Identity, account: ServiceAccount
) -> None:
    caller = Caller(otto)
    for number in range(MOST):
        by_successor = name_successor(caller, account, f"nobody-{number}")
        assert fields(by_successor) == {"successor"}
    for refused in (
        hand_over(caller, account, "nobody"),
        name_successor(caller, account, "nobody"),
        hand_over(caller, account, vera.user_name),  # whoever it is: nothing is told any more
    ):
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_tries")
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
    # by another token, too, but nobody else waits
    assert hand_over(Caller(otto), account, vera.user_name).status_code == 429
    other = make_account("other", owner=vera).account
    assert hand_over(Caller(vera), other, otto.user_name).status_code == 201


def test_names_that_are_right_are_not_counted(
    otto: Identity, vera: Identity, account: ServiceAccount
) -> None:
    caller = Caller(otto)
    for _ in range(MOST + 2):
        assert name_successor(caller, account, vera.user_name).status_code == 200


def test_what_an_idempotency_key_takes_back_is_counted(
    otto: Identity, account: ServiceAccount
) -> None:
    caller = Caller(otto)
    answers = [
        hand_over(caller, account, "nobody", idempotency_key=f"try-{number}").status_code
        for number in range(MOST + 1)
    ]
    assert answers == [422] * MOST + [429]


def test_forms_count_with_it(
    otto: Identity, vera: Identity, account: ServiceAccount, client_of: ClientOf
) -> None:
    caller, browser = Caller(otto), client_of(otto)
    page = f"/service-accounts/{account.pk}/hand-over/"
    for number in range(MOST - 1):
        name_successor(caller, account, f"nobody-{number}")
    text = browser.post(page, {"to": "nobody"}).content.decode()
    assert "Type the user name of another person" in text
    text = browser.post(page, {"to": vera.user_name}).content.decode()
    assert "Try again in 1 minute" in text
    assert name_successor(caller, account, "nobody").status_code == 429


def test_how_long_to_wait_is_told_of_the_rate_that_takes_longest(
    otto: Identity, settings: Any
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"try": "2/m/user,3/h/user"}
    for _ in range(2):
        tries.count("try", user=otto)
    with pytest.raises(TooManyTries) as minute:
        tries.check("try", user=otto)
    assert 1 <= minute.value.wait_seconds <= 60
    cache.clear()
    settings.ACCOUNT_RATE_LIMITS = {"try": "9/m/user,3/h/user"}
    for _ in range(3):
        tries.count("try", user=otto)
    with pytest.raises(TooManyTries, match="60 minutes") as hour:
        tries.count("try", user=otto)
    assert 3500 < hour.value.wait_seconds <= 3600
