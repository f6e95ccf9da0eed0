"""People come in, in a real browser against a running instance: set up, invited, signed in."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.browser import Visitor
from tests.setup.running import Running, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
ADA, NINA = "correct horse battery staple", "three ducks on a pond"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("people") / "data") as found:
        yield found


def choose_password(page: Page, password: str) -> None:
    page.get_by_label("New password").fill(password)
    page.get_by_label("The same password again").fill(password)


@pytest.fixture(scope="module")
def ada(browser: Browser, running: Running) -> Visitor:
    """The first administrator, made behind the link that the start printed."""
    visitor = Visitor(browser, running.url)
    page = visitor.page
    link = re.search(r"http://\S+/set-up/\S+", running.log.read_text())
    assert link
    page.goto(link.group())
    visitor.assert_accessible()
    page.get_by_label("User name").fill("ada")
    page.get_by_label("E-mail").fill("ada@example.com")
    choose_password(page, ADA)
    expect(page.get_by_text("Strong")).to_be_visible()
    page.get_by_role("button", name="Make administrator").click()
    expect(page.get_by_text("You administer this tenant")).to_be_visible()
    return visitor


@pytest.fixture(scope="module")
def address(ada: Visitor) -> str:
    """Where the mail leads that Nina gets."""
    page = ada.page
    page.goto("/identities/new/")
    page.get_by_label("User name").fill("audit01")
    page.get_by_label("First name").fill("Nina")
    page.get_by_label("E-mail").fill("nina@example.com")
    page.get_by_label("Auditor").check()
    ada.assert_accessible()
    page.get_by_role("button", name="Add and invite").click()
    expect(page.get_by_role("heading", name="Nina")).to_be_visible()
    link = newest_link(page)
    ada.assert_accessible()
    return link.get_attribute("href") or ""


def newest_link(page: Page) -> Locator:
    """The link of the newest mail; the worker needs a moment to write it."""
    for _ in range(40):
        page.goto("/outbox/")
        if page.get_by_role("link", name="Follow the link").count():
            break
        page.wait_for_timeout(500)
    return page.get_by_role("link", name="Follow the link").first


def test_who_is_invited_registers_signs_in_and_is_signed_out_when_disabled(
    browser: Browser, running: Running, ada: Visitor, address: str
) -> None:
    nina = Visitor(browser, running.url, viewport={"width": 390, "height": 844})
    register(nina, address)
    nina.sign_in("audit01", NINA)
    nina.page.goto("/identities/")
    expect(nina.page.get_by_role("link", name="Nina", exact=True)).to_be_visible()
    expect(nina.page.get_by_role("link", name="Add person")).to_have_count(0)
    nina.assert_accessible()
    nina.assert_fits()

    ada.page.goto("/identities/?q=audit01")
    ada.page.get_by_role("link", name="Nina", exact=True).click()
    ada.page.get_by_role("link", name="Disable").last.click()
    ada.assert_accessible()
    ada.page.get_by_role("button", name="Disable").click()
    expect(ada.page.get_by_text("signed out everywhere.")).to_be_visible()
    nina.page.goto("/identities/")
    expect(nina.page.get_by_role("heading", name="Sign in")).to_be_visible()


def register(nina: Visitor, address: str) -> None:
    page = nina.page
    page.goto(address)
    nina.assert_accessible()
    nina.assert_fits()
    choose_password(page, NINA)
    page.get_by_role("button", name="Save password").click()
    expect(page.get_by_label("User name")).to_have_value("audit01")
    nina.assert_accessible()
    spent = page.goto(address)
    assert spent is not None
    assert spent.status == 404
    nina.assert_accessible()
