"""The thread that writes what was only counted."""

from __future__ import annotations

import time

import pytest
from django.db import OperationalError, connection

from tests.factories import make_account
from tests.oauth.holder import Holder
from tests.oauth.program import Program
from tokens.edge import flusher as module
from tokens.edge.flusher import Flusher, flush
from tokens.usage.models import DailyUse

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_writes_by_itself_and_once_more_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FLUSH_SECONDS", 0.01)
    holder = Holder(make_account(), Program(own_connection=True))
    flusher = Flusher()
    holder.token()
    flusher.start()
    flusher.start()
    deadline = time.monotonic() + 20
    while not DailyUse.objects.exists() and time.monotonic() < deadline:
        connection.close()
    assert DailyUse.objects.get().count == 1
    monkeypatch.setattr(module, "FLUSH_SECONDS", 100)
    holder.token()
    flusher.stop()
    assert DailyUse.objects.get().count == 2
    flusher.stop()


def test_a_failing_database_does_not_end_it() -> None:
    def fails(*_arguments: object) -> None:
        raise OperationalError("the database is gone")

    holder = Holder(make_account(), Program(own_connection=True))
    holder.token()
    with connection.execute_wrapper(fails):
        flush()
    flush()
    assert DailyUse.objects.get().count == 1
