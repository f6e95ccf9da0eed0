"""A flood of refusals is bounded in the log, and no number of it is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.audit.models import Event
from tokens.edge import refusals
from tokens.edge.refusals import EACH_PER_WINDOW, MAX_SOURCES, WINDOW, Flood, Source

NOW = timezone.now()
MINE = Source("token.refused", "invalid_grant", "192.0.2.1")


def test_so_many_are_written_and_the_others_counted() -> None:
    flood = Flood()
    admitted = [flood.admits(MINE, NOW) for _time in range(EACH_PER_WINDOW + 7)]
    assert sum(admitted) == EACH_PER_WINDOW
    (counted,) = flood.drain(NOW + WINDOW)
    assert (counted.source, counted.count) == (MINE, 7)


def test_a_new_window_begins_afresh() -> None:
    flood = Flood()
    for _time in range(EACH_PER_WINDOW):
        flood.admits(MINE, NOW)
    assert not flood.admits(MINE, NOW + WINDOW / 2)
    flood.drain(NOW + WINDOW)
    assert flood.admits(MINE, NOW + WINDOW)


def test_a_slow_trickle_is_written_in_full() -> None:
    flood = Flood()
    times = [NOW + timedelta(seconds=2 * n) for n in range(500)]
    assert all(flood.admits(MINE, at) for at in times)


def test_sources_do_not_count_against_each_other() -> None:
    flood = Flood()
    for _time in range(EACH_PER_WINDOW + 1):
        flood.admits(MINE, NOW)
    assert flood.admits(Source("token.refused", "invalid_scope", MINE.address), NOW)
    assert flood.admits(Source("token.refused", MINE.code, "192.0.2.2"), NOW)


def test_many_addresses_at_once_do_not_fill_the_memory() -> None:
    flood = Flood()
    for number in range(MAX_SOURCES + 500):
        flood.admits(Source("token.refused", "invalid_grant", f"address {number}"), NOW)
    assert len(flood._tallies) <= MAX_SOURCES + 1
    assert sum(counted.count for counted in flood.drain(NOW + WINDOW)) == 500 - EACH_PER_WINDOW


def test_nothing_waits_until_a_window_is_over_when_the_process_ends() -> None:
    flood = Flood()
    for _time in range(EACH_PER_WINDOW + 1):
        flood.admits(MINE, NOW)
    assert flood.drain(NOW) == []
    assert [counted.count for counted in flood.drain(NOW, at_end=True)] == [1]


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_written_is_kept() -> None:
    def fails(*_arguments: object) -> None:
        raise OperationalError("the database is gone")

    for _time in range(EACH_PER_WINDOW + 3):
        refusals.flood.admits(MINE, NOW)
    with connection.execute_wrapper(fails), pytest.raises(OperationalError):
        refusals.write_counted(NOW + WINDOW)
    refusals.write_counted(NOW + WINDOW)
    assert Event.objects.get().detail["count"] == 3
