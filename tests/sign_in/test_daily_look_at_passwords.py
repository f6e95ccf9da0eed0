"""The daily look at passwords: marks those that are too old, tells of those that will be, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.utils import timezone

from accounts.identities import gui_access, passwords
from accounts.jobs import schedules
from accounts.jobs.run import run_job
from accounts.models import Event, Identity, Job, Schedule
from accounts.sign_in import jobs, password_age
from accounts.sign_in.password_age import Found
from tests.factories import make_account, make_person
from tests.factories.people import PASSWORD
from tests.sign_in.test_old_passwords import DAY, NEW, expire_after, set_ago

Look = Callable[..., Found]

pytestmark = pytest.mark.django_db


@pytest.fixture
def look(django_capture_on_commit_callbacks: Any) -> Look:
    def done(at: datetime | None = None) -> Found:
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            return password_age.find(at=at or timezone.now())

    return done


def marks(identity: Identity) -> tuple[bool, bool]:
    identity.refresh_from_db()
    return identity.password_warned_at is not None, identity.password_expired_at is not None


def test_each_is_told_once_and_marked_once(look: Look, otto: Identity, ada: Identity) -> None:
    expire_after(90)
    set_ago(otto, 84)
    assert look() == Found(expired=0, told=1)
    (letter,) = mail.outbox
    assert letter.to == ["otto@example.com"]
    expires = password_age.set_at(otto) + 90 * DAY
    assert f"{expires:%-d %b %Y}" in letter.body
    assert look() == Found(expired=0, told=0)
    later = timezone.now() + 7 * DAY
    assert look(later) == Found(expired=1, told=0)
    assert look(later) == Found(expired=0, told=0)
    assert mail.outbox == []
    assert marks(otto) == (True, True)
    assert marks(ada) == (False, False)
    told = Event.objects.filter(action__startswith="identity.password_exp")
    assert [event.action for event in told.order_by("pk")] == [
        "identity.password_expires_soon",
        "identity.password_expired",
    ]


def test_a_new_password_begins_anew(look: Look, otto: Identity) -> None:
    expire_after(30)
    set_ago(otto, 31)
    assert look().expired == 1
    passwords.change(by=otto, password=NEW, at=timezone.now())
    assert marks(otto) == (False, False)
    assert look(timezone.now() + 24 * DAY).told == 1


def test_a_longer_age_takes_marks_away_and_so_does_none(look: Look, otto: Identity) -> None:
    expire_after(30)
    set_ago(otto, 31)
    look()
    expire_after(365)
    assert look() == Found(0, 0)
    assert marks(otto) == (False, False)
    expire_after(30)
    assert look().expired == 1
    expire_after(0)
    assert look() == Found(0, 0)
    assert marks(otto) == (False, False)


def test_programs_the_disabled_and_who_has_no_password_are_passed_over(
    look: Look, otto: Identity, ada: Identity
) -> None:
    expire_after(30)
    bot, mute = (make_account(name, owner=otto).account.identity for name in ("bot", "mute"))
    gone, guest = make_person("gone"), make_person("guest")
    for identity in (bot, mute, gone, guest):
        identity.set_password(PASSWORD)
        identity.save(update_fields=["password"])
        set_ago(identity, 400)
    Identity.objects.get_queryset().filter(pk=gone.pk).update(
        disabled_at=timezone.now(), disabled_by="ada"
    )
    passwords.forget(guest)
    past = timezone.now() - DAY
    Identity.objects.get_queryset().filter(pk=mute.pk).update(password_exempt_until=past)
    gui_access.remove(by=ada, identity=mute, at=timezone.now())
    assert look() == Found(0, 0)

    Identity.objects.get_queryset().filter(pk=bot.pk).update(
        password_exempt_until=timezone.now() + 3 * DAY
    )
    assert look() == Found(expired=0, told=1)
    assert [letter.to for letter in mail.outbox] == [["otto@example.com"]], "its owner's"
    assert look(timezone.now() + 4 * DAY).expired == 1


def test_who_has_no_address_is_marked_all_the_same(look: Look, otto: Identity) -> None:
    expire_after(30)
    Identity.objects.get_queryset().filter(pk=otto.pk).update(email="")
    set_ago(otto, 29)
    assert look().told == 1
    assert mail.outbox == []
    event = Event.objects.get(action="identity.password_expires_soon")
    assert event.detail["mailed"] is False


def test_many_are_found_in_portions(
    look: Look, monkeypatch: pytest.MonkeyPatch, otto: Identity, ada: Identity, vera: Identity
) -> None:
    monkeypatch.setattr(password_age, "AT_ONCE", 2)
    expire_after(30)
    for person in (otto, ada, vera):
        set_ago(person, 31)
    assert look().expired == 3


def test_it_is_looked_at_daily_once_the_tenant_asks_for_it(otto: Identity) -> None:
    jobs.ensure()
    assert not Schedule.objects.filter(name=jobs.NAME).exists()
    expire_after(30)
    jobs.ensure()
    jobs.ensure()
    schedule = Schedule.objects.get(name=jobs.NAME)
    set_ago(otto, 31)
    at = schedule.next_at + timedelta(seconds=5)
    assert schedules.fire_due(at=at) == 1
    job = Job.objects.get(kind=jobs.KIND)
    run_job(job.pk, lambda: at)
    job.refresh_from_db()
    assert (job.state, job.result) == ("succeeded", {"expired": 1, "told": 0})


def test_passwords_of_before_count_from_the_day_of_the_update(otto: Identity) -> None:
    guest = make_person("guest")
    passwords.forget(guest)
    assert otto.password_set_at is None
    known = make_person("known")
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    Identity.objects.get_queryset().filter(pk=known.pk).update(password_set_at=long_ago)
    migration = import_module("accounts.migrations.0034_passwords_count_from_now")
    before = timezone.now()
    migration.count_from_now(apps, None)
    for identity in (otto, guest, known):
        identity.refresh_from_db()
    assert otto.password_set_at is not None
    assert otto.password_set_at >= before
    assert guest.password_set_at is None
    assert known.password_set_at == long_ago
