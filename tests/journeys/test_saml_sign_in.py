"""A SAML provider of another site in a real browser: set up, tried, linked, and signed in by."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.browser import Visitor
from tests.setup.running import Running, serving
from tests.sign_in_providers.saml_provider import SamlProvider
from tests.sign_in_providers.saml_provider import running as provider_running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    first = {
        "STEWARD_ADMIN_USERNAME": "ada",
        "STEWARD_ADMIN_EMAIL": "ada@example.com",
        "STEWARD_ADMIN_PASSWORD": PASSWORD,
    }
    with serving(tmp_path_factory.mktemp("saml") / "data", **first) as found:
        yield found


@pytest.fixture(scope="module")
def there() -> Iterator[SamlProvider]:
    with provider_running(SamlProvider(host="localhost")) as made:
        yield made


def at_the_provider(page: Page) -> None:
    """Its page sends a form to Steward, from another site: no cookie comes with it."""
    page.wait_for_url("http://localhost:*/**")
    page.get_by_role("button", name="Sign in").click()


def test_a_provider_is_set_up_and_lets_people_in(
    browser: Browser, running: Running, there: SamlProvider
) -> None:
    ada = Visitor(browser, running.url)
    ada.sign_in("ada", PASSWORD)
    page = ada.page
    page.goto("/tenant-settings/sign-in-providers/new/saml/")
    ada.assert_accessible()
    page.get_by_label("Name", exact=True).fill("Company account")
    page.get_by_label("Entity ID of the provider").fill(there.issuer)
    page.get_by_label("Sign-in address").fill(there.sso_url)
    page.get_by_label("Signing certificates").fill(there.certificate)
    page.get_by_role("button", name="Add Provider").click()
    expect(page.get_by_text("Company account is set up.")).to_be_visible()
    ada.assert_accessible()
    page.get_by_role("button", name="Try signing in").click()
    at_the_provider(page)
    expect(page.get_by_role("heading", name="Company account works")).to_be_visible()
    ada.assert_accessible()
    page.get_by_role("link", name="Back").click()
    page.get_by_role("button", name="Enable").click()
    page.goto("/profile/sign-in-providers/")
    page.get_by_role("button", name="Link Company account").click()
    at_the_provider(page)
    expect(page.get_by_text("You can sign in by Company account now")).to_be_visible()

    other = Visitor(browser, running.url).page
    other.goto("/sign-in/?next=/profile/")
    other.get_by_role("link", name="Sign in by Company account").click()
    at_the_provider(other)
    expect(other.get_by_role("heading", name="Your account")).to_be_visible()
    works_without_scripts(browser, running)


def works_without_scripts(browser: Browser, running: Running) -> None:
    visitor = Visitor(browser, running.url, java_script_enabled=False)
    page = visitor.page
    page.goto("/sign-in/?next=/profile/")
    page.get_by_role("link", name="Sign in by Company account").click()
    at_the_provider(page)
    expect(page.get_by_role("heading", name="Signing in")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
