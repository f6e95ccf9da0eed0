"""A placeholder account from the first click to the last tick of its checklist, and its sharing."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from console.management.demo.cast import PASSWORD
from tests.journeys.browser import Visitor
from tests.setup.prepared import lay_out_demo
from tests.setup.running import Running, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data_dir = tmp_path_factory.mktemp("vault") / "data"
    lay_out_demo(data_dir)
    with serving(data_dir) as found:
        yield found


@pytest.fixture
def ada(browser: Browser, running: Running) -> Visitor:
    found = Visitor(browser, running.url)
    found.sign_in("ada", PASSWORD)
    return found


def looked_at(visitor: Visitor) -> None:
    """Held to WCAG as it stands, and to the width of a phone."""
    visitor.page.set_viewport_size({"width": 1440, "height": 900})
    visitor.assert_accessible()
    visitor.page.set_viewport_size({"width": 390, "height": 844})
    visitor.assert_fits()
    visitor.page.set_viewport_size({"width": 1440, "height": 900})


def test_a_placeholder_account(ada: Visitor) -> None:
    page = ada.page
    page.goto("/vault/")
    looked_at(ada)
    page.get_by_role("link", name="Add item").click()
    looked_at(ada)
    page.get_by_role("link", name="Add Placeholder account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Add account details")
    page.get_by_label("Account label").fill("Spring campaign")
    page.get_by_label("App name or URL").fill("Facebook")
    page.get_by_label("Username").fill("dummy")
    page.get_by_text("Make one by chance").click()
    page.get_by_role("button", name="Generate").click()
    made = page.get_by_label("Current password").input_value()
    assert len(made) == 20
    expect(page.get_by_label("Username")).to_have_value("dummy")
    looked_at(ada)
    page.get_by_role("button", name="Add account").click()

    expect(page.get_by_text("The account “Spring campaign” is added.")).to_be_visible()
    checklist = page.locator("#checklist")
    expect(checklist.get_by_text("To do")).to_have_count(3)
    looked_at(ada)
    page.get_by_role("link", name="Change the username").click()
    page.get_by_label("Username").fill("spring@example.com")
    page.get_by_role("button", name="Save").last.click()
    expect(checklist.get_by_text("To do")).to_have_count(2)
    page.get_by_role("button", name="It exists now").click()
    page.get_by_role("link", name="Save an authenticator").click()
    looked_at(ada)
    page.get_by_label("Secret key").fill("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ")
    page.get_by_role("button", name="Save Code").click()
    expect(checklist).to_have_count(0)
    page.get_by_role("button", name="Show the code").click()
    expect(page.locator("#stored-code")).to_have_text(re.compile(r"^\d{6}$"))
    expect(page.locator("[data-countdown]")).to_be_visible()
    looked_at(ada)
    page.get_by_role("link", name="Done").click()

    page.get_by_role("button", name="Show or copy the password").click()
    expect(page.get_by_text(made)).not_to_be_visible()
    page.get_by_text("Reveal", exact=True).click()
    expect(page.get_by_text(made)).to_be_visible()
    looked_at(ada)
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_role("button", name="Show or copy the password")).to_be_visible()
    assert made not in page.content()


def test_an_account_is_replaced_shared_and_put_away(ada: Visitor) -> None:
    page = ada.page
    page.goto("/vault/accounts/new/?kind=individual")
    page.get_by_label("Account label").fill("Design files")
    page.get_by_label("App name or URL").fill("https://www.figma.com/login")
    page.get_by_label("Current password").fill("typed-by-hand-1")
    page.get_by_role("button", name="Add account").click()
    page.get_by_role("link", name="Replace the password").click()
    page.get_by_label("New password").fill("typed-by-hand-2")
    looked_at(ada)
    page.get_by_role("button", name="Store the password").click()

    page.get_by_role("link", name="Share", exact=True).click()
    looked_at(ada)
    page.get_by_label("Person").fill("vera")
    page.get_by_role("button", name="Share").click()
    expect(page.locator("#shares")).to_contain_text("Collaborator")
    expect(page.locator("#history tbody tr")).to_have_count(1)
    looked_at(ada)
    page.get_by_role("link", name="Delete account").click()
    looked_at(ada)
    page.get_by_role("button", name="Delete account").click()
    expect(page.get_by_text("“Design files” is deleted")).to_be_visible()
    for address in ("/vault/?show=deleted", "/vault/vaults/", "/vault/vaults/new/"):
        page.goto(address)
        looked_at(ada)
    page.goto("/vault/applications/")
    looked_at(ada)


def test_an_account_that_the_identity_provider_makes(ada: Visitor) -> None:
    """Refused, with the reason, where the application has no SAML; else walked to its end."""
    page = ada.page
    page.goto("/vault/accounts/new/")
    page.get_by_role("link", name="Add IdP-provisioned account").click()
    page.get_by_label("Account label").fill("Robot")
    page.get_by_label("App name or URL").fill("Facebook")
    page.get_by_label("Username").fill("robot@example.com")
    page.get_by_label("Current password").fill("typed-by-hand-3")
    page.get_by_role("button", name="Add account").click()
    expect(page.locator(".error-summary, .errorlist").first).to_contain_text("SAML")
    looked_at(ada)
    page.get_by_label("App name or URL").fill("Salesforce")
    page.get_by_label("Current password").fill("typed-by-hand-3")
    page.get_by_role("button", name="Add account").click()

    expect(page.get_by_text("The account “Robot” is added.")).to_be_visible()
    checklist = page.locator("#checklist")
    expect(checklist).to_contain_text("Create the user account in your IdP")
    expect(checklist.get_by_text("To do")).to_have_count(2)
    looked_at(ada)
    page.get_by_role("button", name="It exists now").click()
    expect(checklist.get_by_text("To do")).to_have_count(1)
    page.get_by_role("link", name="Save an authenticator").click()
    page.get_by_label("Secret key").fill("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ")
    page.get_by_role("button", name="Save Code").click()
    expect(checklist).to_have_count(0)
