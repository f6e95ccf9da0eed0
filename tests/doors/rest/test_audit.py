"""The audit log by our own API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.audit import record
from accounts.audit.actors import SYSTEM
from accounts.models import Event, Identity
from tests.doors.rest.caller import Caller, fields
from tests.factories.groups import make_group

pytestmark = pytest.mark.django_db

START = datetime(2026, 1, 1, tzinfo=UTC)


def happen(number: int, by: Any = SYSTEM, **values: Any) -> Event:
    at = START + timedelta(minutes=number)
    record("tenant.edited", by=by, at=at, **values)
    return Event.objects.latest("pk")


def numbers(caller: Caller, **query: str) -> list[int]:
    answer = caller.get("/audit", before="2026-02-01T00:00:00Z", **query)
    assert answer.status_code == 200, answer.content
    return [event["id"] for event in answer.json()["items"]]


def test_an_event_tells_who_did_what_to_what_and_how(admin: Caller, ada: Identity) -> None:
    made = admin.post("/groups", {"name": "Night shift"}).json()
    listed = admin.get("/audit", action="group.created").json()["items"]
    (event,) = listed
    assert event["actor"] == {"kind": "person", "id": str(ada.pk), "name": ada.label}
    assert event["target"] == {"type": "group", "id": made["id"], "name": "Night shift"}
    assert (event["outcome"], event["reason"]) == ("done", "")
    assert event["credential"]["kind"] == "personal_access_token"
    assert event["request_id"]
    assert admin.get(f"/audit/{event['id']}").json() == event
    narrowed = admin.get("/audit", credential_id=event["credential"]["id"]).json()["items"]
    assert event in narrowed
    assert admin.get("/audit", target_id=made["id"]).json()["items"] == [event]
    assert admin.get("/audit", request_id=event["request_id"]).json()["items"] == [event]


def test_the_log_is_narrowed(admin: Caller, ada: Identity) -> None:
    one, two = happen(1), happen(2, by=ada)
    three = happen(3, by=ada, subject=make_group("Shifts"))
    assert numbers(admin) == [three.pk, two.pk, one.pk]
    assert numbers(admin, sort="at") == [one.pk, two.pk, three.pk]
    assert numbers(admin, actor_id="system") == [one.pk]
    assert numbers(admin, actor_id=str(ada.pk)) == [three.pk, two.pk]
    assert numbers(admin, target_id=three.subject_id) == [three.pk]
    assert numbers(admin, action="tenant.edited", outcome="done") == [three.pk, two.pk, one.pk]
    assert numbers(admin, outcome="refused") == []
    assert numbers(admin, since="2026-01-01T00:02:00Z") == [three.pk, two.pk]
    assert numbers(admin, since="2026-01-01T02:02:00+02:00") == [three.pk, two.pk]
    assert numbers(admin, address="192.0.2.7") == []
    assert numbers(admin, without_issued="true") == [three.pk, two.pk, one.pk]


def test_pages_go_on_while_events_are_written(admin: Caller) -> None:
    events = [happen(number) for number in range(7)]
    found: list[int] = []
    query = {"limit": "3", "before": "2026-02-01T00:00:00Z"}
    while True:
        page = admin.get("/audit", **query).json()
        found += [event["id"] for event in page["items"]]
        happen(100)
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert found == [event.pk for event in reversed(events)]


@pytest.mark.parametrize(
    "query",
    [
        {"actor_id": ""},
        {"actor_id": "x" * 37},
        {"action": "x" * 65},
        {"outcome": "perhaps"},
        {"credential_id": "x"},
        {"since": "yesterday"},
        {"before": "2026-01-01"},
        {"before": "2026-01-01T00:00:00"},
        {"without_issued": "no"},
        {"sort": "action"},
        {"limit": "0"},
        {"cursor": "forged"},
        {"person": "ada"},
    ],
)
def test_a_filter_that_means_nothing_is_named(admin: Caller, query: dict[str, str]) -> None:
    answer = admin.get("/audit", **query)
    assert answer.status_code == 422, answer.content
    assert fields(answer) == set(query)


@pytest.mark.parametrize(
    ("edge", "status"),
    [
        ("0001-01-01T00:00:00Z", 200),
        ("9999-12-31T23:59:59Z", 200),
        ("0001-01-01T00:00:00+14:00", 422),
        ("9999-12-31T23:59:59-12:00", 422),
    ],
)
def test_a_time_is_one_that_a_database_has(admin: Caller, edge: str, status: int) -> None:
    for name in ("since", "before"):
        assert admin.get("/audit", **{name: edge}).status_code == status


def test_an_auditor_reads_and_nobody_else(
    ada: Identity, vera: Identity, otto: Identity, mallory: Identity
) -> None:
    event = happen(1)
    for person, status in ((ada, 200), (vera, 200), (otto, 403), (mallory, 403)):
        caller = Caller(person)
        assert caller.get("/audit").status_code == status
        assert caller.get(f"/audit/{event.pk}").status_code == status
    assert Caller(vera, ["steward:audit:read"]).get("/audit").status_code == 200
    assert Caller(vera, ["steward:jobs:manage"]).get("/audit").status_code == 403


@pytest.mark.parametrize("number", ["0", str(2**31), str(2**63), "9" * 400])
def test_an_event_that_there_is_not(admin: Caller, number: str) -> None:
    assert admin.get(f"/audit/{number}").status_code == 404


def test_nothing_is_changed_here(admin: Caller) -> None:
    event = happen(1)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for path in ("/audit", f"/audit/{event.pk}"):
            assert admin.send(method, path, {}).status_code == 405


def test_many_events_cost_as_many_statements_as_few(admin: Caller) -> None:
    admin.get("/audit")
    counts = []
    for many in (2, 50):
        for number in range(many):
            happen(number)
        with CaptureQueriesContext(connection) as captured:
            admin.get("/audit")
        counts.append(len(captured))
    assert counts[0] == counts[1]
