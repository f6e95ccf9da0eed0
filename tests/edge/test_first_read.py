"""The first read of a request outlives a connection that died since the last one."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection, transaction

from tokens.edge.database import first_read

pytestmark = pytest.mark.django_db(transaction=True)


class Failing:
    """Fails so many times, and then answers."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self) -> str:
        with connection.cursor():
            if self.left:
                self.left -= 1
                raise OperationalError("server closed the connection unexpectedly")
        return "answer"


def test_it_is_read_once_more_over_a_new_connection() -> None:
    connection.ensure_connection()
    before = connection.connection
    assert first_read(Failing(1)) == "answer"
    assert connection.connection is not before


def test_a_database_that_stays_away_is_asked_twice_and_no_more() -> None:
    connection.ensure_connection()
    failing = Failing(3)
    with pytest.raises(OperationalError):
        first_read(failing)
    assert failing.left == 1


def test_a_connection_that_was_made_just_now_is_not_blamed() -> None:
    connection.close()
    failing = Failing(1)
    with pytest.raises(OperationalError):
        first_read(failing)
    assert failing.left == 0


def test_a_transaction_is_never_cut_in_two() -> None:
    with pytest.raises(OperationalError), transaction.atomic():
        first_read(Failing(1))
