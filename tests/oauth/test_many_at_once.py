"""Fifty simultaneous uses of one assertion issue exactly one token, on every database."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts.audit.models import Event
from tests.factories import make_account
from tests.oauth.holder import Holder
from tests.oauth.program import Program
from tokens.access_tokens.models import UsedAssertion

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 50


def at_once(ask: Callable[[], int], times: int = AT_ONCE) -> Counter[int]:
    """What `times` threads are answered that start together, each with its own connection."""
    together = threading.Barrier(times)

    def one() -> int:
        try:
            together.wait(timeout=60)
            return ask()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=times) as pool:
        running = [pool.submit(one) for _time in range(times)]
        return Counter(done.result(timeout=100) for done in running)


def test_one_assertion_gets_one_token() -> None:
    holder = Holder(make_account(), Program(own_connection=True))
    holder.token()  # so that the signing key is there
    assertion = holder.assertion()
    answers = at_once(lambda: holder.ask(assertion).status_code)
    assert answers == {200: 1, 400: AT_ONCE - 1}
    assert Event.objects.filter(action="token.issued").count() == 2
    assert UsedAssertion.objects.count() == 2


def test_every_assertion_of_its_own_gets_its_token() -> None:
    holder = Holder(make_account(), Program(own_connection=True))
    answers = at_once(lambda: holder.ask().status_code, times=20)
    assert answers == {200: 20}
    assert Event.objects.filter(action="token.issued").count() == 20
