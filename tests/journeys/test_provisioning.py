"""A provisioning client in a real browser: added, its token shown once, rotated, revoked."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.browser import Visitor
from tests.setup.running import Running, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
PASSWORD = "correct horse battery staple"
CREATED = "Provisioning token successfully created!"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    first = {
        "STEWARD_ADMIN_USERNAME": "ada",
        "STEWARD_ADMIN_EMAIL": "ada@example.com",
        "STEWARD_ADMIN_PASSWORD": PASSWORD,
    }
    with serving(tmp_path_factory.mktemp("provisioning") / "data", **first) as found:
        yield found


@pytest.fixture(scope="module")
def ada(browser: Browser, running: Running) -> Visitor:
    visitor = Visitor(browser, running.url)
    visitor.sign_in("ada", PASSWORD)
    return visitor


def shown(page: Page) -> str:
    """The token, which stands masked until somebody asks for it."""
    expect(page.get_by_role("heading", name=CREATED)).to_be_visible()
    value = page.locator("#secret-value")
    expect(value).not_to_be_visible()
    page.get_by_text("Reveal").click()
    expect(value).to_be_visible()
    return value.inner_text()


def call(running: Running, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{running.url}/scim/v2/Users", headers=headers).status_code


def stored(page: Page) -> None:
    page.get_by_label("I have stored the token").check()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_text("is stored.")).to_be_visible()


def test_a_directory_is_let_in_and_its_token_rotated(ada: Visitor, running: Running) -> None:
    page = ada.page
    page.goto("/tenant-settings/provisioning/")
    ada.assert_accessible()
    page.get_by_role("link", name="New Client").click()
    expect(page.get_by_role("heading", name="New provisioning client")).to_be_visible()
    ada.assert_accessible()
    page.get_by_role("button", name="Add Client").click()
    expect(page.get_by_text("Type a name.").first).to_be_visible()
    page.get_by_label("Name").fill("Entra ID")
    page.get_by_role("button", name="Add Client").click()
    old = shown(page)
    ada.assert_accessible()
    assert call(running, old) == 200
    stored(page)
    ada.assert_accessible()

    page.get_by_role("link", name="Rotate Token").click()
    page.get_by_label("The old token works on").select_option("For an hour")
    ada.assert_accessible()
    page.get_by_role("button", name="Rotate Token").click()
    new = shown(page)
    assert (call(running, old), call(running, new)) == (200, 200)
    stored(page)
    expect(page.get_by_text("Being replaced")).to_be_visible()

    page.get_by_role("row", name="Being replaced").get_by_role("link", name="Revoke").click()
    expect(page.get_by_text("This cannot be undone")).to_be_visible()
    ada.assert_accessible()
    page.get_by_role("button", name="Revoke token").click()
    expect(page.get_by_text("The token is revoked")).to_be_visible()
    assert (call(running, old), call(running, new)) == (401, 200)
