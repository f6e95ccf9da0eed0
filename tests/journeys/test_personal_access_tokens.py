"""Personal access tokens in a real browser: made, shown once, struck through, expired, revoked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.browser import Visitor
from tests.setup.running import Running, manage, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
PASSWORD = "correct horse battery staple"
CREATED = "Personal access token successfully created!"
EXPIRE = """
from datetime import timedelta
from django.utils import timezone
from tokens.models import Credential
Credential.objects.filter(name="Nightly export").update(
    expires_at=timezone.now() - timedelta(seconds=1)
)
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    first = {
        "STEWARD_ADMIN_USERNAME": "ada",
        "STEWARD_ADMIN_EMAIL": "ada@example.com",
        "STEWARD_ADMIN_PASSWORD": PASSWORD,
    }
    with serving(tmp_path_factory.mktemp("tokens") / "data", **first) as found:
        yield found


@pytest.fixture(scope="module")
def ada(browser: Browser, running: Running) -> Visitor:
    visitor = Visitor(browser, running.url)
    visitor.sign_in("ada", PASSWORD)
    return visitor


def exchange(running: Running, client_id: str, secret: str) -> tuple[int, str]:
    """Status and access token."""
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    answer = httpx.post(f"{running.url}/oauth/token", data=form)
    return answer.status_code, answer.json().get("access_token", "")


def call(running: Running, token: str) -> int:
    address = f"{running.url}/openidm/managed/alpha_user?_queryFilter=true"
    return httpx.get(address, headers={"Authorization": f"Bearer {token}"}).status_code


def shell(running: Running, code: str) -> None:
    done = manage(running.data_dir, "shell", "-c", code, PORT=str(running.port))
    assert done.returncode == 0, done.stderr


def keep_scope(running: Running, account_id: str, scope: str) -> None:
    command = ("service_account", "set-scopes", account_id, "--scope", scope)
    manage(running.data_dir, *command, PORT=str(running.port))


def new_token(page: Page, name: str, *scopes: str) -> None:
    page.get_by_label("What is this token for?").fill(name)
    for scope in scopes:
        box = page.locator(f'input[name="scopes"][value="{scope}"]')
        # the catalogue, and the section within it
        folded = page.locator("details:not([open])", has=box)
        while folded.count():
            folded.first.locator("summary").first.click()
        box.check()
    page.get_by_role("button", name="Create Token").click()


def test_ones_own_from_the_menu_to_the_tick(ada: Visitor, running: Running, tmp_path: Path) -> None:
    page = ada.page
    page.goto("/")
    page.locator('[popovertarget="menu-person"]').click()
    page.locator("#menu-person").get_by_role("link", name="Personal access tokens").click()
    expect(page.get_by_role("heading", name="Personal access tokens", exact=True)).to_be_visible()
    ada.assert_accessible()
    page.get_by_role("link", name="New Token").first.click()
    expect(page.get_by_role("heading", name="New personal access token")).to_be_visible()
    expect(page.get_by_label("Date of expiry")).to_be_hidden()
    page.get_by_label("Expires").select_option("date")
    expect(page.get_by_label("Date of expiry")).to_be_visible()
    page.get_by_role("button", name="Create Token").click()
    expect(page.get_by_role("link", name="Say what the token is for.")).to_be_visible()
    ada.assert_accessible()
    ada.assert_fits()
    page.get_by_label("Expires").select_option("7")
    new_token(page, "Mine", "sp:scopes:all")

    expect(page.get_by_role("heading", name=CREATED)).to_be_visible()
    expect(page.locator("#secret-value")).to_be_hidden()
    page.get_by_text("Reveal").click()
    secret = page.locator("#secret-value").inner_text()
    assert re.fullmatch(r"steward_pat_[0-9A-Za-z]{49}", secret)
    expect(page.get_by_role("button", name="Done")).to_be_disabled()
    ada.assert_accessible()
    ada.assert_fits()
    with page.expect_download() as found:
        page.get_by_role("link", name="Download secret").click()
    found.value.save_as(tmp_path / "token.json")
    kept = json.loads((tmp_path / "token.json").read_text())
    assert kept["secret"] == secret
    assert exchange(running, kept["id"], secret)[0] == 200
    page.get_by_label("I have stored the secret").check()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_text("The secret of “Mine” is stored.")).to_be_visible()
    expect(page.get_by_text("Expires in 7 days")).to_be_visible()
    assert secret not in page.content()
    ada.assert_accessible()


