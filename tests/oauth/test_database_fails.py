"""RB-10: when the database fails, the caller is told to come back, and nothing is used up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection, connections

from accounts.audit.models import Event
from tests.factories import make_account
from tests.oauth.holder import Holder
from tests.oauth.program import Answer, Program
from tokens.access_tokens.models import UsedAssertion

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def failing(part: str, error: type[Exception] = OperationalError) -> Iterator[None]:
    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if part in sql:
            raise error("the database is gone")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield


def assert_told_to_come_back(answer: Answer) -> None:
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["error"] == "temporarily_unavailable"
    assert "gone" not in str(answer.content)


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
@pytest.mark.parametrize(
    "part", ["tokens_credential", "INSERT INTO tokens_usedassertion", "INSERT INTO accounts_event"]
)
def test_the_same_assertion_is_good_afterwards(part: str, error: type[Exception]) -> None:
    holder = Holder(make_account())
    holder.token()
    assertion = holder.assertion()
    with failing(part, error):
        assert_told_to_come_back(holder.ask(assertion))
    assert UsedAssertion.objects.count() == 1
    assert Event.objects.filter(action="token.issued").count() == 1
    assert holder.ask(assertion).status_code == 200


def test_a_refusal_that_cannot_be_recorded_is_not_given() -> None:
    holder = Holder(make_account())
    with failing('INSERT INTO "accounts_event"'):
        assert_told_to_come_back(holder.ask("x"))


def test_a_resource_says_it_in_its_own_words() -> None:
    holder = Holder(make_account())
    token = holder.token()
    with failing("tokens_credential"):
        answer = holder.get("/openidm/info/login", token)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json()["reason"] == "Service Unavailable"


def cut_off() -> None:
    """End the server's side of this thread's connection, as a restart does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    finally:
        other.close()


@pytest.mark.postgres
def test_a_connection_that_died_between_two_requests_is_made_anew() -> None:
    holder = Holder(make_account(), Program(own_connection=True))
    holder.token()
    cut_off()
    assert holder.ask().status_code == 200


def dying_at(part: str) -> AbstractContextManager[None]:
    """The connection is cut off just before the first statement with `part` in it."""
    died: list[str] = []

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if part in sql and not died:
            died.append(sql)
            cut_off()
        return execute(sql, params, many, context)

    return connection.execute_wrapper(wrapper)


@pytest.mark.postgres
def test_a_connection_that_dies_before_the_read_is_made_anew_at_once() -> None:
    holder = Holder(make_account(), Program(own_connection=True))
    token = holder.token()
    with dying_at("FROM tokens_credential"):
        assert holder.ask().status_code == 200
    with dying_at('FROM "tokens_credential"'):
        assert holder.get("/environment/info", token).status_code == 200


@pytest.mark.postgres
def test_a_connection_that_dies_before_the_write_uses_nothing_up() -> None:
    holder = Holder(make_account(), Program(own_connection=True))
    holder.token()
    assertion = holder.assertion()
    with dying_at("INSERT INTO tokens_usedassertion"):
        assert_told_to_come_back(holder.ask(assertion))
    assert holder.ask(assertion).status_code == 200
