"""The tenant's time zone is chosen on a page, and schedules follow it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from accounts.jobs import schedules
from accounts.models import Event, Identity, Schedule
from accounts.tenant.time_zone import time_zone
from console.ui.sentences import sentence
from tokens.reminders import jobs

ClientOf = Callable[[Identity], Client]
URL = "/tenant-settings/time-zone/"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_it_is_chosen_and_schedules_follow(client_of: ClientOf, ada: Identity) -> None:
    with time_machine.travel(NOON, tick=False):
        jobs.ensure(at=NOON)
        browser = client_of(ada)
        page = browser.get(URL).content.decode()
        assert "23 Nov 2026, 08:00 UTC" in page
        assert '<option value="Europe/Berlin">' in page
        answer = browser.post(URL, {"time_zone": "Asia/Tokyo"}, follow=True)
        assert "by the clock of Asia/Tokyo" in answer.content.decode()
        schedules.fire_due(at=NOON)
    assert time_zone().key == "Asia/Tokyo"
    assert Schedule.objects.get().next_at == datetime(2026, 11, 22, 23, tzinfo=UTC)
    event = Event.objects.get(action="tenant_setting.changed")
    assert sentence(event) == "ada set the time zone to Asia/Tokyo"


@pytest.mark.parametrize(
    "name", ["Mars/Olympus", "", "europe/berlin ", "../../etc/passwd", "x" * 90]
)
def test_what_is_no_zone_is_refused_and_kept_in_the_form(
    client_of: ClientOf, ada: Identity, name: str
) -> None:
    answer = client_of(ada).post(URL, {"time_zone": name})
    assert answer.status_code == 200
    assert answer.context["form"].errors["time_zone"]
    assert name in answer.content.decode()
    assert time_zone().key == "UTC"


def test_only_administrators_change_it(
    client: Client, client_of: ClientOf, vera: Identity, mallory: Identity
) -> None:
    assert client.get(URL)["Location"].startswith("/sign-in/")
    for person in (vera, mallory):
        assert client_of(person).get(URL).status_code == 403
        assert client_of(person).post(URL, {"time_zone": "Asia/Tokyo"}).status_code == 403
    shown = client_of(vera).get("/tenant-settings/").content.decode()
    assert "Time zone" in shown
    assert URL not in shown
