"""Keys in a real browser: with and without JavaScript, made here and there, shown once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc.jwk import import_key
from playwright.sync_api import Browser, Error, Page, Request, expect

from tests.credentials.keys import fresh_public_jwk
from tests.journeys.browser import Visitor
from tests.journeys.holder import Holder
from tests.setup.running import Running, manage, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
PASSWORD = "correct horse battery staple"
CREATED = "Service account successfully created!"
FORGET_CONFIRMATIONS = """
from accounts.sessions.store import SessionStore
from accounts.models import Session
for row in Session.objects.all():
    session = SessionStore(row.session_key)
    session["steward_confirmed_at"] = 0
    session.save()
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    first = {
        "STEWARD_ADMIN_USERNAME": "ada",
        "STEWARD_ADMIN_EMAIL": "ada@example.com",
        "STEWARD_ADMIN_PASSWORD": PASSWORD,
    }
    with serving(tmp_path_factory.mktemp("keys") / "data", **first) as found:
        yield found


@pytest.fixture(scope="module")
def ada(browser: Browser, running: Running) -> Visitor:
    return signed_in(browser, running)


def signed_in(browser: Browser, running: Running, **options: Any) -> Visitor:
    visitor = Visitor(browser, running.url, **options)
    visitor.sign_in("ada", PASSWORD)
    return visitor


def fill(page: Page, name: str, *, origin: str, algorithm: str = "P-256") -> None:
    page.goto("/service-accounts/new/")
    page.get_by_label("Name", exact=True).fill(name)
    page.locator('input[name="scopes"][value="fr:idm:*"]').check()
    page.get_by_role("radio", name=origin).check()
    if origin != "I upload a public key":
        page.get_by_label("Algorithm").select_option(algorithm)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save").click()


def shown_id(page: Page) -> str:
    found = re.search(r"(?<!/)\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", page.inner_text("main"))
    assert found
    return found.group()


def downloads(page: Page, folder: Path) -> dict[str, Path]:
    """Save all three files; answers them by their suffix."""
    saved = {}
    for label in ("Download Key", "PEM", "JSON with ID"):
        with page.expect_download() as found:
            page.get_by_role("link", name=label).click()
        path = folder / found.value.suggested_filename
        found.value.save_as(path)
        saved[path.suffix] = path
    return saved


def assert_one_key(files: dict[str, Path], running: Running, account_id: str) -> Holder:
    """All files hold the same key, and it gets tokens."""
    jwk = json.loads(files[".jwk"].read_text())
    bundle = json.loads(files[".json"].read_text())
    assert bundle == {
        "id": account_id,
        "token_url": f"{running.url}/am/oauth2/access_token",
        "key": jwk,
    }
    pem = load_pem_private_key(files[".pem"].read_bytes(), None)
    assert import_key(jwk).thumbprint() == jwk["kid"]
    assert import_key(jwk).private_key.public_key() == pem.public_key()  # type: ignore[union-attr]
    holder = Holder(running.url, account_id, jwk)
    assert holder.token()
    return holder


def test_without_javascript_the_key_is_downloaded_revealed_and_done(
    browser: Browser, running: Running, tmp_path: Path
) -> None:
    visitor = signed_in(browser, running, java_script_enabled=False)
    page = visitor.page
    fill(page, "plain 01", origin="Steward makes it")
    save(page)
    expect(page.get_by_role("heading", name=CREATED)).to_be_visible()
    account_id = shown_id(page)
    value = page.locator("[data-secret-value]")
    expect(value).to_be_hidden()
    page.get_by_text("Reveal").click()
    expect(value).to_be_visible()
    files = downloads(page, tmp_path)
    assert files[".jwk"].name == "plain 01_privateKey.jwk"
    assert json.loads(value.inner_text()) == json.loads(files[".jwk"].read_text())
    assert_one_key(files, running, account_id)

    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("heading", name=CREATED)).to_be_visible()  # it wants the tick
    page.get_by_label("I have stored the key").check()
    page.get_by_role("button", name="Done").click()
    expect(page).to_have_url(re.compile(f"/service-accounts/{account_id}/$"))
    # the browser kept nothing; to show the page again it would have to send the form again
    with pytest.raises(Error, match="ERR_CACHE_MISS"):
        page.go_back()


@pytest.mark.parametrize("algorithm", ["RSA-4096", "RSA-3072", "P-256", "Ed25519"])
def test_a_key_made_in_the_browser_is_in_no_request(
    algorithm: str, ada: Visitor, running: Running, tmp_path: Path
) -> None:
    page, sent = ada.page, []

    def note(request: Request) -> None:
        sent.append(f"{request.url} {request.all_headers()} {request.post_data or ''}")

    page.on("request", note)
    fill(page, f"browser {algorithm}", origin="This browser makes it", algorithm=algorithm)
    save(page)
    expect(page.get_by_role("heading", name=CREATED)).to_be_visible(timeout=60_000)
    account_id = shown_id(page)
    files = downloads(page, tmp_path)
    page.get_by_label("I have stored the key").check()
    page.get_by_role("button", name="Done").click()
    expect(page).to_have_url(re.compile(f"/service-accounts/{account_id}/$"))
    page.remove_listener("request", note)

    key = json.loads(files[".jwk"].read_text())
    assert any("public_key" in told for told in sent)
    for member in ("d", "p", "q", "dp", "dq", "qi"):
        assert not [told for told in sent if member in key and key[member] in told]
    assert not [told for told in sent if "PRIVATE" in told or '"d"' in told]
    stored = running.data_dir.rglob("*")
    assert not [p for p in stored if p.is_file() and key["d"].encode() in p.read_bytes()]
    if algorithm != "Ed25519":
        assert_one_key(files, running, account_id)
    assert not ada.complaints, ada.complaints


