"""The pages of local vaults: what they send, take, and refuse."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import Client

from accounts.models import Event, Identity, StoredAccount, TrustedSession, Vault
from console.ui.confirmation import CONFIRMED_AT
from console.ui.trusted import SESSION
from tests.factories.local_vaults import ciphertext, wrap
from tests.factories.vault import make_item
from tests.vault.conftest import ClientOf
from tests.vault.keeping import join


@pytest.fixture
def browser(client_of: ClientOf, ada: Identity, here: TrustedSession) -> Client:
    """Ada's, unlocked."""
    return unlocked(client_of(ada), here)


def unlocked(client: Client, session: TrustedSession) -> Client:
    data = client.session
    data[SESSION] = str(session.pk)
    data.save()
    return client


def said(answer: Any) -> str:
    return str(answer.content.decode())


def page(item: StoredAccount, tail: str = "") -> str:
    return f"/vault/accounts/{item.pk}/{tail}"


def sealed(**envelopes: str) -> str:
    return json.dumps({name: [envelope] for name, envelope in envelopes.items()})


def test_a_vault_is_added_with_the_key_for_this_browser(
    browser: Client, here: TrustedSession
) -> None:
    typed = {"name": "Board", "vault_id": str(uuid.uuid4())}
    made = wrap(here.pk)
    sent = {"recipient": str(here.pk), "kind": "session", "envelope": made.envelope}
    wraps = json.dumps([sent | {"endorsement": made.endorsement}])

    refused = browser.post("/vault/vaults/local/new/", typed | {"wraps": "[]"})
    assert "Only what your browser has encrypted" in said(refused)
    browser.post("/vault/vaults/local/new/", typed | {"wraps": wraps})
    vault = Vault.objects.get(name="Board")
    assert vault.is_local
    assert "Has the key" in said(browser.get(f"/vault/vaults/{vault.pk}/members/"))
    assert "Local" in said(browser.get("/vault/vaults/"))


def test_an_account_is_added_as_ciphertext(browser: Client, vault: Vault) -> None:
    address = f"/vault/vaults/{vault.pk}/accounts/new/"
    assert "It goes into the local vault At home" in said(browser.get(address))
    form = said(browser.get(address, {"kind": "individual"}))
    assert 'name="password"' not in form
    typed = {"kind": "individual", "label": "Ads", "application": "Slack", "password": "plain-1"}
    item_id = str(uuid.uuid4())

    refused = browser.post(address, typed | {"item_id": item_id, "sealed": "plain-1"})
    assert "plain-1" not in said(refused)
    browser.post(address, typed | {"item_id": item_id, "sealed": sealed(password=ciphertext())})
    item = StoredAccount.objects.get()
    assert str(item.pk) == item_id
    assert "It is encrypted and opened in your browser" in said(browser.get(page(item)))


def test_the_ciphertext_is_in_the_answer_to_the_post_alone(
    browser: Client, item: StoredAccount
) -> None:
    secret = item.local_secrets.get()
    for tail in ("", "settings/", "edit/", "local/password/"):
        assert secret.envelope not in said(browser.get(page(item, tail))), tail
    address = page(item, f"secrets/{secret.pk}/open/")
    assert browser.get(address).status_code == 405
    answer = browser.post(address)
    assert secret.envelope in said(answer)
    assert answer.headers["Cache-Control"] == "no-store, private"
    session = browser.session
    session.pop(CONFIRMED_AT)
    session.save()
    asked = browser.post(address)
    assert "Confirm that it is you" in said(asked)
    assert secret.envelope not in said(asked)
    assert Event.objects.filter(action="stored_account.password_revealed").count() == 1


