"""Reminders at 30, 14, 7 and 1 days: each once, to whoever answers, the nearest if late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts.identities import actions as identities
from accounts.jobs import schedules
from accounts.jobs.run import run_job
from accounts.models import Identity, Job, Schedule, ServiceAccount
from accounts.service_accounts import actions as service_accounts
from accounts.service_accounts.actions import Details
from accounts.tenant.time_zone import set_time_zone
from console.reminders import jobs as sending
from tests.factories import make_account, make_person
from tokens.credentials import actions as credentials
from tokens.credentials.actions import KeyChoice
from tokens.credentials.models import KeyOrigin
from tokens.models import Letter, Reminder
from tokens.reminders import actions, jobs
from tokens.reminders.due import End, step_of

pytestmark = pytest.mark.django_db

MORNING = datetime(2026, 11, 23, 8, tzinfo=UTC)
DAY = timedelta(days=1)


def look(at: datetime) -> list[tuple[str, int]]:
    """Look for reminders and send them; answers to whom, and of how many things."""
    mail.outbox.clear()
    with time_machine.travel(at, tick=False):
        actions.find(at=at)
        sending.send_due()
    return sorted((m.to[0], m.body.count("\n- ")) for m in mail.outbox)


def key_until(ends_at: datetime, name: str = "audit01", **options: object) -> ServiceAccount:
    made_at = ends_at - 90 * DAY
    return make_account(name, key_lifetime=90 * DAY, at=made_at, **options).account  # type: ignore[arg-type]


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("days", "step"),
    [(31, None), (30, 30), (29, 30), (15, 30), (14, 14), (8, 14), (7, 7), (2, 7), (1, 1), (0, 1)],
)
def test_the_nearest_step_that_has_come_counts(days: int, step: int | None) -> None:
    end = End(ServiceAccount(), MORNING + days * DAY + timedelta(hours=3))
    assert step_of(end, MORNING, ZoneInfo("UTC")) == step


@pytest.mark.sqlite
def test_days_are_those_of_the_tenants_calendar() -> None:
    end = End(ServiceAccount(), datetime(2026, 12, 1, 1, tzinfo=UTC))
    at = datetime(2026, 11, 23, 20, tzinfo=UTC)
    assert step_of(end, at, ZoneInfo("UTC")) == 14, "eight days are left"
    assert step_of(end, at, ZoneInfo("America/New_York")) == 7, "there it ends on 30 November"


@pytest.mark.sqlite
def test_a_step_that_was_over_when_the_key_was_made_is_no_step() -> None:
    end = End(ServiceAccount(), MORNING + 20 * DAY, since=MORNING)
    zone = ZoneInfo("UTC")
    told = [step_of(end, MORNING + day * DAY, zone) for day in range(20)]
    assert told == [None] * 6 + [14] * 7 + [7] * 6 + [1]


def test_the_owner_is_told_once_at_each_step(otto: Identity) -> None:
    ends_at = MORNING + 40 * DAY + timedelta(hours=4)
    key_until(ends_at, owner=otto)
    told = {}
    for day in range(45):
        if look(MORNING + day * DAY):
            told[40 - day] = mail.outbox[0].to
    assert told == {30: [otto.email], 14: [otto.email], 7: [otto.email], 1: [otto.email]}


def test_a_second_look_on_the_same_day_tells_nobody_again(otto: Identity) -> None:
    key_until(MORNING + 7 * DAY, owner=otto)
    assert look(MORNING) == [(otto.email, 1)]
    assert look(MORNING + timedelta(hours=2)) == []


def test_what_was_missed_is_made_up_for_by_one_mail(otto: Identity) -> None:
    key_until(MORNING + 5 * DAY, owner=otto)
    assert look(MORNING) == [(otto.email, 1)]
    assert [look(MORNING + day * DAY) for day in (1, 2, 3)] == [[], [], []]
    assert look(MORNING + 4 * DAY) == [(otto.email, 1)]
    assert sorted(Reminder.objects.values_list("step_days", flat=True)) == [1, 7]


def test_everything_of_a_day_is_in_one_mail_with_links(otto: Identity) -> None:
    first = key_until(MORNING + 7 * DAY, "audit01", owner=otto)
    key_until(MORNING + 14 * DAY, "audit02", owner=otto)
    ending = make_account(
        "audit03", owner=otto, ends_at=MORNING + 30 * DAY, at=MORNING - DAY
    ).account
    assert look(MORNING) == [(otto.email, 3)]
    (sent,) = mail.outbox
    assert "3 keys and service accounts end soon" in sent.subject
    assert f"http://127.0.0.1:8000/service-accounts/{first.pk}/keys/" in sent.body
    assert f"http://127.0.0.1:8000/service-accounts/{ending.pk}/\n" in sent.body
    assert sent.body.index("audit01") < sent.body.index("audit02") < sent.body.index("audit03")
    assert "in 7 days, on 30 Nov 2026, 08:00 UTC" in sent.body


def test_one_thing_alone_is_named_in_the_subject(otto: Identity) -> None:
    make_account("audit01", owner=otto, ends_at=MORNING + DAY, at=MORNING)
    look(MORNING)
    assert mail.outbox[0].subject == "The service account “audit01” ends tomorrow"


def test_the_contact_of_the_account_is_told_too(otto: Identity) -> None:
    account = key_until(MORNING + 7 * DAY, owner=otto)
    Identity.objects.filter(pk=account.pk).update(email="team@example.com")
    assert look(MORNING) == [(otto.email, 1), ("team@example.com", 1)]
    Identity.objects.filter(pk=account.pk).update(email=otto.email.upper())
    assert look(MORNING + 6 * DAY) == [(otto.email, 1)], "nobody gets the same twice"


@pytest.mark.parametrize("owner", ["none", "disabled", "without an address"])
def test_administrators_are_told_where_no_owner_can_be(
    owner: str, ada: Identity, otto: Identity
) -> None:
    make_person("vera")
    key_until(MORNING + 7 * DAY, owner=None if owner == "none" else otto)
    if owner == "disabled":
        identities.disable(by=ada, identity=otto, at=timezone.now())
    elif owner == "without an address":
        Identity.objects.filter(pk=otto.pk).update(email="")
    assert look(MORNING) == [(ada.email, 1)]


def test_a_reminder_for_nobody_waits_until_there_is_somebody(db: None) -> None:
    key_until(MORNING + 7 * DAY)
    assert actions.find(at=MORNING) == actions.Found(unreachable=1)
    ada = make_person("ada", levels=["admin"])
    assert look(MORNING + DAY) == [(ada.email, 1)]


def test_nobody_is_told_of_what_does_not_matter_any_more(ada: Identity, otto: Identity) -> None:
    at = MORNING - DAY
    revoked = key_until(MORNING + 7 * DAY, "revoked", owner=otto)
    for key in revoked.identity.credentials.all():
        credentials.revoke(by=ada, credential=key, at=at)
    service_accounts.disable(
        by=ada, account=key_until(MORNING + 7 * DAY, "disabled", owner=otto), at=at
    )
    key_until(MORNING + 7 * DAY, "ended", owner=otto)
    ServiceAccount.objects.filter(name="ended").update(ends_at=at)
    replaced = key_until(MORNING + 7 * DAY, "replaced", owner=otto)
    credentials.regenerate(
        by=ada,
        account=replaced,
        choice=KeyChoice(KeyOrigin.STEWARD, "P-256"),
        keep_old_for=timedelta(days=30),
        revoke_tokens=False,
        within=None,
        at=at,
    )
    assert look(MORNING) == []


def test_an_end_that_was_moved_is_another_one(ada: Identity, otto: Identity) -> None:
    account = make_account("audit01", owner=otto, ends_at=MORNING + 7 * DAY, at=MORNING).account
    assert look(MORNING) == [(otto.email, 1)]
    service_accounts.edit(
        by=ada,
        account=account,
        details=Details(
            name="audit01",
            description="",
            owner=otto,
            scopes=account.scopes,
            ends_at=MORNING + 37 * DAY,
        ),
        revision=account.revision,
        at=MORNING,
    )
    assert look(MORNING + 6 * DAY) == []
    assert look(MORNING + 30 * DAY) == [(otto.email, 1)]


def test_it_runs_at_eight_by_the_tenants_clock_also_when_that_changes(
    ada: Identity, otto: Identity
) -> None:
    before = datetime(2026, 10, 20, 12, tzinfo=UTC)
    set_time_zone(by=ada, name="Europe/Berlin", at=before)
    jobs.ensure(at=before)
    jobs.ensure(at=before)
    schedule = Schedule.objects.get(name=jobs.NAME)
    assert schedule.next_at == datetime(2026, 10, 21, 6, tzinfo=UTC)
    # the clock falls back on 25 October
    schedules.fire_due(at=datetime(2026, 10, 24, 6, tzinfo=UTC))
    schedule.refresh_from_db()
    assert schedule.next_at == datetime(2026, 10, 25, 7, tzinfo=UTC)
    key_until(datetime(2026, 11, 1, 12, tzinfo=UTC), owner=otto)
    at = datetime(2026, 10, 25, 7, 0, 5, tzinfo=UTC)
    Job.objects.all().delete()
    assert schedules.fire_due(at=at) == 1
    job = Job.objects.get()
    run_job(job.pk, lambda: at)
    job.refresh_from_db()
    assert (job.state, job.result) == (
        "succeeded",
        {"reminders": 1, "letters": 1, "unreachable": 0},
    )
    assert Letter.objects.get().recipient == otto


def test_a_look_that_lost_its_job_tells_nobody(otto: Identity) -> None:
    key_until(MORNING + 7 * DAY, owner=otto)
    jobs.ensure(at=MORNING - DAY)
    schedules.fire_due(at=MORNING)
    job = Job.objects.get()
    find = actions.find

    def slow(*, at: datetime) -> actions.Found:
        """Meanwhile the lease runs out, and another attempt begins."""
        found = find(at=at)
        Job.objects.filter(pk=job.pk).update(attempt=7)
        return found

    actions.find = slow
    try:
        run_job(job.pk, lambda: MORNING)
    finally:
        actions.find = find
    assert not Letter.objects.exists()
    assert not Reminder.objects.exists()