def test_a_reload_of_the_answer_shows_nothing_and_says_so(ada: Visitor) -> None:
    page = ada.page
    page.goto("/personal-access-tokens/new/")
    new_token(page, "Once", "sp:scopes:default")
    expect(page.get_by_role("heading", name=CREATED)).to_be_visible()
    page.get_by_label("I have stored the secret").check()
    page.reload()
    expect(page.get_by_role("heading", name="Nothing new was made")).to_be_visible()
    assert "steward_pat_" not in page.content()
    ada.assert_accessible()


def test_of_a_service_account_struck_through_expired_and_revoked(
    ada: Visitor, running: Running
) -> None:
    made = manage(
        running.data_dir,
        *("service_account", "create", "audit01", "--scope", "fr:idm:*", "fr:am:*"),
        *("--algorithm", "P-256", "--key-file", str(running.data_dir / "key.jwk")),
        PORT=str(running.port),
    )
    account_id = json.loads(made.stdout)["id"]
    page = ada.page
    page.goto(f"/service-accounts/{account_id}/")
    page.get_by_role("link", name="Personal access tokens").last.click()
    page.get_by_role("link", name="New Token").click()
    new_token(page, "Nightly export", "fr:idm:*", "fr:am:*")
    secret = page.locator("#secret-value").text_content() or ""
    found = re.search(r"\b[0-9a-f]{32}\b", page.inner_text("main"))
    assert found
    page.get_by_label("I have stored the secret").check()
    page.get_by_role("button", name="Done").click()
    ada.assert_accessible()
    status, token = exchange(running, found.group(), secret)
    assert (status, call(running, token)) == (200, 200)

    keep_scope(running, account_id, "fr:am:*")
    page.get_by_role("link", name="Nightly export", exact=True).click()
    expect(page.locator("del", has_text="fr:idm:*")).to_be_visible()
    expect(page.get_by_text("1 scope gives nothing")).to_be_visible()
    expect(page.locator("del", has_text="fr:am:*")).to_have_count(0)
    ada.assert_accessible()
    ada.assert_fits()
    assert call(running, token) == 403

    shell(running, EXPIRE)
    page.reload()
    expect(page.get_by_text("This token has expired")).to_be_visible()
    expect(page.locator(".page-title").get_by_text("Expired")).to_be_visible()
    assert exchange(running, found.group(), secret)[0] == 401
    page.reload()
    expect(page.get_by_text("The token Nightly export is expired.")).to_be_visible()
    ada.assert_accessible()

    page.get_by_role("link", name="Revoke token").click()
    ada.assert_accessible()
    page.get_by_role("button", name="Revoke token").click()
    expect(page.get_by_text("“Nightly export” is revoked: it works no longer.")).to_be_visible()
    assert call(running, token) == 401


def test_on_a_phone(ada: Visitor, running: Running) -> None:
    page = ada.page
    command = ("personal_access_token", "create", "ada", "--name", "Phone")
    scope = ("--scope", "sp:scopes:all")
    manage(running.data_dir, *command, *scope, PORT=str(running.port))
    page.set_viewport_size({"width": 390, "height": 844})
    for address in ("/personal-access-tokens/", "/personal-access-tokens/new/"):
        page.goto(address)
        ada.assert_fits()
        ada.assert_accessible()
    page.goto("/personal-access-tokens/?q=Phone")
    page.get_by_role("link", name="Phone").last.click()
    expect(page.get_by_role("heading", name="Phone")).to_be_visible()
    ada.assert_fits()
    ada.assert_accessible()
    page.set_viewport_size({"width": 1280, "height": 720})
