"""People come in, in a real browser against a running instance: set up, invited, signed in."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.browser import Visitor
from tests.setup.running import Running, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
ADA, NINA = "correct horse battery staple", "three ducks on a pond"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("people") / "data") as found:
        yield found


def choose_password(page: Page, password: str) -> None:
    page.get_by_label("New password").fill(password)
    page.get_by_label("The same password again").fill(password)


def test_from_the_empty_tenant_to_an_auditor_who_signs_in(
    browser: Browser, running: Running
) -> None:
    ada = Visitor(browser, running.url)
    link = re.search(r"http://\S+/set-up/\S+", running.log.read_text())
    assert link
    ada.page.goto(link.group())
    ada.assert_accessible()
    ada.page.get_by_label("User name").fill("ada")
    ada.page.get_by_label("E-mail").fill("ada@example.com")
    choose_password(ada.page, ADA)
    expect(ada.page.get_by_text("Strong")).to_be_visible()
    ada.page.get_by_role("button", name="Make administrator").click()
    expect(ada.page.get_by_text("You administer this tenant")).to_be_visible()

    ada.page.goto("/identities/new/")
    ada.page.get_by_label("User name").fill("audit01")
    ada.page.get_by_label("First name").fill("Nina")
    ada.page.get_by_label("E-mail").fill("nina@example.com")
    ada.page.get_by_label("Auditor").check()
    ada.assert_accessible()
    ada.page.get_by_role("button", name="Add and invite").click()
    expect(ada.page.get_by_role("heading", name="Nina")).to_be_visible()

    expect(follow(ada.page)).to_be_visible(timeout=20_000)
    ada.assert_accessible()
    address = follow(ada.page).get_attribute("href") or ""

    nina = Visitor(browser, running.url, viewport={"width": 390, "height": 844})
    nina.page.goto(address)
    nina.assert_accessible()
    nina.assert_fits()
    choose_password(nina.page, NINA)
    nina.page.get_by_role("button", name="Save password").click()
    expect(nina.page.get_by_label("User name")).to_have_value("audit01")
    nina.assert_accessible()
    nina.page.get_by_label("Password", exact=True).fill(NINA)
    nina.page.get_by_role("button", name="Sign in").click()
    nina.page.wait_for_url(running.url + "/")
    nina.page.goto("/identities/")
    expect(nina.page.get_by_role("link", name="Nina")).to_be_visible()
    expect(nina.page.get_by_role("link", name="Add person")).to_have_count(0)
    nina.assert_accessible()
    nina.assert_fits()

    spent = nina.page.goto(address)
    assert spent is not None
    assert spent.status == 404
    nina.assert_accessible()

    ada.page.goto("/identities/?q=audit01")
    ada.page.get_by_role("link", name="Nina", exact=True).click()
    ada.page.get_by_role("link", name="Disable").last.click()
    ada.page.get_by_role("button", name="Disable").click()
    expect(ada.page.get_by_text("signed out everywhere.")).to_be_visible()
    nina.page.goto("/identities/")
    expect(nina.page.get_by_role("heading", name="Sign in")).to_be_visible()


def follow(page: Page) -> Locator:
    """The link of the newest mail; the worker needs a moment to write it."""
    for _ in range(20):
        page.goto("/outbox/")
        if page.get_by_role("link", name="Follow the link").count():
            break
        page.wait_for_timeout(500)
    return page.get_by_role("link", name="Follow the link").first
