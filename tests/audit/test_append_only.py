"""The database itself refuses to change or delete an event, whoever asks."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.audit import record, triggers
from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def trigger_against_deleting() -> None:
    """The suite takes it away on SQLite, so that tables can be emptied; here it is put back,
    until the transaction of the test is rolled back."""
    if connection.vendor == "sqlite":
        (again,) = [s for s in triggers.statements("sqlite") if triggers.NO_DELETE in s]
        with connection.cursor() as cursor:
            cursor.execute(again)


def refused(statement: str) -> str:
    with (
        pytest.raises(DatabaseError) as told,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    return str(told.value)


def test_a_change_is_refused_by_the_database() -> None:
    event = record("setup.link_made", by=SYSTEM)
    assert triggers.MESSAGE in refused("UPDATE accounts_event SET reason = 'rewritten'")
    event.refresh_from_db()
    assert event.reason == ""


def test_a_deletion_is_refused_by_the_database() -> None:
    record("setup.link_made", by=SYSTEM)
    assert triggers.MESSAGE in refused("DELETE FROM accounts_event")
    assert Event.objects.count() == 1


def test_what_is_written_inside_the_same_transaction_is_not_changed_either() -> None:
    with transaction.atomic():
        record("setup.link_made", by=SYSTEM)
        assert triggers.MESSAGE in refused("UPDATE accounts_event SET at = at")


def test_writing_goes_on() -> None:
    record("setup.link_made", by=SYSTEM)
    assert Event.objects.count() == 1
