"""What comes in is stored once, sealed, and for the account that it was sent to alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.inbox import mailboxes, numbers, queries, receiving, upkeep
from accounts.models import Event, Identity, Mailbox, ReceivedMessage, StoredAccount
from accounts.vault import actions as vault
from tests.at_once import at_once
from tests.factories.inbox import (
    CODE,
    NUMBER,
    letter,
    make_mailbox,
    make_message,
    make_number,
    receive,
)
from tests.factories.vault import make_item

pytestmark = pytest.mark.django_db


def sms(**said: str) -> bool:
    facts = {"to": NUMBER, "sender": "Slack", "text": f"Code {CODE}", "provider_id": "SM1"} | said
    return receiving.receive_sms(**facts, at=timezone.now())


def test_a_mail_is_sealed_and_its_code_is_found(mailbox: Mailbox, item: StoredAccount) -> None:
    assert receive(mailbox)
    message = ReceivedMessage.objects.get()
    assert (message.item, message.has_code, message.kind) == (item, True, "mail")
    assert CODE.encode() not in bytes(message.blob)
    said = queries.opened(message)
    assert (said["code"], said["subject"]) == (CODE, "Confirm your address")
    event = Event.objects.get(action="stored_account.message_received")
    assert event.subject_id == str(item.pk)
    assert CODE not in str(event.detail)


def test_a_redelivered_mail_is_stored_once(mailbox: Mailbox) -> None:
    assert receive(mailbox)
    again = b"Received: from elsewhere by us\r\n" + letter()
    assert not receive(mailbox, again)
    assert not receive(mailbox)
    assert ReceivedMessage.objects.count() == 1
    assert Event.objects.filter(action="stored_account.message_received").count() == 1
    assert receive(mailbox, letter(Message_ID="<two@slack.example>"))


def test_without_an_id_the_whole_mail_counts(mailbox: Mailbox) -> None:
    raw = b"Subject: x\r\n\r\nhello"
    assert receive(mailbox, raw)
    assert not receive(mailbox, raw)
    assert receive(mailbox, raw + b" you")


def test_one_mail_to_two_mailboxes_is_two_messages(mailbox: Mailbox, mallory: Identity) -> None:
    other = make_mailbox(make_item(mallory))
    assert receive(mailbox)
    assert receive(other)
    assert ReceivedMessage.objects.filter(item=other.item).count() == 1


def test_one_delivery_is_good_for_one_message(mailbox: Mailbox) -> None:
    assert receive(mailbox, delivery="mailgun:token")
    other = letter(Message_ID="<swapped@evil.example>")
    assert not receive(mailbox, other, delivery="mailgun:token")


def test_letters_of_any_size_and_what_follows_a_plus_reach_the_mailbox(mailbox: Mailbox) -> None:
    local, _, domain = mailbox.address.partition("@")
    for number, to in enumerate((f"<{local.upper()}@{domain}>", f"{local}+shop@{domain.upper()}")):
        raw = letter(Message_ID=f"<{number}@slack.example>")
        assert receiving.receive_mail(to=to, raw=raw, at=timezone.now())


@pytest.mark.parametrize("to", ["", "@", "nobody@inbox.example.com", "x" * 5_000, "a@b@c", "\0@x"])
def test_nobody_else_gets_mail(mailbox: Mailbox, to: str) -> None:
    with pytest.raises(receiving.UnknownRecipient):
        receiving.receive_mail(to=to, raw=letter(), at=timezone.now())
    assert not ReceivedMessage.objects.exists()


def test_a_deleted_account_takes_no_mail_until_it_is_restored(
    mailbox: Mailbox, item: StoredAccount, otto: Identity
) -> None:
    now = timezone.now()
    vault.delete(by=otto, item=item, at=now)
    for _again in range(3):
        with pytest.raises(receiving.UnknownRecipient):
            receive(mailbox)
    assert Event.objects.filter(action="stored_account.mail_refused").count() == 1
    vault.restore(by=otto, item=item, at=now)
    assert receive(mailbox)


def test_a_closed_mailbox_takes_none_and_its_address_is_never_given_again(
    mailbox: Mailbox, item: StoredAccount, otto: Identity
) -> None:
    now = timezone.now()
    assert mailboxes.close_mailbox(by=otto, item=item, at=now)
    with pytest.raises(receiving.UnknownRecipient):
        receive(mailbox)
    assert mailboxes.open_mailbox(by=otto, item=item, at=now).address != mailbox.address
    assert Mailbox.objects.filter(address=mailbox.address).exists()


def test_too_much_is_left_to_the_sender(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "MOST_AN_HOUR", 1)
    monkeypatch.setattr(receiving, "MOST_BYTES", 2_000)
    assert receive(mailbox)
    with pytest.raises(receiving.TooMany):
        receive(mailbox, letter(Message_ID="<two@x>"))
    with pytest.raises(receiving.TooLarge):
        receive(mailbox, letter("x" * 3_000, Message_ID="<three@x>"))
    later = timezone.now() + timedelta(hours=1, seconds=1)
    assert receive(mailbox, letter(Message_ID="<two@x>"), at=later)


def test_the_oldest_make_room(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "MOST_KEPT", 2)
    now = timezone.now()
    for number in range(4):
        receive(mailbox, letter(Message_ID=f"<{number}@x>"), at=now + timedelta(minutes=number))
    assert ReceivedMessage.objects.count() == 2
    assert ReceivedMessage.objects.earliest("received_at").received_at == now + timedelta(minutes=2)


def test_messages_are_forgotten_after_their_time(item: StoredAccount) -> None:
    message = make_message(item)
    upkeep.forget_old()
    assert ReceivedMessage.objects.exists()
    ReceivedMessage.objects.update(received_at=message.received_at - timedelta(days=31))
    upkeep.forget_old()
    assert not ReceivedMessage.objects.exists()


def test_an_sms_reaches_the_account_of_its_number_once(item: StoredAccount) -> None:
    make_number(item)
    assert sms()
    assert not sms(text="Code 999999")
    message = ReceivedMessage.objects.get()
    assert queries.opened(message)["code"] == CODE
    with pytest.raises(receiving.UnknownRecipient):
        sms(to="+12015550199", provider_id="SM2")


def test_a_free_number_and_one_of_a_deleted_account_take_none(
    item: StoredAccount, otto: Identity
) -> None:
    make_number(number="+12015550199")
    with pytest.raises(receiving.UnknownRecipient):
        sms(to="+12015550199")
    numbers.take_number(by=SYSTEM, item=item, at=timezone.now())
    vault.delete(by=otto, item=item, at=timezone.now())
    with pytest.raises(receiving.UnknownRecipient):
        sms(to="+12015550199")


@pytest.mark.django_db(transaction=True)
def test_the_same_mail_twice_at_once_is_stored_once(mailbox: Mailbox) -> None:
    done = at_once([lambda: receive(mailbox)] * 4)
    assert sorted(done, key=str) == [False, False, False, True]
    assert ReceivedMessage.objects.count() == 1