def test_the_pages_of_cloud_vaults_do_nothing_with_it(
    browser: Client, item: StoredAccount, ada: Identity
) -> None:
    for tail, typed in [
        ("password/", {"password": "plain-1"}),
        ("authenticator/", {"key": "A" * 32}),
        ("backup-codes/", {"codes": "1"}),
        ("password/reveal/", {}),
        ("authenticator/code/", {}),
    ]:
        answer = browser.post(page(item, tail), typed, follow=True)
        assert "This account is in a local vault" in said(answer), tail
    assert not item.passwords.exists()
    cloud = make_item(ada)
    assert browser.get(page(cloud, "local/password/")).status_code == 404
    assert browser.get(page(item, "local/nothing/")).status_code == 404


def test_replacing_brings_ciphertext_and_its_serial(browser: Client, item: StoredAccount) -> None:
    address = page(item, "local/password/")
    assert '"serials"' in said(browser.get(address))
    stale = browser.post(address, {"serial": "1", "sealed": sealed(password=ciphertext())})
    assert "Someone else changed this meanwhile" in said(stale)
    browser.post(address, {"serial": "2", "sealed": sealed(password=ciphertext())})
    assert item.local_secrets.count() == 2
    earlier = item.local_secrets.get(serial=1)
    assert f"/secrets/{earlier.pk}/open/" in said(browser.get(page(item, "settings/")))
    for name in ("notes", "fields", "authenticator", "backup_code"):
        typed = {"serial": "1", "sealed": sealed(**{name: ciphertext()})}
        assert browser.get(page(item, f"local/{name}/")).status_code == 200
        browser.post(page(item, f"local/{name}/"), typed)
    shown = said(browser.get(page(item)))
    assert "Show the notes" in shown
    assert "Show the custom fields" in shown
    browser.post(page(item, "local/notes/remove/"))
    assert "Show the notes" not in said(browser.get(page(item)))


def test_a_locked_browser_is_sent_to_where_it_unlocks(
    client_of: ClientOf, ada: Identity, item: StoredAccount
) -> None:
    locked = client_of(ada)
    assert "Unlock with this browser" in said(locked.get(page(item)))
    answer = locked.get(page(item, "local/password/"))
    assert answer.headers["Location"].startswith("/vault/trusted-sessions/unlock/?next=")
    answer = locked.post(page(item, f"secrets/{item.local_secrets.get().pk}/open/"))
    assert answer.headers["Location"].startswith("/vault/trusted-sessions/unlock/")
    assert not Event.objects.filter(action="stored_account.password_revealed").exists()


def test_members_come_and_go(
    browser: Client,
    client_of: ClientOf,
    ada: Identity,
    here: TrustedSession,
    vault: Vault,
    otto: Identity,
) -> None:
    address = f"/vault/vaults/{vault.pk}/members/"
    assert client_of(otto).get(address).status_code == 404
    session = join(ada, here, vault, otto)
    theirs = unlocked(client_of(otto), session)
    assert theirs.get(address).status_code == 200
    assert theirs.post(address, {"person": "mallory", "role": "member"}).status_code == 403
    member = vault.local_members.get(identity=otto)
    assert theirs.post(f"{address}{member.pk}/remove/").status_code == 403

    assert "belong to this vault already" in said(
        browser.post(address, {"person": "otto", "role": "member"})
    )
    browser.post(f"{address}{member.pk}/remove/")
    assert "The next write uses a new key" in said(browser.get(address))


def test_the_key_is_handed_over_once_digits_were_compared(
    browser: Client, vault: Vault, ada: Identity, here: TrustedSession, otto: Identity
) -> None:
    join(ada, here, vault, otto)
    vault.wrapped_keys.exclude(session=here).delete()
    session = TrustedSession.objects.get(identity=otto)
    address = f"/vault/vaults/{vault.pk}/keys/{session.pk}/give/"
    made = wrap(session.pk)
    sent = {"recipient": str(session.pk), "kind": "session", "envelope": made.envelope}
    typed = {"version": "1", "wraps": json.dumps([sent | {"endorsement": made.endorsement}])}

    assert session.agreement_key in said(browser.get(address))
    assert "Compare the digits" in said(browser.post(address, typed))
    browser.post(address, typed | {"same": "on"})
    assert vault.wrapped_keys.filter(session=session).exists()
