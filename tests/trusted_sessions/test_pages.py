"""The pages of trusted sessions, as a browser without and with keys meets them."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts.models import Identity, RecoveryKey, TrustedSession
from accounts.trusted_sessions.models import State
from console.ui.confirmation import CONFIRMED_AT
from console.ui.trusted import SESSION
from tests.factories.local_vaults import Device, ask, device, point, public_key, text, trust
from tests.factories.local_vaults import wrapped_private as wrapped
from tests.vault.conftest import ClientOf

LIST = "/vault/trusted-sessions/"


@pytest.fixture
def owner(client_of: ClientOf, otto: Identity) -> Client:
    return client_of(otto)


def said(answer: Any) -> str:
    return str(answer.content.decode())


def challenge(browser: Client, page: str) -> str:
    """What the page has its browser sign."""
    found = re.search(r'<script id="trusted-data"[^>]*>(.*?)</script>', said(browser.get(page)))
    assert found is not None
    return str(json.loads(found[1])["challenge"])


def send_new(browser: Client, made: Device) -> Any:
    signed = made.sign(challenge(browser, f"{LIST}new/"))
    typed = {
        "device": "Laptop",
        "session_id": str(made.id),
        "agreement_key": made.agreement_key,
        "signing_key": point(made.signing),
        "signature": signed,
    }
    return browser.post(f"{LIST}new/", typed)


def prove(browser: Client, made: Device, **values: str) -> Any:
    page = f"{LIST}unlock/?next=/vault/vaults/"
    typed = {"session_id": str(made.id), "signature": made.sign(challenge(browser, page))}
    return browser.post(page, typed | values)


def test_the_first_session_is_mailed_its_code(owner: Client) -> None:
    made = device()
    answer = send_new(owner, made)

    assert answer.headers["Location"] == f"{LIST}{made.id}/"
    code = re.search(r"your code is (\d{6})", str(mail.outbox[-1].body))
    assert code is not None
    assert mail.outbox[-1].to == ["otto@example.com"]
    page = said(owner.get(f"{LIST}{made.id}/"))
    assert code[1] not in page
    answer = owner.post(f"{LIST}{made.id}/", {"code": "x"})
    assert "This code is wrong" in said(answer)
    owner.post(f"{LIST}{made.id}/", {"code": code[1]})
    assert TrustedSession.objects.get().state == State.TRUSTED
    assert "This browser" in said(owner.get(LIST))


def test_a_challenge_is_good_for_one_answer(owner: Client, otto: Identity) -> None:
    made = device()
    trust(otto, made)
    signature = made.sign(challenge(owner, f"{LIST}unlock/"))
    typed = {"session_id": str(made.id), "signature": signature}

    assert owner.post(f"{LIST}unlock/", typed).status_code == 302
    del owner.session[SESSION]
    again = owner.post(f"{LIST}unlock/", typed)
    assert "This browser sent no key that can be used" in said(again)


def test_unlocking_leads_on_to_our_own_pages_alone(owner: Client, otto: Identity) -> None:
    made = device()
    trust(otto, made)

    assert prove(owner, made).headers["Location"] == "/vault/vaults/"
    signed = made.sign(challenge(owner, f"{LIST}unlock/"))
    typed = {"session_id": str(made.id), "signature": signed}
    answer = owner.post(f"{LIST}unlock/?next=//elsewhere.example.com/", typed)
    assert answer.headers["Location"] == "/vault/"


def test_a_signature_of_another_key_unlocks_nothing(owner: Client, otto: Identity) -> None:
    made, other = device(), device()
    trust(otto, made)
    other.id = made.id

    assert prove(owner, other).status_code == 200
    assert SESSION not in owner.session
    assert owner.get(f"{LIST}recovery-key/").headers["Location"].startswith(f"{LIST}unlock/")


def test_sessions_of_others_are_not_there(owner: Client, ada: Identity) -> None:
    theirs = trust(ada)
    waiting = ask(ada)

    for tail in ("", "approve/", "remove/"):
        assert owner.get(f"{LIST}{theirs.pk}/{tail}").status_code in {302, 404}
    for tail in ("code/", "deny/", "remove/", "recover/", "approve/"):
        owner.post(f"{LIST}{waiting.pk}/{tail}", {"same": "on", "verifier": "x"})
    assert theirs.name not in said(owner.get(LIST))
    assert set(TrustedSession.objects.values_list("state", flat=True)) == {"trusted", "pending"}


def test_approving_asks_for_the_tick_and_the_password(owner: Client, otto: Identity) -> None:
    made = device()
    trust(otto, made)
    waiting = ask(otto)
    prove(owner, made)
    page = f"{LIST}{waiting.pk}/approve/"

    assert waiting.agreement_key in said(owner.get(page))
    assert "Compare the digits" in said(owner.post(page, {"wraps": "[]"}))
    assert "Only what your browser" in said(owner.post(page, {"same": "on", "wraps": "plain"}))
    session = owner.session
    confirmed = session.pop(CONFIRMED_AT)
    session.save()
    assert "Confirm that it is you" in said(owner.post(page, {"same": "on", "wraps": "[]"}))
    session[CONFIRMED_AT] = confirmed
    session.save()
    assert owner.post(page, {"same": "on", "wraps": "[]"}).headers["Location"] == LIST
    assert TrustedSession.objects.get(pk=waiting.pk).state == State.TRUSTED


def test_denying_and_removing_are_final(owner: Client, otto: Identity) -> None:
    made = device()
    here, waiting = trust(otto, made), ask(otto)
    prove(owner, made)

    owner.post(f"{LIST}{waiting.pk}/deny/")
    assert "Denied" in said(owner.get(LIST))
    assert "It is your last one and you have no recovery key" in said(
        owner.get(f"{LIST}{here.pk}/remove/")
    )
    owner.post(f"{LIST}{here.pk}/remove/")
    assert "never trusted again" in said(owner.get(f"{LIST}{here.pk}/"))
    assert owner.get(f"{LIST}recovery-key/").headers["Location"].startswith(f"{LIST}unlock/")


def test_a_recovery_key_is_made_after_the_tick_and_never_stored(
    owner: Client, otto: Identity
) -> None:
    made = device()
    trust(otto, made)
    prove(owner, made)
    typed = {
        "recovery_id": str(uuid.uuid4()),
        "agreement_key": public_key(),
        "wrapped_key": wrapped(),
        "verifier": text(b"v" * 32),
        "wraps": "[]",
    }

    page = owner.get(f"{LIST}recovery-key/")
    assert page.headers["Cache-Control"] == "no-store, private"
    assert "Write the recovery key down first" in said(owner.post(f"{LIST}recovery-key/", typed))
    assert not RecoveryKey.objects.exists()
    owner.post(f"{LIST}recovery-key/", typed | {"written": "on"})
    assert RecoveryKey.objects.get().identity == otto
    owner.post(f"{LIST}recovery-key/discard/")
    assert not RecoveryKey.objects.exists()


def test_the_recovery_key_is_typed_where_the_session_asked(owner: Client, otto: Identity) -> None:
    waiting = ask(otto)
    owner.post(f"{LIST}{waiting.pk}/recover/", {"verifier": text(b"v" * 32), "wraps": "[]"})
    assert TrustedSession.objects.get().state == State.PENDING


def test_without_javascript_the_pages_say_what_to_do(owner: Client) -> None:
    for page in ("new/", "unlock/"):
        assert "Open this page with JavaScript on" in said(owner.get(f"{LIST}{page}"))
