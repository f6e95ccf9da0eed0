"""The owner is told by mail: a link, no secret, and again if the server did not take it."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client, override_settings
from django.utils import timezone

from accounts.models import Identity
from console.credentials import jobs
from tests.credentials.forms import regenerate_form, regenerate_url
from tests.factories import make_account
from tests.factories.accounts import Made
from tokens.credentials.models import KeyPickup

pytestmark = pytest.mark.django_db

OnCommit = Callable[..., Any]


class Failing(EmailBackend):
    """A mail server that is out of order."""

    def send_messages(self, messages: Any) -> int:
        raise smtplib.SMTPServerDisconnected("Connection refused")


def offer(admin: Client, made: Made, on_commit: OnCommit, **headers: str) -> KeyPickup:
    form = regenerate_form(key_origin="owner")
    with on_commit(execute=True):
        answer = admin.post(regenerate_url(made.account), form, headers=headers)
    assert answer.status_code == 200
    return KeyPickup.objects.latest("created_at")


def test_the_mail_names_the_account_and_holds_the_link(
    admin: Client, made: Made, django_capture_on_commit_callbacks: OnCommit
) -> None:
    pickup = offer(admin, made, django_capture_on_commit_callbacks)
    (sent,) = mail.outbox
    assert sent.to == ["otto@example.com"]
    assert made.account.name in sent.subject
    assert made.account.name in sent.body
    assert str(made.account.pk) in sent.body
    assert f"http://127.0.0.1:8000/key-pickups/{pickup.pk}/" in sent.body
    assert "&quot;" not in sent.body
    pickup.refresh_from_db()
    assert pickup.sent_at is not None


@override_settings(STEWARD_PUBLIC_URL="https://steward.example.com", ALLOWED_HOSTS=["*"])
def test_the_link_comes_from_the_settings_and_never_from_the_request(
    admin: Client, made: Made, django_capture_on_commit_callbacks: OnCommit
) -> None:
    offer(admin, made, django_capture_on_commit_callbacks, host="evil.example")
    (sent,) = mail.outbox
    assert "https://steward.example.com/key-pickups/" in sent.body
    assert "evil.example" not in f"{sent.subject}{sent.body}{sent.extra_headers}"


def test_no_name_can_bend_the_mail(
    admin: Client, otto: Identity, django_capture_on_commit_callbacks: OnCommit
) -> None:
    made = make_account("a <b>&\"' {{ link }} %s", owner=otto)
    offer(admin, made, django_capture_on_commit_callbacks)
    (sent,) = mail.outbox
    assert made.account.name in sent.subject
    assert made.account.name in sent.body
    assert sent.message().keys().count("Subject") == 1


def test_nothing_is_sent_where_nothing_is_committed(admin: Client, made: Made) -> None:
    admin.post(regenerate_url(made.account), regenerate_form(key_origin="owner"))
    assert mail.outbox == []


def test_a_server_out_of_order_spoils_nothing_and_is_tried_again(
    admin: Client, made: Made, django_capture_on_commit_callbacks: OnCommit
) -> None:
    failing = f"{Failing.__module__}.{Failing.__qualname__}"
    with override_settings(EMAIL_BACKEND=failing):
        pickup = offer(admin, made, django_capture_on_commit_callbacks)
    pickup.refresh_from_db()
    assert (pickup.sent_at, pickup.mail_attempts) == (None, 1)
    jobs.send_waiting_offers()
    assert mail.outbox == []  # it is too early
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        jobs.send_waiting_offers()
        jobs.send_waiting_offers()
    assert len(mail.outbox) == 1


def test_the_pauses_grow(
    admin: Client, made: Made, django_capture_on_commit_callbacks: OnCommit
) -> None:
    failing = f"{Failing.__module__}.{Failing.__qualname__}"
    attempts: list[datetime] = []
    with override_settings(EMAIL_BACKEND=failing):
        pickup = offer(admin, made, django_capture_on_commit_callbacks)
        for minute in range(40):
            at = pickup.created_at + timedelta(minutes=minute, seconds=30)
            with time_machine.travel(at, tick=False):
                before = KeyPickup.objects.get().mail_attempts
                jobs.send_waiting_offers()
                if KeyPickup.objects.get().mail_attempts > before:
                    attempts.append(at)
    waits = [later - sooner for sooner, later in pairwise(attempts)]
    assert len(attempts) in (4, 5)
    assert all(later >= 2 * sooner - timedelta(minutes=1) for sooner, later in pairwise(waits))


def test_what_was_lost_on_the_way_to_the_worker_is_sent_by_the_upkeep(
    admin: Client, made: Made
) -> None:
    admin.post(regenerate_url(made.account), regenerate_form(key_origin="owner"))
    jobs.send_waiting_offers()
    assert mail.outbox == []  # the worker may be at it
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        jobs.send_waiting_offers()
    assert len(mail.outbox) == 1


def test_an_offer_that_is_over_is_not_mailed(admin: Client, made: Made) -> None:
    admin.post(regenerate_url(made.account), regenerate_form(key_origin="owner"))
    first = KeyPickup.objects.get()
    admin.post(regenerate_url(made.account), regenerate_form())
    jobs.send_offer.call(str(first.pk))
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        jobs.send_waiting_offers()
    assert mail.outbox == []


def test_two_workers_send_one_mail(admin: Client, made: Made) -> None:
    from tokens.credentials import pickups

    admin.post(regenerate_url(made.account), regenerate_form(key_origin="owner"))
    seen = [KeyPickup.objects.get(), KeyPickup.objects.get()]
    assert [pickups.start_mail(pickup=p, at=timezone.now()) for p in seen] == [True, False]
