"""Webhooks: taken with the proof of their provider, refused without, and stored once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from email import message_from_bytes
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.inbox import hooks, queries
from accounts.models import Event, Identity, Mailbox, ReceivedMessage
from tests.factories.inbox import CODE, NUMBER, letter, make_mailbox, make_number
from tests.factories.vault import make_item
from tests.setup.test_machine_paths import ask

pytestmark = pytest.mark.django_db
SECRETS = {
    "mailgun": "key-4815162342-4815162342",
    "mailersend": "sending-4815162342-4815162342",
    "postmark": "steward:4815162342-4815162342",
    "twilio": "token-4815162342-4815162342",
}
Sent = tuple[dict[str, Any], dict[str, str]]
"""What is posted, and the headers of it."""


@pytest.fixture(autouse=True)
def _secrets(db: None) -> None:
    for provider, secret in SECRETS.items():
        hooks.set_secret(by=SYSTEM, provider=provider, secret=secret, at=timezone.now())


@pytest.fixture
def mailbox(otto: Identity) -> Mailbox:
    item = make_item(otto)
    make_number(item)
    return make_mailbox(item)


def signed(key: str, text: str | bytes, digest: str = "sha256") -> bytes:
    plain = text.encode() if isinstance(text, str) else text
    return hmac.digest(key.encode(), plain, digest)


def of_mailgun(to: str, raw: bytes, *, token: str = "token-1", at: float | None = None) -> Sent:
    timestamp = str(int(time.time() if at is None else at))
    said = {"timestamp": timestamp, "token": token, "recipient": to, "sender": "a@b.example"}
    signature = signed(SECRETS["mailgun"], f"{timestamp}{token}").hex()
    return {"data": said | {"signature": signature, "body-mime": raw.decode()}}, {}


def of_mailersend(to: str, raw: bytes) -> Sent:
    data = {
        "id": "1",
        "raw": raw.decode(),
        "created_at": timezone.now().isoformat(),
        "sender": {"email": "a@b.example"},
        "recipients": {"rcptTo": [{"email": "nobody@inbox.example.com"}, {"email": to}]},
    }
    body = json.dumps({"type": "inbound.message", "data": data}).encode()
    signature = signed(SECRETS["mailersend"], body).hex()
    return {"data": body, "content_type": "application/json"}, {"Signature": signature}


def of_postmark(to: str, raw: bytes) -> Sent:
    found = message_from_bytes(raw)
    said = {
        "MessageID": "p-1",
        "OriginalRecipient": to,
        "Subject": found["Subject"],
        "FromFull": {"Email": "a@b.example", "Name": "Grüße"},
        "TextBody": str(found.get_payload()),
        "HtmlBody": "<p>x</p>",
        "Headers": [{"Name": "Message-ID", "Value": found["Message-ID"]}],
        "Attachments": [
            {"Name": "a.pdf", "ContentType": "application/pdf", "Content": "eHh4", "ContentID": ""}
        ],
    }
    basic = base64.b64encode(SECRETS["postmark"].encode()).decode()
    body = json.dumps(said).encode()
    return {"data": body, "content_type": "application/json"}, {"Authorization": f"Basic {basic}"}


MAKERS = {"mailgun": of_mailgun, "mailersend": of_mailersend, "postmark": of_postmark}


def post(provider: str, sent: Sent) -> int:
    said, headers = sent
    return Client().post(f"/inbound/mail/{provider}", **said, headers=headers).status_code


@pytest.mark.parametrize("provider", MAKERS)
def test_a_mail_arrives_and_is_stored_once(provider: str, mailbox: Mailbox) -> None:
    sent = MAKERS[provider](mailbox.address, letter())
    assert post(provider, sent) == 200
    assert post(provider, sent) == 200
    said = queries.opened(ReceivedMessage.objects.get())
    assert (said["code"], said["subject"]) == (CODE, "Confirm your address")


@pytest.mark.parametrize("provider", MAKERS)
def test_a_forged_one_is_refused_and_noted(provider: str, mailbox: Mailbox) -> None:
    for said, headers in forgeries(provider, mailbox.address):
        assert post(provider, (said, headers)) == 401
    assert not ReceivedMessage.objects.exists()
    events = Event.objects.filter(action="inbox.webhook_refused", outcome="refused")
    assert events.count() == 3
    assert SECRETS[provider] not in str([vars(each) for each in events])


def forgeries(provider: str, to: str) -> list[Sent]:
    """Without a proof, with another's, and with one of another body."""
    said, headers = MAKERS[provider](to, letter())
    if provider == "mailgun":
        data = said["data"]
        without = {name: value for name, value in data.items() if name != "signature"}
        zeros = data | {"signature": "0" * 64}
        return [({"data": each}, {}) for each in (without, zeros, data | {"token": "another"})]
    wrong = {name: value[:-3] + "000" for name, value in headers.items()}
    if provider == "mailersend":
        swapped = said | {"data": said["data"].replace(CODE.encode(), b"999999")}
        return [(said, {}), (said, wrong), (swapped, headers)]
    return [(said, {}), (said, wrong), (said, {"Authorization": "Basic !!!"})]


