"""Mailboxes and numbers: given by owners, once, and used as the username."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.authorization.policies import NotAllowed
from accounts.inbox import domain, hooks, mailboxes, numbers
from accounts.models import (
    Event,
    Identity,
    Mailbox,
    PhoneNumber,
    StoredAccount,
    TenantSetting,
    WebhookSecret,
)
from accounts.vault import checklist
from accounts.vault.models import Kind, ShareRole
from tests.at_once import at_once
from tests.factories.inbox import DOMAIN, NUMBER, make_mailbox, make_number
from tests.factories.vault import PASSWORD, make_item, set_password, share

pytestmark = pytest.mark.django_db


def ticked(item: StoredAccount) -> dict[str, bool]:
    return {each.step.name: each.done for each in checklist.of(item)}


def test_the_address_says_the_label_and_cannot_be_guessed(otto: Identity) -> None:
    one, other = (make_mailbox(make_item(otto, label="Spring Käse! ✨")) for _each in range(2))
    assert one.address.startswith("spring-kase-")
    assert one.address.endswith(f"@{DOMAIN}")
    assert one.address != other.address
    assert len(one.address.partition("@")[0]) == len("spring-kase-") + mailboxes.RANDOM_CHARACTERS


def test_a_second_click_opens_no_second_one(item: StoredAccount, otto: Identity) -> None:
    first = make_mailbox(item)
    assert mailboxes.open_mailbox(by=otto, item=item, at=timezone.now()) == first
    assert Event.objects.filter(action="stored_account.mailbox_opened").count() == 1


def test_without_a_domain_there_is_none(item: StoredAccount, otto: Identity) -> None:
    with pytest.raises(mailboxes.NoDomain):
        mailboxes.open_mailbox(by=otto, item=item, at=timezone.now())
    assert not Mailbox.objects.exists()


def test_only_owners_decide(mailbox: Mailbox, mallory: Identity, ada: Identity) -> None:
    share(mailbox.item, mallory)
    now = timezone.now()
    for by in (mallory, ada):
        for act in (mailboxes.close_mailbox, mailboxes.use_as_username, numbers.take_number):
            with pytest.raises(NotAllowed):
                act(by=by, item=mailbox.item, at=now)


def test_the_managed_address_becomes_the_username_and_the_checklist_ticks_itself_off(
    otto: Identity,
) -> None:
    item = make_item(otto, kind=Kind.PLACEHOLDER, username="dummy")
    assert "mailbox" not in ticked(item)
    domain.set_mail_domain(by=SYSTEM, domain=DOMAIN, at=timezone.now())
    assert ticked(item)["mailbox"] is False
    made = make_mailbox(item)
    item.refresh_from_db()
    assert (ticked(item)["mailbox"], ticked(item)["username"]) == (True, False)

    mailboxes.use_as_username(by=otto, item=item, at=timezone.now())
    item.refresh_from_db()
    assert item.username == made.address
    assert ticked(item)["username"] is True
    assert item.passwords.count() == 1


def test_a_phone_number_is_no_duty(otto: Identity) -> None:
    item = make_item(otto, kind=Kind.INDIVIDUAL)
    before = checklist.left(checklist.of(item))
    make_number()
    assert ticked(item)["phone"] is False
    assert checklist.left(checklist.of(item)) == before
    numbers.take_number(by=otto, item=item, at=timezone.now())
    assert ticked(item)["phone"] is True


@pytest.mark.parametrize(
    "name",
    ["nodots", "-a.example", "a_b.example", "x" * 64 + ".example", "ex ample.com", "a@b.example"],
)
def test_what_is_no_domain_is_refused(name: str) -> None:
    with pytest.raises(domain.BadDomain):
        domain.set_mail_domain(by=SYSTEM, domain=name, at=timezone.now())
    assert not TenantSetting.objects.exists()


def test_another_domain_leaves_addresses_as_they_are(mailbox: Mailbox) -> None:
    domain.set_mail_domain(by=SYSTEM, domain="Other.Example.", at=timezone.now())
    assert domain.mail_domain() == "other.example"
    mailbox.refresh_from_db()
    assert mailbox.address.endswith(DOMAIN)


@pytest.mark.parametrize(
    "text", ["", "12345", "555 0123", "+1", "+1 201 555 0123 ext. 5", "x" * 900, "+999999999999999"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(numbers.BadNumber):
        numbers.add_number(by=SYSTEM, number=text, at=timezone.now())


def test_a_number_is_kept_once_in_one_form() -> None:
    assert make_number(number="+1 (201) 555-0123").number == NUMBER
    with pytest.raises(numbers.BadNumber):
        make_number(number="+1 201 555 0123")


def test_a_number_in_use_stays_and_one_given_up_goes_to_nobody(
    item: StoredAccount, otto: Identity
) -> None:
    number = make_number(item)
    with pytest.raises(numbers.NumberInUse):
        numbers.remove_number(by=SYSTEM, number_id=number.pk, at=timezone.now())
    assert numbers.give_up_number(by=otto, item=item, at=timezone.now())
    assert not PhoneNumber.objects.exists()
    with pytest.raises(numbers.NoNumber):
        numbers.take_number(by=otto, item=item, at=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_the_last_free_number_goes_to_one(otto: Identity) -> None:
    items = [make_item(otto, label=f"Item {n}") for n in range(3)]
    make_number()
    now = timezone.now()
    done = at_once([lambda i=i: numbers.take_number(by=otto, item=i, at=now) for i in items])  # type: ignore[misc]
    assert sum(isinstance(each, PhoneNumber) for each in done) == 1
    assert sum(isinstance(each, numbers.NoNumber) for each in done) == 2


@pytest.mark.django_db(transaction=True)
def test_two_owners_at_once_open_one_mailbox(item: StoredAccount, otto: Identity) -> None:
    domain.set_mail_domain(by=SYSTEM, domain=DOMAIN, at=timezone.now())
    act = lambda: mailboxes.open_mailbox(by=otto, item=item, at=timezone.now())  # noqa: E731
    assert len({str(each) for each in at_once([act] * 3)}) == 1
    assert Mailbox.objects.count() == 1


@pytest.mark.parametrize("secret", ["", "short", "x" * 501, "ünicode-secret-of-some-length"])
def test_a_secret_that_keeps_nobody_out_is_refused(secret: str) -> None:
    with pytest.raises(hooks.BadSecret) as refused:
        hooks.set_secret(by=SYSTEM, provider="twilio", secret=secret, at=timezone.now())
    assert not secret or secret not in str(refused.value)
    assert not WebhookSecret.objects.exists()


def test_a_secret_is_sealed_and_in_no_event() -> None:
    secret = "planted-secret-4815162342"
    hooks.set_secret(by=SYSTEM, provider="mailgun", secret=secret, at=timezone.now())
    assert secret.encode() not in bytes(WebhookSecret.objects.get().blob)
    assert hooks.secret_of("mailgun") == secret
    assert not [e for e in Event.objects.all() if secret in str(vars(e))]
    assert hooks.remove_secret(by=SYSTEM, provider="mailgun", at=timezone.now())
    assert hooks.secret_of("mailgun") == ""


def test_sharing_says_who_reads(mailbox: Mailbox, mallory: Identity) -> None:
    share(mailbox.item, mallory, ShareRole.OWNER)
    set_password(mailbox.item, f"{PASSWORD}-2")
    assert mailboxes.close_mailbox(by=mallory, item=mailbox.item, at=timezone.now())
