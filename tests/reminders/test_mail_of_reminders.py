"""The mail itself: tried again, given up, sent to nobody in vain, and told in the audit log."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client, override_settings
from django.utils import timezone

from accounts.audit.models import Event
from accounts.identities import actions as identities
from accounts.models import Identity, ServiceAccount
from console.reminders import jobs as sending
from console.reminders.mail import LISTED
from console.ui.sentences import sentence
from tests.factories import make_account
from tokens.models import Letter
from tokens.reminders import actions

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
DAY = timedelta(days=1)


class Failing(EmailBackend):
    """A mail server that is out of order."""

    def send_messages(self, messages: Any) -> int:
        raise smtplib.SMTPServerDisconnected("Connection refused")


FAILING = f"{Failing.__module__}.{Failing.__qualname__}"


def key_until(ends_at: datetime, name: str = "audit01", **options: Any) -> ServiceAccount:
    return make_account(name, key_lifetime=90 * DAY, at=ends_at - 90 * DAY, **options).account


def send_at(at: datetime) -> int:
    with time_machine.travel(at, tick=False):
        sending.send_due()
    return len(mail.outbox)


def test_it_goes_out_when_the_look_is_committed(
    otto: Identity, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    key_until(timezone.now() + 7 * DAY, owner=otto)
    with django_capture_on_commit_callbacks(execute=True):
        actions.find(at=timezone.now())
    assert [m.to for m in mail.outbox] == [[otto.email]]


def test_the_log_tells_who_was_reminded_and_when(otto: Identity) -> None:
    account = key_until(NOW + 7 * DAY, owner=otto)
    ServiceAccount.objects.filter(pk=account.pk).update(ends_at=NOW + 14 * DAY)
    Identity.objects.filter(pk=account.pk).update(email="team@example.com")
    actions.find(at=NOW)
    send_at(NOW)
    said = {sentence(event) for event in Event.objects.filter(action__endswith=".reminded")}
    kid = account.identity.credentials.get().key_id[:8]
    assert said == {
        f"Owner otto was reminded 7 days before key {kid}… of audit01 expires",
        "Owner otto was reminded 14 days before service account audit01 ends",
        f"team@example.com was reminded 7 days before key {kid}… of audit01 expires",
        "team@example.com was reminded 14 days before service account audit01 ends",
    }


def test_the_page_of_the_account_says_that_the_owner_was_reminded(
    client_of: Callable[[Identity], Client], ada: Identity, otto: Identity
) -> None:
    now = timezone.now()
    account = key_until(now + 7 * DAY, owner=otto)
    actions.find(at=now)
    page = f"/service-accounts/{account.pk}/"
    assert "reminded" not in client_of(ada).get(page).content.decode()
    send_at(now)
    assert "Owner reminded 7 days before." in client_of(ada).get(page).content.decode()
    activity = client_of(ada).get(f"{page}activity/").content.decode()
    assert "Owner otto was reminded 7 days before key" in activity


def test_what_fails_is_tried_again_with_growing_pauses_and_then_given_up(otto: Identity) -> None:
    key_until(NOW + 7 * DAY, owner=otto)
    actions.find(at=NOW)
    tried: list[int] = []
    with override_settings(EMAIL_BACKEND=FAILING):
        for minute in range(60 * 12):
            before = Letter.objects.get().tries
            send_at(NOW + timedelta(minutes=minute))
            if Letter.objects.get().tries > before:
                tried.append(minute)
    assert tried == [0, 2, 6, 14, 30, 62, 126, 254]
    letter = Letter.objects.given_up().get()
    assert "Connection refused" in letter.failure
    events = Event.objects.filter(action="reminder.not_sent").newest_first()
    assert [event.detail["given_up"] for event in events] == [True, False]
    assert sentence(events[0]) == "The reminder for otto@example.com could not be sent"
    assert send_at(NOW + DAY) == 0


def test_it_is_sent_once_the_server_works_again(otto: Identity) -> None:
    key_until(NOW + 7 * DAY, owner=otto)
    actions.find(at=NOW)
    with override_settings(EMAIL_BACKEND=FAILING):
        send_at(NOW)
    assert send_at(NOW + timedelta(minutes=1)) == 0
    assert send_at(NOW + timedelta(minutes=3)) == 1
    assert send_at(NOW + timedelta(hours=3)) == 1
    assert Letter.objects.get().failure == ""


def test_what_was_mended_meanwhile_is_not_told(ada: Identity, otto: Identity) -> None:
    account = make_account("audit01", owner=otto, ends_at=NOW + 7 * DAY, at=NOW).account
    actions.find(at=NOW)
    ServiceAccount.objects.filter(pk=account.pk).update(ends_at=NOW + 90 * DAY)
    assert send_at(NOW) == 0
    assert send_at(NOW + timedelta(hours=1)) == 0
    assert not Letter.objects.due_at(NOW + 9 * DAY).exists()


def test_an_owner_who_left_meanwhile_is_not_written_to_but_somebody_is(
    ada: Identity, otto: Identity
) -> None:
    key_until(NOW + 7 * DAY, owner=otto)
    actions.find(at=NOW)
    identities.disable(by=ada, identity=otto, at=NOW)
    assert send_at(NOW) == 0
    actions.find(at=NOW + DAY)
    send_at(NOW + DAY)
    assert [m.to for m in mail.outbox] == [[ada.email]]


def test_two_workers_send_one_mail(otto: Identity) -> None:
    key_until(NOW + 7 * DAY, owner=otto)
    actions.find(at=NOW)
    letter = Letter.objects.get()
    assert actions.take(letter.pk, at=NOW) is not None
    assert actions.take(letter.pk, at=NOW) is None


def test_a_long_list_is_cut_and_leads_to_the_page_that_has_all(otto: Identity) -> None:
    for number in range(LISTED + 2):
        make_account(f"many-{number:03}", owner=otto, ends_at=NOW + 7 * DAY, at=NOW)
    actions.find(at=NOW)
    send_at(NOW)
    (sent,) = mail.outbox
    assert sent.body.count("\n- ") == LISTED
    assert "And 2 more:" in sent.body
    assert "http://127.0.0.1:8000/service-accounts/?expiring=30" in sent.body


@override_settings(STEWARD_PUBLIC_URL="https://steward.example.com")
def test_links_come_from_the_settings_and_names_bend_nothing(otto: Identity) -> None:
    key_until(NOW + 7 * DAY, "a <b>&\"' {{ link }} %s", owner=otto)
    actions.find(at=NOW)
    send_at(NOW)
    (sent,) = mail.outbox
    assert "https://steward.example.com/service-accounts/" in sent.body
    assert "127.0.0.1" not in sent.body
    assert "a <b>&\"' {{ link }} %s" in sent.body
    assert sent.message().keys().count("Subject") == 1
