"""When a source is read by itself, by our own API."""

from __future__ import annotations

import pytest

from accounts.models import Identity, Schedule
from tests.doors.rest import world
from tests.doors.rest.caller import Caller, fields
from tests.factories.imports import make_source

pytestmark = pytest.mark.django_db


def test_a_source_is_read_at_set_times_or_at_none(admin: Caller) -> None:
    path = f"/sources/{world.directory().pk}/schedule"
    none = admin.get(path).json()
    assert (none["frequency"], none["times"], none["next_at"]) == ("never", [], None)
    body = {"frequency": "daily", "times": ["20:00", "08:00"], "weekdays": [0, 4]}
    put = admin.send("PUT", path, body)
    assert put.status_code == 200, put.content
    assert put.json()["times"] == ["08:00", "20:00"]
    assert put.json()["weekdays"] == [0, 4]
    assert put.json()["next_at"]
    assert put.json()["paused"] is False
    assert admin.get(path).json() == put.json()
    hourly = admin.send("PUT", path, {"frequency": "hourly"}).json()
    assert (hourly["frequency"], len(hourly["times"])) == ("hourly", 24)
    assert admin.send("PUT", path, {"frequency": "never"}).json() == none
    assert not Schedule.objects.filter(name__startswith="source:").exists()


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"frequency"}),
        ({"frequency": "weekly"}, {"frequency"}),
        ({"frequency": "daily"}, {"times"}),
        ({"frequency": "daily", "times": ["24:00"]}, {"times.0"}),
        ({"frequency": "daily", "times": ["08:00"] * 25}, {"times"}),
        ({"frequency": "hourly", "weekdays": [7]}, {"weekdays.0"}),
        ({"frequency": "hourly", "weekdays": [0] * 8}, {"weekdays"}),
    ],
)
def test_what_cannot_be_taken_is_named(admin: Caller, body: object, wrong: set[str]) -> None:
    answer = admin.send("PUT", f"/sources/{world.directory().pk}/schedule", body)
    assert (answer.status_code, fields(answer)) == (422, wrong)


def test_who_only_sees_sets_nothing_and_files_are_not_waited_for(
    admin: Caller, vera: Identity, otto: Identity
) -> None:
    path, body = f"/sources/{world.directory().pk}/schedule", {"frequency": "hourly"}
    assert Caller(vera).get(path).status_code == 200
    assert Caller(vera).send("PUT", path, body).status_code == 403
    assert Caller(otto).get(path).status_code == 403
    refused = admin.send("PUT", f"/sources/{make_source().pk}/schedule", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_read")
    assert not Schedule.objects.filter(name__startswith="source:").exists()
