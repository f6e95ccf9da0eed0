"""A POST that names itself is done once, however often it comes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Group, Identity, ServiceAccount
from tests.at_once import at_once
from tests.doors.rest.caller import Caller, fields
from tests.doors.rest.examples import example_of
from tests.factories import make_person
from tests.factories.groups import make_group
from tests.oauth.program import Answer, Program
from tokens.doors.rest import document, upkeep
from tokens.doors.rest.api import operations
from tokens.doors.rest.upkeep import forget_old_calls
from tokens.models import IdempotentCall

OPERATIONS = {found.name: found for found in operations()}

pytestmark = pytest.mark.django_db

NAMED = {"idempotency_key": "first-try"}


def test_the_same_call_again_is_answered_the_same(admin: Caller) -> None:
    first = admin.post("/groups", {"name": "Night shift"}, **NAMED)
    again = admin.post("/groups", {"name": "Night shift"}, **NAMED)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    for header in ("Location", "ETag", "Content-Type"):
        assert first.headers[header] == again.headers[header]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Group.objects.count() == 1


def test_without_a_name_a_call_is_a_call(admin: Caller) -> None:
    admin.post("/groups", {"name": "Night shift"})
    assert admin.post("/groups", {"name": "Night shift"}).status_code == 409


def test_a_name_stands_for_one_request(admin: Caller) -> None:
    admin.post("/groups", {"name": "Night shift"}, **NAMED)
    other_body = admin.post("/groups", {"name": "Day shift"}, **NAMED)
    account = {"name": "a", "key": {"origin": "steward", "algorithm": "P-256"}}
    other_address = admin.post("/service-accounts", account, **NAMED)
    for answer in (other_body, other_address):
        assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
        assert fields(answer) == {"Idempotency-Key"}
    assert Group.objects.count() == 1
    assert not ServiceAccount.objects.exists()


def test_names_of_others_are_others(admin: Caller) -> None:
    bea = Caller(make_person("bea", levels=["admin"]))
    admin.post("/groups", {"name": "Night shift"}, **NAMED)
    assert bea.post("/groups", {"name": "Day shift"}, **NAMED).status_code == 201


def test_a_refusal_is_not_kept(admin: Caller) -> None:
    other = make_group("Night shift")
    assert admin.post("/groups", {"name": "Night shift"}, **NAMED).status_code == 409
    other.delete()
    assert admin.post("/groups", {"name": "Night shift"}, **NAMED).status_code == 201


def test_an_answer_without_content_is_repeated_too(admin: Caller) -> None:
    account = {"name": "a", "key": {"origin": "steward", "algorithm": "P-256"}}
    made = admin.post("/service-accounts", account).json()
    path = f"/service-accounts/{made['id']}/revoke-tokens"
    first, again = (admin.post(path, **NAMED) for _ in range(2))
    assert (first.status_code, again.status_code, again.content) == (204, 204, b"")
    assert again.headers["Idempotency-Replayed"] == "true"


def test_a_secret_is_neither_kept_nor_given_twice(admin: Caller) -> None:
    body = {"name": "loader", "key": {"origin": "steward", "algorithm": "P-256"}}
    first = admin.post("/service-accounts", body, **NAMED)
    secret = first.json()["key"]["private_jwk"]["d"]
    again = admin.post("/service-accounts", body, **NAMED)
    assert (again.status_code, again.json()["code"]) == (409, "secret_already_taken")
    assert first.headers["Location"] in again.json()["detail"]
    assert ServiceAccount.objects.count() == 1
    row = IdempotentCall.objects.get()
    assert (row.gave_secret, row.body) == (True, "")
    assert secret not in repr(IdempotentCall.objects.values())


@pytest.mark.parametrize("key", ["", " ", "a b", "ä", "k" * 201])
def test_a_name_that_is_none_is_refused(admin: Caller, key: str) -> None:
    answer = admin.post("/groups", {"name": "x"}, idempotency_key=key)
    assert answer.status_code == 422
    assert fields(answer) == {"Idempotency-Key"}


def test_names_are_free_again_after_a_day(admin: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "MOST_AT_ONCE", 2)
    for number in range(5):
        admin.post("/groups", {"name": f"Shift {number}"}, idempotency_key=f"key-{number}")
    forget_old_calls()
    assert IdempotentCall.objects.count() == 5
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        forget_old_calls()
    assert not IdempotentCall.objects.exists()


def test_of_what_changes_nothing_nothing_is_kept(admin: Caller) -> None:
    """A preview shows the values of a person."""
    preview = example_of(OPERATIONS["preview_mappings"], admin.holder)
    path = f"/profiles/{preview.parts['profile_id']}/preview"
    for _again in range(2):
        assert admin.post(path, preview.body, **NAMED).status_code == 200
    assert not IdempotentCall.objects.exists()
    described = document.openapi()["paths"]["/api/v1/profiles/{profile_id}/preview"]["post"]
    assert "Idempotency-Key" not in {each["name"] for each in described["parameters"]}


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_is_done_and_all_are_answered() -> None:
    ada: Identity = make_person("ada", levels=["admin"])
    caller = Caller(ada, program=Program(own_connection=True))
    caller.token()

    def send() -> Answer:
        return caller.post("/groups", {"name": "Night shift"}, **NAMED)

    answers: list[Any] = at_once([send] * 6)
    assert {answer.status_code for answer in answers} == {201}, answers
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 5
    assert Group.objects.count() == 1
