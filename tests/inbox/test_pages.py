"""The pages of the inbox."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.inbox import hooks, mailboxes
from accounts.models import (
    Event,
    Forwarding,
    Identity,
    Mailbox,
    PhoneNumber,
    ReceivedMessage,
    StoredAccount,
    WebhookSecret,
)
from accounts.vault import actions as vault
from tests.factories.inbox import CODE, DOMAIN, NUMBER, letter, make_message, make_number, receive
from tests.factories.vault import make_item, share

ClientOf = Callable[[Identity], Client]
SETTINGS = "/tenant-settings/inbox/"
SECRET = "planted-secret-4815162342"

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client_of: ClientOf, otto: Identity) -> Client:
    return client_of(otto)


@pytest.fixture
def message(item: StoredAccount) -> ReceivedMessage:
    return make_message(item, letter(Subject=f"{CODE} is your code"))


def text(answer: Any) -> str:
    return str(answer.content.decode())


def tab(item: StoredAccount, tail: str = "") -> str:
    return f"/vault/accounts/{item.pk}/inbox/{tail}"


def test_the_code_is_shown_when_it_is_asked_for_and_not_before(
    owner: Client, message: ReceivedMessage
) -> None:
    page = f"/inbox/{message.pk}/"
    for address in ("/inbox/", page, tab(message.item)):
        said = text(owner.get(address))
        assert "•••••• is your code" in said
        assert CODE not in said
    assert not Event.objects.filter(action="stored_account.message_read").exists()

    answer = owner.post(f"{page}show/")
    assert f'id="message-code">{CODE}<' in text(answer)
    assert answer["Cache-Control"] == "no-store, private"
    event = Event.objects.get(action="stored_account.message_read")
    assert event.detail["message"] == str(message.pk)
    assert CODE not in str(event.detail)
    message.refresh_from_db()
    assert message.read_at is not None
    assert CODE not in text(owner.get(page))


def test_a_message_is_shown_by_a_post_alone(owner: Client, message: ReceivedMessage) -> None:
    assert owner.get(f"/inbox/{message.pk}/show/").status_code == 405


def test_html_is_text_and_nothing_of_it_is_loaded_or_a_link(
    owner: Client, item: StoredAccount
) -> None:
    raw = letter(
        "<script>alert(1)</script> see https://evil.example/x <img src=https://evil.example/p.gif>",
        Subject="<b>Bold</b>",
        From='"<i>Me</i>" <a@b.example>',
    )
    found = make_message(item, raw)
    said = text(owner.post(f"/inbox/{found.pk}/show/"))
    assert "&lt;script&gt;alert(1)" in said
    assert "&lt;b&gt;Bold" in said
    assert "<img src=https" not in said
    assert 'href="https://evil' not in said


def test_collaborators_read_and_whoever_sees_all_does_not(
    client_of: ClientOf, message: ReceivedMessage, mallory: Identity, ada: Identity, vera: Identity
) -> None:
    show = f"/inbox/{message.pk}/show/"
    for stranger in (mallory, ada, vera):
        browser = client_of(stranger)
        assert browser.post(show).status_code == 404
        assert browser.get(f"/inbox/{message.pk}/").status_code == 404
        assert "is your code" not in text(browser.get("/inbox/"))
    seen = client_of(ada).get(tab(message.item))
    assert seen.status_code == 200
    assert "is your code" not in text(seen)
    share(message.item, mallory)
    assert CODE in text(client_of(mallory).post(show))
    assert client_of(mallory).post(tab(message.item, "mailbox/close/")).status_code == 403


def test_messages_of_a_deleted_account_are_read_by_nobody(
    owner: Client, message: ReceivedMessage, otto: Identity
) -> None:
    vault.delete(by=otto, item=message.item, at=timezone.now())
    assert owner.post(f"/inbox/{message.pk}/show/").status_code == 404
    assert owner.get(tab(message.item)).status_code == 200


def test_a_message_that_does_not_open_says_so(owner: Client, message: ReceivedMessage) -> None:
    ReceivedMessage.objects.update(blob=b"x" * 100)
    assert "Cannot be opened here" in text(owner.get("/inbox/"))
    assert "This message cannot be opened" in text(owner.get(f"/inbox/{message.pk}/"))
    answer = owner.post(f"/inbox/{message.pk}/show/", follow=True)
    assert "cannot be opened here" in text(answer)
    assert not Event.objects.filter(action="stored_account.message_read").exists()


def test_a_seal_holds_for_its_message_alone(owner: Client, message: ReceivedMessage) -> None:
    other = make_message(message.item, letter(Message_ID="<two@x>"))
    ReceivedMessage.objects.filter(pk=other.pk).update(blob=message.blob, key_id=message.key_id)
    assert CODE not in text(owner.post(f"/inbox/{other.pk}/show/", follow=True))


def test_the_list_is_narrowed(owner: Client, otto: Identity, message: ReceivedMessage) -> None:
    other = make_item(otto, label="Wiki", application="Notion", collection="Docs")
    make_message(other, letter("Welcome.", Subject="Hello there"))
    for query, here in (
        ({"account": str(other.pk)}, True),
        ({"app": "Notion"}, True),
        ({"app": "Slack"}, False),
        ({"kind": "sms"}, False),
        ({"holds": "code"}, False),
        ({"account": "nonsense"}, True),
        ({"kind": "mail"}, True),
    ):
        said = text(owner.get("/inbox/", query))
        assert ("Hello there" in said) is here, query
    assert "No message matches" in text(owner.get("/inbox/", {"kind": "sms"}))


def test_twenty_messages_cost_as_many_queries_as_three(owner: Client, mailbox: Mailbox) -> None:
    counts = []
    for upto in (3, 20):
        for number in range(upto):
            receive(mailbox, letter(Message_ID=f"<{number}@x>"))
        for address in ("/inbox/", tab(mailbox.item)):
            with CaptureQueriesContext(
                connection,
            ) as asked:
                owner.get(address)
            counts.append(len(asked))
    assert counts[:2] == counts[2:]


def test_an_owner_sets_everything_up_with_clicks(
    owner: Client, item: StoredAccount, ada: Identity, client_of: ClientOf
) -> None:
    assert "no domain for mailboxes yet" in text(owner.get(tab(item)))
    assert "There is no domain" in text(owner.post(tab(item, "mailbox/"), follow=True))
    client_of(ada).post(f"{SETTINGS}domain/", {"domain": DOMAIN})
    assert DOMAIN in text(owner.post(tab(item, "mailbox/"), follow=True))
    found = mailboxes.of(item)
    assert found is not None
    assert found.address in text(owner.post(tab(item, "mailbox/use/"), follow=True))
    item.refresh_from_db()
    assert item.username == found.address
    make_number()
    assert "+1 201-555-0123" in text(owner.post(tab(item, "number/"), follow=True))
    owner.post(tab(item, "forwarding/"), {"to": "owners", "with_codes": "on"})
    assert Forwarding.objects.get().with_codes
    assert "All owners" in text(owner.get(tab(item)))
    assert "Choose one of these" in text(owner.post(tab(item, "forwarding/"), {"to": "all"}))
    for tail in ("mailbox/close/", "number/give-up/"):
        assert "What will happen" in text(owner.get(tab(item, tail)))
        owner.post(tab(item, tail))
    assert mailboxes.of(item) is None
    assert not PhoneNumber.objects.exists()


def test_the_checklist_leads_there(owner: Client, otto: Identity, mailbox: Mailbox) -> None:
    item = make_item(otto, kind="placeholder", label="New one", username="dummy")
    page = f"/vault/accounts/{item.pk}/"
    assert "Create managed e-mail" in text(owner.get(page))
    owner.post(tab(item, "mailbox/"))
    assert "Use the managed e-mail" in text(owner.get(page))
    assert "The username is" in text(owner.post(tab(item, "mailbox/use/"), follow=True))


def test_settings_are_changed_by_administrators(
    client_of: ClientOf, ada: Identity, vera: Identity
) -> None:
    admin, auditor = client_of(ada), client_of(vera)
    assert "Type a domain" in text(admin.post(f"{SETTINGS}domain/", {"domain": "no domain"}))
    assert auditor.post(f"{SETTINGS}domain/", {"domain": DOMAIN}).status_code == 403
    assert auditor.get(SETTINGS).status_code == 200
    assert "Type a number" in text(admin.post(f"{SETTINGS}numbers/", {"number": "12"}))
    admin.post(f"{SETTINGS}numbers/", {"number": NUMBER})
    assert "+1 201-555-0123" in text(auditor.get(SETTINGS))
    admin.post(f"{SETTINGS}numbers/{PhoneNumber.objects.get().pk}/remove/")
    assert not PhoneNumber.objects.exists()


def test_a_secret_is_typed_and_never_shown(client_of: ClientOf, ada: Identity) -> None:
    admin, page = client_of(ada), f"{SETTINGS}webhooks/twilio/"
    assert "/inbound/sms/twilio" in text(admin.get(page))
    short = admin.post(page, {"secret": "too-short"})
    assert "too-short" not in text(short)
    assert "Paste a secret of" in text(short)
    done = admin.post(page, {"secret": SECRET}, follow=True)
    assert SECRET not in text(done)
    assert hooks.secret_of("twilio") == SECRET
    assert SECRET not in text(admin.get(page))
    admin.post(f"{page}remove/")
    assert not WebhookSecret.objects.exists()
    assert admin.get(f"{SETTINGS}webhooks/nobody/").status_code == 404
