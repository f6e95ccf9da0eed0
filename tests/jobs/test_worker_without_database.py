"""A worker whose database is away waits for it, longer each time, and goes on when it is back.

That a real one does so is in `tests/imports/test_database_that_crashed.py`.
"""

from __future__ import annotations

import logging

import pytest
from django.db import InterfaceError, OperationalError

from console.jobs import patience

pytestmark = pytest.mark.django_db


class Flaky:
    """Fails as often as it is told to; each run takes as many seconds as its place says."""

    def __init__(self, *lengths: float, fault: Exception | None = None) -> None:
        self.running = True
        self.lengths = list(lengths)
        self.fault = fault or OperationalError("the connection is closed")
        self.now = 0.0
        self.pauses: list[float] = []

    def run(self) -> None:
        if not self.lengths:
            self.running = False
            return
        self.now += self.lengths.pop(0)
        raise self.fault

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def go(self) -> list[float]:
        patience.run(self, sleep=self.sleep, clock=lambda: self.now)
        return self.pauses


def test_it_waits_longer_each_time_and_half_a_minute_at_most() -> None:
    assert Flaky(*[0] * 8).go() == [1, 2, 4, 8, 16, 30, 30, 30]


def test_after_a_calm_minute_the_pauses_begin_anew() -> None:
    assert Flaky(0, 0, 61, 0).go() == [1, 2, 1, 2]


def test_a_closed_connection_is_waited_for_too(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "console.jobs.patience"):
        assert Flaky(0, fault=InterfaceError("connection already closed")).go() == [1]
    assert "The database failed the worker, which waits" in caplog.text


def test_other_faults_end_it() -> None:
    with pytest.raises(ZeroDivisionError):
        Flaky(0, fault=ZeroDivisionError()).go()


def test_told_to_stop_while_it_waits_it_ends() -> None:
    worker = Flaky(0, 0)

    def stop(seconds: float) -> None:
        worker.pauses.append(seconds)
        worker.running = False

    patience.run(worker, sleep=stop)
    assert worker.pauses == [1]