def test_a_refused_form_and_the_password_question_keep_the_browsers_key(
    ada: Visitor, running: Running, tmp_path: Path
) -> None:
    page = ada.page
    fill(page, "taken 01", origin="Steward makes it")
    save(page)
    expect(page.get_by_role("heading", name=CREATED)).to_be_visible()
    leave(page)
    fill(page, "taken 01", origin="This browser makes it")
    save(page)
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    ada.assert_accessible()
    first = page.locator("input[name=public_key]").input_value()
    page.get_by_label("Name", exact=True).fill("free 01")
    manage(running.data_dir, "shell", "-c", FORGET_CONFIRMATIONS, PORT=str(running.port))
    save(page)
    expect(page.locator("input[name=step_up_password]")).to_be_visible()
    page.locator("input[name=step_up_password]").fill(PASSWORD)
    page.locator("main form button:not([name])").last.click()
    expect(page.get_by_role("heading", name=CREATED)).to_be_visible()
    account_id = shown_id(page)
    files = downloads(page, tmp_path)
    holder = assert_one_key(files, running, account_id)
    assert json.loads(first)["kid"] == holder.key["kid"]
    leave(page)


def leave(page: Page) -> None:
    page.get_by_label("I have stored the key").check()
    page.get_by_role("button", name="Done").click()
    expect(page).to_have_url(re.compile("/service-accounts/[0-9a-f-]{36}/$"))


def test_leaving_without_the_tick_is_asked_about(ada: Visitor) -> None:
    page, asked = ada.page, []
    fill(page, "leave 01", origin="Steward makes it")
    save(page)
    expect(page.get_by_role("heading", name=CREATED)).to_be_visible()
    page.get_by_text("Reveal").click()  # a browser asks only whoever did something on the page

    def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.get_by_role("link", name="Steward").first.click()
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    expect(page.get_by_role("heading", name=CREATED)).to_be_visible()
    leave(page)


def test_every_page_around_a_key_is_accessible_and_fits(ada: Visitor, running: Running) -> None:
    page = ada.page

    def check() -> None:
        ada.assert_accessible()
        page.set_viewport_size({"width": 390, "height": 844})
        ada.assert_fits()
        page.set_viewport_size({"width": 1280, "height": 900})

    fill(page, "look 01", origin="Steward makes it")
    save(page)
    expect(page.get_by_role("heading", name=CREATED)).to_be_visible()
    account_id = shown_id(page)
    page.get_by_text("Reveal").click()
    check()
    leave(page)
    page.goto(f"/service-accounts/{account_id}/regenerate-key/")
    check()
    page.get_by_role("radio", name="I upload a public key").check()
    page.get_by_label("Public key", exact=True).fill("nothing")
    page.get_by_role("button", name="Regenerate Key").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    check()
    page.get_by_label("Public key", exact=True).fill(fresh_public_jwk())
    page.get_by_role("button", name="Regenerate Key").click()
    expect(page.get_by_role("heading", name="Key successfully created!")).to_be_visible()
    check()
    page.reload()
    expect(page.get_by_role("heading", name="Nothing new was made")).to_be_visible()
    check()
    page.goto(f"/service-accounts/{account_id}/keys/")
    page.get_by_role("link", name=re.compile("Revoke")).first.click()
    expect(page.get_by_role("heading", name="Revoke key")).to_be_visible()
    check()


def test_the_owner_follows_the_mail_and_gets_the_key(
    ada: Visitor, running: Running, tmp_path: Path
) -> None:
    page = ada.page
    fill(page, "owner 01", origin="The owner downloads it")
    save(page)
    expect(page.get_by_role("heading", name="A key is offered to ada")).to_be_visible()
    ada.assert_accessible()
    account_id = shown_id(page)
    link = re.search(r"http://[^\s\"<]+/key-pickups/[\w-]+/", page.content())
    assert link, "there is nothing to pass on"
    for _try in range(40):
        page.goto("/outbox/")
        if link.group() in page.inner_text("main"):
            break
        page.wait_for_timeout(500)
    else:
        pytest.fail("the owner was not told")
    page.goto(link.group())
    ada.assert_accessible()
    ada.assert_fits()
    page.get_by_role("button", name="Make the key now").click()
    expect(page.get_by_role("heading", name="Key successfully created!")).to_be_visible()
    with page.expect_download() as found:
        page.get_by_role("link", name="Download Key").click()
    found.value.save_as(tmp_path / "key.jwk")
    assert Holder.of_file(running.url, account_id, tmp_path / "key.jwk").token()
    leave(page)
    page.goto(link.group())
    expect(page.get_by_role("heading", name=re.compile("not waiting for you"))).to_be_visible()
    ada.assert_accessible()