def test_what_was_signed_long_ago_is_refused(mailbox: Mailbox) -> None:
    for at in (time.time() - 86_500, time.time() + 86_500):
        assert post("mailgun", of_mailgun(mailbox.address, letter(), at=at)) == 401
    assert not ReceivedMessage.objects.exists()


def test_a_signature_of_mailgun_is_good_for_one_message(mailbox: Mailbox) -> None:
    assert post("mailgun", of_mailgun(mailbox.address, letter())) == 200
    swapped = letter("Your code is 999999.", Message_ID="<other@evil.example>")
    assert post("mailgun", of_mailgun(mailbox.address, swapped)) == 200
    assert queries.opened(ReceivedMessage.objects.get())["code"] == CODE


def test_without_a_secret_nothing_is_there(mailbox: Mailbox) -> None:
    sent = of_postmark(mailbox.address, letter())
    hooks.remove_secret(by=SYSTEM, provider="postmark", at=timezone.now())
    assert post("postmark", sent) == 404
    for provider in ("twilio", "sendgrid", "nobody"):
        assert post(provider, sent) == 404


def test_a_stranger_learns_of_no_mailbox(mailbox: Mailbox) -> None:
    assert post("postmark", of_postmark("nobody@inbox.example.com", letter())) == 200
    assert post("postmark", of_postmark("", letter())) == 200
    assert not ReceivedMessage.objects.exists()


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b'{"Headers": 1}', b"\xff", b'{"a":' * 9_000]
)
def test_nonsense_of_who_knows_the_secret_is_refused(mailbox: Mailbox, body: bytes) -> None:
    _said, headers = of_postmark(mailbox.address, letter())
    said = {"data": body, "content_type": "application/json"}
    assert post("postmark", (said, headers)) in {200, 400}
    assert not ReceivedMessage.objects.exists()


def test_a_body_over_the_bound_is_not_read() -> None:
    status, _headers, _body = ask("/inbound/mail/postmark", b"x", CONTENT_LENGTH=str(1024**2 + 1))
    assert status == 413


def test_other_methods_are_refused() -> None:
    for address in ("/inbound/mail/postmark", "/inbound/sms/twilio"):
        assert Client().get(address).status_code == 405


# --- SMS ---


def sms(key: str = SECRETS["twilio"], **changed: str) -> int:
    said = {"MessageSid": "SM1", "From": "+49 30 901820", "To": NUMBER, "Body": f"Code {CODE}"}
    said |= changed
    url = "http://testserver/inbound/sms/twilio"
    text = url + "".join(f"{name}{said[name]}" for name in sorted(said))
    signature = base64.b64encode(signed(key, text, "sha1")).decode()
    headers = {"X-Twilio-Signature": signature}
    return Client().post("/inbound/sms/twilio", said, headers=headers).status_code


@pytest.fixture
def _public(settings: Any) -> None:
    settings.STEWARD_PUBLIC_URL = "http://testserver"


@pytest.mark.usefixtures("_public")
def test_an_sms_arrives_once(mailbox: Mailbox) -> None:
    assert sms() == 200
    assert sms() == 200
    message = ReceivedMessage.objects.get()
    said = queries.opened(message)
    assert (said["code"], said["sender"]) == (CODE, "+49 30 901820")
    assert (message.item, message.recipient) == (mailbox.item, NUMBER)


@pytest.mark.usefixtures("_public")
def test_an_sms_without_the_signature_is_refused(mailbox: Mailbox) -> None:
    assert sms(key="another-key") == 401
    assert Client().post("/inbound/sms/twilio", {"MessageSid": "SM1"}).status_code == 401
    said = {"MessageSid": "SM1", "From": "1", "To": NUMBER, "Body": "Code 999999"}
    headers = {"X-Twilio-Signature": base64.b64encode(hashlib.sha1(b"x").digest()).decode()}  # noqa: S324
    assert Client().post("/inbound/sms/twilio", said, headers=headers).status_code == 401
    assert not ReceivedMessage.objects.exists()


def test_an_sms_signed_for_another_address_is_refused(mailbox: Mailbox) -> None:
    assert sms() == 401


@pytest.mark.usefixtures("_public")
def test_an_sms_for_nobody_is_taken_and_forgotten(mailbox: Mailbox) -> None:
    assert sms(To="+12015550199") == 200
    assert sms(To="nonsense") == 200
    assert sms(MessageSid="") == 400
    assert not ReceivedMessage.objects.exists()
