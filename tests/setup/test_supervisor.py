"""A worker that keeps dying is started again later and later; a dead web server ends all."""

from __future__ import annotations

import os
import sys

import pytest

from console.supervisor import LONGEST_DELAY_SECONDS, Child, Supervisor

pytestmark = pytest.mark.sqlite

DIES = [sys.executable, "-c", "raise SystemExit(9)"]
LIVES = [sys.executable, "-c", "import time; time.sleep(60)"]


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def child(clock: Clock) -> Child:
    """A child that has been started, and died."""
    reading, _writing = os.pipe()
    child = Child("worker", DIES, (reading,), clock=clock)
    child.start()
    wait_for_death(child)
    return child


def wait_for_death(child: Child) -> None:
    assert child.process is not None
    child.process.wait(20)


def test_each_death_doubles_the_delay_up_to_a_bound(child: Child, clock: Clock) -> None:
    delays = []
    for _ in range(9):
        delays.append(child.delay_seconds)
        child.keep_running()
        clock.now += delays[-1]
        child.keep_running()
        wait_for_death(child)
    assert delays == [0.5, 1, 2, 4, 8, 16, *[LONGEST_DELAY_SECONDS] * 3]


def test_a_worker_that_ran_well_starts_again_soon(child: Child, clock: Clock) -> None:
    died = child.process
    child.delay_seconds = LONGEST_DELAY_SECONDS
    clock.now += 61
    child.keep_running()
    clock.now += 0.6
    child.keep_running()
    assert child.process is not died
    wait_for_death(child)


def test_nothing_is_started_before_its_time(child: Child) -> None:
    died = child.process
    child.keep_running()
    child.keep_running()
    assert child.process is died


def test_the_worker_ends_with_the_web_server() -> None:
    listener, _ = os.pipe()
    supervisor = Supervisor(DIES, LIVES, listener=listener)
    assert supervisor.run(when_started=lambda: True) == 1
    assert supervisor.worker.process is not None
    assert supervisor.worker.process.returncode is not None
