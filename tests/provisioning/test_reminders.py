"""A provisioning token is told of before it expires, and counts as proof of its account."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import Event, Identity
from console.reminders.mail import send
from console.ui.sentences import sentence
from tests.provisioning.test_pages import ClientOf, add
from tokens.models import Letter
from tokens.provisioning import actions as provisioning
from tokens.reminders import actions
from tokens.service_accounts import overview

pytestmark = pytest.mark.django_db

WEEK = timedelta(days=7)


def test_its_owner_is_told_and_where_it_is_rotated(ada: Identity) -> None:
    made_at = timezone.now()
    now = made_at + timedelta(days=60)
    made = provisioning.add_client(
        by=ada, name="Entra ID", groups=True, expires_at=now + WEEK, at=made_at
    )
    actions.find(at=now)
    letter = Letter.objects.filter(recipient=ada).get()
    lines = actions.lines_of(letter, now)
    send(letter, lines)

    (sent,) = mail.outbox
    assert sent.subject == "The provisioning token of “Entra ID” expires in 7 days"
    assert f"/tenant-settings/provisioning/{made.account.pk}/" in sent.body
    actions.note_sent(letter, lines, at=now)
    event = Event.objects.get(action="provisioning_token.reminded")
    assert "provisioning token of Entra ID expires" in sentence(event)


def test_one_that_is_being_replaced_is_seen_to(ada: Identity) -> None:
    made_at = timezone.now()
    now = made_at + timedelta(days=60)
    made = provisioning.add_client(
        by=ada, name="Entra ID", groups=True, expires_at=now + WEEK, at=made_at
    )
    provisioning.rotate(by=ada, token=made.token, keep_old_for=WEEK, expires_at=None, at=now)

    assert actions.find(at=now).reminders == 0


def test_its_account_does_not_lack_a_key(client_of: ClientOf, ada: Identity) -> None:
    made, browser = add(), client_of(ada)
    page = f"/service-accounts/{made.account.pk}/"

    assert b"No usable key" not in browser.get(page).content
    assert made.account not in overview.without_key(ada, timezone.now())
    provisioning.revoke(by=ada, token=made.token, at=timezone.now())
    assert made.account in overview.without_key(ada, timezone.now())
    assert b"No usable key" in browser.get(page).content
