"""A directory is read at set times: applied, held or told of, and never twice at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client

from accounts.audit.actors import SYSTEM
from accounts.authorization.policies import NotAllowed
from accounts.imports import actions as imports
from accounts.jobs import schedules as jobs_schedules
from accounts.jobs.clock import BadTime
from accounts.jobs.run import run_job
from accounts.models import Event, Identity, ImportRun, Job, Schedule, Source
from accounts.sources import actions, schedules
from accounts.sources.schedules import NotRead
from accounts.tenant import time_zone as zones
from tests.directories.reading import SERVICES, bring, changed, make_ldap_source, person
from tests.factories.imports import accounts_of, make_source
from tests.openldap import Directory

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Identity], Client]
SUNDAY = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)


def put(source: Source, *, at: datetime = SUNDAY, **given: Any) -> Schedule | None:
    wanted: dict[str, Any] = {
        "frequency": "daily",
        "times": ["08:00", "20:00"],
        "weekdays": [],
        "by": SYSTEM,
    }
    return schedules.put(source=source, at=at, **wanted | given)


def fire(at: datetime) -> list[Job]:
    """What the worker does at that moment, and with every job that comes of it."""
    with time_machine.travel(at, tick=False):
        jobs_schedules.fire_due(at=at)
        done: list[Job] = []
        while (job := Job.objects.due_at(at).order_by("created_at", "pk").first()) is not None:
            run_job(job.pk)
            job.refresh_from_db()
            done.append(job)
    return done


def kinds(jobs: list[Job]) -> list[str]:
    return [job.kind for job in jobs]


def next_at(source: Source) -> datetime:
    found = schedules.of(source)
    assert found is not None
    return found.next_at


def take_away(directory: Directory, numbers: range) -> None:
    directory.change(
        "\n".join(f"dn: uid=svc-{n:05d},{SERVICES}\nchangetype: delete\n" for n in numbers)
    )


def test_what_is_within_the_threshold_is_applied_by_itself(own_directory: Directory) -> None:
    source = make_ldap_source(own_directory)
    put(source)
    assert fire(SUNDAY) == []
    jobs = fire(SUNDAY.replace(hour=20, minute=0))
    assert kinds(jobs) == ["import.scheduled", "import.plan", "import.apply"]
    assert len(accounts_of(source)) == 120
    own_directory.add(person("newcomer"))
    take_away(own_directory, range(5))
    fire(SUNDAY + timedelta(days=1))
    assert len(accounts_of(source)) == 116
    assert len(mail.outbox) == 0
    assert Event.objects.filter(action="import.applied", actor_label="System").count() == 2


def test_what_removes_too_many_is_held_and_the_owner_is_told_once(
    own_directory: Directory, otto: Identity
) -> None:
    source = make_ldap_source(own_directory, owner=otto)
    bring(source)
    put(source)
    take_away(own_directory, range(60))
    jobs = fire(SUNDAY.replace(hour=20))
    assert kinds(jobs) == ["import.scheduled", "import.plan", "import.tell_owner"]
    held = ImportRun.objects.get(state="held")
    assert len(accounts_of(source)) == 120
    (letter,) = mail.outbox
    assert letter.to == [otto.email]
    assert letter.subject == "Directory: 60 accounts are missing"
    assert f"/sources/{source.pk}/imports/{held.pk}/" in str(letter.body)

    assert "import.tell_owner" not in kinds(fire(SUNDAY + timedelta(days=1)))
    held.refresh_from_db()
    assert (held.state, len(mail.outbox)) == ("cancelled", 1)
    assert ImportRun.objects.filter(state="held").count() == 1

    take_away(own_directory, range(60, 61))
    fire(SUNDAY + timedelta(days=2))
    assert len(mail.outbox) == 2
    assert len(accounts_of(source)) == 120


def test_one_that_was_let_off_is_not_taken_away(own_directory: Directory) -> None:
    source = make_ldap_source(own_directory)
    bring(source)
    put(source)
    take_away(own_directory, range(60))
    fire(SUNDAY.replace(hour=20))
    held = ImportRun.objects.get(state="held")
    imports.override(by=SYSTEM, import_run=held, reason="They left", at=SUNDAY)
    fire(SUNDAY + timedelta(days=1))
    held.refresh_from_db()
    assert held.state == "planned"


def test_a_failure_is_told_once_until_one_succeeds(
    own_directory: Directory, otto: Identity
) -> None:
    source = make_ldap_source(own_directory, owner=otto)
    port = own_directory.port
    changed(source, port=1)
    put(source)
    for days in range(3):
        fire(SUNDAY + timedelta(days=days, hours=8))
    (letter,) = mail.outbox
    assert letter.subject == "Directory could not be read"
    assert "Nothing answers at port 1" in str(letter.body)
    changed(source, port=port)
    fire(SUNDAY + timedelta(days=3, hours=8))
    changed(source, port=1)
    fire(SUNDAY + timedelta(days=4, hours=8))
    assert len(mail.outbox) == 2


def test_mail_that_is_not_taken_is_tried_again(
    own_directory: Directory, otto: Identity, settings: Any
) -> None:
    source = make_ldap_source(own_directory, owner=otto, port=1)
    put(source)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    at = SUNDAY.replace(hour=20)
    assert [job.state for job in fire(at)][-1] == "failed"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert fire(at + timedelta(minutes=4)) == []
    assert kinds(fire(at + timedelta(minutes=6))) == ["import.tell_owner"]
    assert len(mail.outbox) == 1


def test_a_reading_at_work_is_not_joined_by_another(own_directory: Directory) -> None:
    source = make_ldap_source(own_directory)
    put(source)
    run = imports.refresh(by=SYSTEM, source=source, at=SUNDAY, confirm=False)
    jobs_schedules.fire_due(at=SUNDAY.replace(hour=20))
    scheduled = Job.objects.get(kind="import.scheduled")
    with time_machine.travel(SUNDAY.replace(hour=20), tick=False):
        run_job(scheduled.pk)
    scheduled.refresh_from_db()
    assert (scheduled.state, scheduled.result) == ("succeeded", {"started": 0})
    assert list(ImportRun.objects.values_list("pk", flat=True)) == [run.pk]


def test_times_that_were_missed_are_made_up_for_once(own_directory: Directory) -> None:
    source = make_ldap_source(own_directory)
    put(source, frequency="hourly")
    jobs = fire(SUNDAY + timedelta(days=9))
    assert kinds(jobs).count("import.scheduled") == 1
    assert next_at(source) == datetime(2026, 12, 1, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, datetime(2026, 11, 22, 20, tzinfo=UTC)),
        ({"times": ["08:00"]}, datetime(2026, 11, 23, 8, tzinfo=UTC)),
        ({"frequency": "hourly"}, datetime(2026, 11, 22, 13, tzinfo=UTC)),
        ({"weekdays": [0, 4]}, datetime(2026, 11, 23, 8, tzinfo=UTC)),
        ({"weekdays": [5]}, datetime(2026, 11, 28, 8, tzinfo=UTC)),
        ({"weekdays": [6], "times": ["08:00"]}, datetime(2026, 11, 29, 8, tzinfo=UTC)),
        ({"weekdays": [0], "frequency": "hourly"}, datetime(2026, 11, 23, 0, tzinfo=UTC)),
        ({"weekdays": [0, 1, 2, 3, 4, 5, 6]}, datetime(2026, 11, 22, 20, tzinfo=UTC)),
    ],
)
def test_the_next_time(directory: Directory, given: dict[str, Any], expected: datetime) -> None:
    source = make_ldap_source(directory)
    put(source, **given)
    assert next_at(source) == expected


def test_days_are_those_of_the_tenants_clock(directory: Directory) -> None:
    zones.set_time_zone(by=SYSTEM, name="Pacific/Auckland", at=SUNDAY)
    source = make_ldap_source(directory)
    put(source, weekdays=[0], times=["08:00"])
    assert next_at(source) == datetime(2026, 11, 22, 19, tzinfo=UTC)  # Monday morning over there


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"times": []}, "times"),
        ({"times": ["8"]}, "times"),
        ({"times": ["24:00"]}, "times"),
        ({"times": [f"{h:02d}:{m:02d}" for h in range(24) for m in (0, 30)]}, "times"),
        ({"weekdays": [7]}, "weekdays"),
        ({"frequency": "yearly"}, "frequency"),
    ],
)
def test_what_is_no_time_is_refused(
    directory: Directory, given: dict[str, Any], field: str
) -> None:
    source = make_ldap_source(directory)
    with pytest.raises(BadTime) as refused:
        put(source, **given)
    assert refused.value.field == field
    assert schedules.of(source) is None


def test_a_schedule_is_for_sources_that_are_read_and_for_who_manages_them(
    directory: Directory, vera: Identity
) -> None:
    with pytest.raises(NotRead):
        put(make_source())
    with pytest.raises(NotAllowed):
        put(make_ldap_source(directory), by=vera)
    assert not Schedule.objects.filter(name__startswith="source:").exists()


def test_a_schedule_follows_its_source(directory: Directory) -> None:
    source = make_ldap_source(directory)
    put(source)
    source = actions.edit(
        by=SYSTEM,
        source=source,
        details=actions.Details(name="Renamed", config=source.config),
        revision=source.revision,
        at=SUNDAY,
    )
    assert str(schedules.of(source)) == "Aggregation of Renamed"
    put(source, frequency="never")
    assert schedules.of(source) is None
    put(source)
    actions.delete(by=SYSTEM, source=source, at=SUNDAY)
    assert schedules.of(source) is None
    assert fire(SUNDAY + timedelta(days=1)) == []


def test_the_page_of_a_schedule(client_of: ClientOf, ada: Identity, directory: Directory) -> None:
    source, browser = make_ldap_source(directory), client_of(ada)
    page = f"/sources/{source.pk}/imports/"
    text = browser.get(page).content.decode()
    assert "08:00, 20:00" in text
    assert "Next run" not in text
    bad = browser.post(f"{page}schedule/", {"frequency": "daily", "times": "8 o'clock"})
    assert "Write times as HH:MM" in bad.content.decode()
    assert "8 o&#x27;clock" in bad.content.decode()
    given = {"frequency": "daily", "times": "07:30, 19:30", "weekdays": ["0", "4"]}
    text = browser.post(f"{page}schedule/", given, follow=True).content.decode()
    for part in ("The schedule is saved.", "Next run", "07:30, 19:30 on Monday, Friday"):
        assert part in text
    listed = browser.get("/jobs/scheduled/").content.decode()
    assert "Aggregation of Directory" in listed
    text = browser.post(f"{page}schedule/", {"frequency": "never"}, follow=True).content.decode()
    assert "It is read by hand only." in text
    assert schedules.of(source) is None


def test_the_schedule_of_a_source_is_not_for_everybody(
    client_of: ClientOf, vera: Identity, mallory: Identity, directory: Directory
) -> None:
    source = make_ldap_source(directory)
    page = f"/sources/{source.pk}/imports/schedule/"
    assert client_of(vera).post(page, {"frequency": "hourly"}).status_code == 403
    assert client_of(mallory).post(page, {"frequency": "hourly"}).status_code in (403, 404)
    assert client_of(vera).get(page).status_code in (403, 405)
    assert Client().post(page, {"frequency": "hourly"}).status_code in (302, 403)
    assert Client().get(f"/sources/{source.pk}/imports/").status_code == 302
    assert schedules.of(source) is None
