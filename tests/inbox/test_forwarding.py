"""Copies go to whom the owners chose, as long as they may see the account, and to nobody else."""

from __future__ import annotations

import pytest
from django.core import mail
from django.utils import timezone

from accounts.identities import actions as identities
from accounts.inbox import mailboxes
from accounts.inbox.models import ForwardTo
from accounts.inbox.reading import OWN_MARK
from accounts.models import Event, Identity, Mailbox, MessageLetter, Share
from accounts.vault.models import ShareRole
from console.inbox.mail import send_due
from tests.factories import make_person
from tests.factories.groups import make_group
from tests.factories.inbox import CODE, DOMAIN, letter, receive
from tests.factories.vault import share

pytestmark = pytest.mark.django_db
PLAIN = letter("The weekly report is ready.", Subject="Report")


def forward(mailbox: Mailbox, by: Identity, to: ForwardTo, *, with_codes: bool = False) -> None:
    mailboxes.forward(by=by, item=mailbox.item, to=to, with_codes=with_codes, at=timezone.now())


def sent() -> list[str]:
    send_due()
    return sorted(each.to[0] for each in mail.outbox)


@pytest.mark.parametrize(
    ("to", "who"),
    [
        (ForwardTo.NOBODY, []),
        (ForwardTo.ONE, ["otto"]),
        (ForwardTo.OWNERS, ["olga", "otto"]),
        (ForwardTo.EVERYBODY, ["mallory", "olga", "otto"]),
    ],
)
def test_copies_go_to_whom_it_says(
    mailbox: Mailbox, otto: Identity, mallory: Identity, to: ForwardTo, who: list[str]
) -> None:
    people = {"otto": otto, "mallory": mallory, "olga": make_person("olga")}
    share(mailbox.item, make_group("Owners", members=[people["olga"]]), ShareRole.OWNER)
    share(mailbox.item, mallory)
    forward(mailbox, otto, to)
    receive(mailbox, PLAIN)
    assert sent() == sorted(people[name].email for name in who)
    assert sent() == sorted(people[name].email for name in who)


def test_a_copy_says_what_arrived_and_that_it_is_one(mailbox: Mailbox, otto: Identity) -> None:
    forward(mailbox, otto, ForwardTo.ONE)
    receive(mailbox, PLAIN)
    send_due()
    copy = mail.outbox[0]
    assert copy.subject == "Ads manager: Report"
    assert "The weekly report is ready." in copy.body
    assert "/inbox/" in copy.body
    assert copy.extra_headers == {OWN_MARK: "yes", "Auto-Submitted": "auto-generated"}


def test_codes_stay_here_unless_an_owner_says_otherwise(mailbox: Mailbox, otto: Identity) -> None:
    forward(mailbox, otto, ForwardTo.ONE)
    receive(mailbox)
    assert sent() == []
    forward(mailbox, otto, ForwardTo.ONE, with_codes=True)
    receive(mailbox, letter(Message_ID="<two@slack.example>"))
    assert sent() == [otto.email]
    assert CODE in mail.outbox[0].body
    assert Event.objects.filter(action="stored_account.forwarding_changed").count() == 2


def test_what_we_sent_ourselves_is_not_sent_again(mailbox: Mailbox, otto: Identity) -> None:
    forward(mailbox, otto, ForwardTo.ONE)
    for number, headers in enumerate(
        ({OWN_MARK.replace("-", "_"): "yes"}, {"Auto_Submitted": "auto-replied"})
    ):
        receive(mailbox, letter("Hello.", Message_ID=f"<{number}@x>", **headers))
    assert sent() == []


def test_a_person_whose_mail_would_come_back_here_gets_none(
    mailbox: Mailbox, otto: Identity
) -> None:
    Identity.objects.filter(pk=otto.pk).update(email=f"otto@{DOMAIN.upper()}")
    forward(mailbox, otto, ForwardTo.OWNERS)
    receive(mailbox, PLAIN)
    assert not MessageLetter.objects.exists()


def test_who_lost_their_part_meanwhile_gets_none(
    mailbox: Mailbox, otto: Identity, mallory: Identity, ada: Identity
) -> None:
    share(mailbox.item, mallory)
    other = make_person("other")
    share(mailbox.item, other)
    forward(mailbox, otto, ForwardTo.EVERYBODY)
    receive(mailbox, PLAIN)
    Share.objects.filter(identity=mallory).delete()
    identities.disable(by=ada, identity=other, at=timezone.now())
    assert sent() == [otto.email]


def test_an_owner_who_was_the_one_and_left_gets_none(
    mailbox: Mailbox, otto: Identity, mallory: Identity
) -> None:
    share(mailbox.item, mallory, ShareRole.OWNER)
    forward(mailbox, mallory, ForwardTo.ONE)
    Share.objects.filter(identity=mallory).delete()
    receive(mailbox, PLAIN)
    assert sent() == []
