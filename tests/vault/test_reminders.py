"""Owners are mailed when a stored password is due."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.identities import actions as identities
from accounts.models import Event, Identity, StoredAccount, VaultLetter
from accounts.vault import actions, reminding
from accounts.vault.models import ShareRole
from console.vault.mail import send_due
from tests.factories.groups import make_group
from tests.factories.vault import PASSWORD, make_item, set_password, share


@pytest.fixture
def due(otto: Identity) -> StoredAccount:
    item = make_item(otto, rotate_every_days=1)
    StoredAccount.objects.update(rotation_due_at=timezone.now() - timedelta(minutes=1))
    item.refresh_from_db()
    return item


def test_each_owner_is_told_once(due: StoredAccount, otto: Identity, mallory: Identity) -> None:
    share(due, make_group("Owners", members=[mallory]), ShareRole.OWNER)
    assert reminding.remind(at=timezone.now()) == 1
    assert reminding.remind(at=timezone.now()) == 0
    send_due()
    send_due()

    assert sorted(letter.to[0] for letter in mail.outbox) == sorted([otto.email, mallory.email])
    body = mail.outbox[0].body
    assert "1 stored password is to be replaced" in body
    assert "- Ads manager" in body
    assert "/vault/?show=due" in body
    assert PASSWORD not in body
    assert Event.objects.filter(action="stored_account.reminded").count() == 1


def test_it_is_said_again_after_a_week(due: StoredAccount) -> None:
    now = timezone.now()
    reminding.remind(at=now)

    assert reminding.remind(at=now + reminding.AGAIN_AFTER - timedelta(seconds=1)) == 0
    assert reminding.remind(at=now + reminding.AGAIN_AFTER) == 1


def test_collaborators_and_who_left_are_not_told(
    ada: Identity, due: StoredAccount, otto: Identity, mallory: Identity
) -> None:
    share(due, mallory)
    identities.disable(by=ada, identity=otto, at=timezone.now())
    reminding.remind(at=timezone.now())

    assert not VaultLetter.objects.exists()


def test_a_letter_is_needless_once_the_password_was_replaced(due: StoredAccount) -> None:
    reminding.remind(at=timezone.now())
    set_password(due, "replaced")
    send_due()

    assert mail.outbox == []


def test_a_deleted_account_is_not_mentioned(due: StoredAccount, otto: Identity) -> None:
    actions.delete(by=otto, item=due, at=timezone.now())

    assert reminding.remind(at=timezone.now()) == 0
