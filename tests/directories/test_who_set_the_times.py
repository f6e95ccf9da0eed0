"""A source is read at set times only as long as whoever set them may read it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from accounts.audit.actors import SYSTEM
from accounts.authorization.levels import SOURCE_SUBADMIN
from accounts.identities import actions as identities
from accounts.identities.actions import set_levels
from accounts.jobs import schedules as jobs_schedules
from accounts.models import Event, Identity, Job, Schedule, Source
from accounts.sources import schedules
from console.ui.sentences import sentence
from tests.directories.reading import make_ldap_source

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Identity], Client]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
EVENING = NOON.replace(hour=20)
GONE = "Whoever set it may not do this any more. Save the times again to let it go on."


@pytest.fixture
def source(otto: Identity) -> Source:
    """Owned by Otto, who manages what he owns and has set the times. Nothing answers there."""
    set_levels(by=SYSTEM, identity=otto, levels=[SOURCE_SUBADMIN], at=NOON)
    otto.forget_cached_rights()
    nowhere: Any = SimpleNamespace(host="127.0.0.1", port=1, certificates=None)
    source = make_ldap_source(nowhere, owner=otto)
    put(otto, source)
    return source


def put(by: Identity, source: Source) -> None:
    schedules.put(by=by, source=source, frequency="daily", times=["20:00"], weekdays=[], at=NOON)


def schedule() -> Schedule:
    return Schedule.objects.get(kind=schedules.KIND)


def levels(who: Identity, *held: str) -> None:
    set_levels(by=SYSTEM, identity=who, levels=list(held), at=NOON)


def test_it_goes_on_while_they_may(source: Source, otto: Identity) -> None:
    assert schedule().set_by == "otto"
    assert jobs_schedules.fire_due(at=EVENING) == 1
    assert Job.objects.get().kind == schedules.KIND


def test_it_is_paused_when_they_lost_the_level(source: Source, otto: Identity) -> None:
    levels(otto)
    assert jobs_schedules.fire_due(at=EVENING) == 0
    assert jobs_schedules.fire_due(at=EVENING + timedelta(days=1)) == 0
    assert not Job.objects.exists()
    found = schedule()
    assert (found.paused_at, found.trouble, found.fired_at) == (EVENING, GONE, None)
    event = Event.objects.get(action="job.schedule_paused")
    assert (event.reason, event.detail["set_by"]) == (GONE, "otto")
    assert sentence(event) == "System paused the schedule Aggregation of Directory"


@pytest.mark.parametrize("how", ["disabled", "deleted", "handed over", "unknown"])
def test_it_is_paused_when_they_are_gone(
    source: Source, otto: Identity, ada: Identity, how: str
) -> None:
    if how == "disabled":
        identities.disable(by=ada, identity=otto, at=NOON)
    elif how == "deleted":
        identities.delete(by=ada, identity=otto, at=NOON)
    elif how == "handed over":
        Source.objects.filter(pk=source.pk).update(owner=ada)
    else:
        Schedule.objects.update(set_by_id="")
    assert jobs_schedules.fire_due(at=EVENING) == 0
    assert schedule().paused_at == EVENING


def test_who_set_those_that_were_there_already_stands_in_the_log(source: Source) -> None:
    Schedule.objects.update(set_by_id="", set_by="")
    import_module("accounts.migrations.0027_who_set_schedules").fill(apps, None)
    assert schedule().set_by == "otto"
    assert jobs_schedules.fire_due(at=EVENING) == 1


def test_saving_the_times_again_lets_it_go_on(
    source: Source, otto: Identity, ada: Identity
) -> None:
    levels(otto)
    jobs_schedules.fire_due(at=EVENING)
    put(ada, source)
    found = schedule()
    assert (found.paused_at, found.trouble, found.set_by) == (None, "", "ada")
    assert jobs_schedules.fire_due(at=EVENING) == 1


def test_the_pages_say_that_it_is_paused_and_why(
    source: Source, otto: Identity, ada: Identity, client_of: ClientOf
) -> None:
    levels(otto)
    jobs_schedules.fire_due(at=EVENING)
    browser = client_of(ada)
    for path in ("/jobs/scheduled/", f"/sources/{source.pk}/imports/", "/"):
        page = browser.get(path).content.decode()
        assert GONE in page, path
    assert "Paused" in browser.get(f"/sources/{source.pk}/").content.decode()
    for path in ("/jobs/scheduled/", "/"):
        page = browser.get(path).content.decode()
        assert f'href="/sources/{source.pk}/imports/#schedule"' in page
