"""The token path asks the database twice: it reads once and writes once."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import make_account
from tests.oauth.holder import Holder

pytestmark = pytest.mark.django_db(transaction=True)


def statements(holder: Holder) -> list[str]:
    holder.token()  # the signing key is read once a minute
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert holder.ask().status_code == 200
    return [
        query["sql"].strip()
        for query in captured
        if not query["sql"].startswith(("BEGIN", "COMMIT"))
    ]


@pytest.mark.postgres
def test_postgresql_reads_once_and_writes_once() -> None:
    read, write = statements(Holder(make_account()))
    assert read.startswith("SELECT")
    assert write.startswith("WITH claim AS")


@pytest.mark.sqlite
def test_sqlite_writes_two_tables_in_one_transaction() -> None:
    """It has no statement that writes two tables, and no round trip either."""
    read, claim, event = statements(Holder(make_account()))
    assert read.startswith("SELECT")
    assert claim.startswith("INSERT INTO tokens_usedassertion")
    assert event.startswith("INSERT INTO accounts_event")


def test_nothing_of_a_person_is_touched() -> None:
    told = " ".join(statements(Holder(make_account())))
    assert "session" not in told.replace("session_generation", "")
    assert "axes" not in told


def test_a_resource_asks_once_whether_the_token_holds() -> None:
    holder = Holder(make_account())
    token = holder.token()
    holder.get("/environment/info", token)
    with CaptureQueriesContext(connection) as captured:
        assert holder.get("/environment/info", token).status_code == 200
    assert len(captured) == 1
