"""An OpenID provider in a real browser: set up, tried, linked, signed in by; passwords end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.browser import Visitor
from tests.setup.running import Running, serving
from tests.sign_in_providers.oidc_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    OidcProvider,
)
from tests.sign_in_providers.oidc_provider import running as provider_running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    first = {
        "STEWARD_ADMIN_USERNAME": "ada",
        "STEWARD_ADMIN_EMAIL": "ada@example.com",
        "STEWARD_ADMIN_PASSWORD": PASSWORD,
    }
    with serving(tmp_path_factory.mktemp("sso") / "data", **first) as found:
        yield found


@pytest.fixture(scope="module")
def there() -> Iterator[OidcProvider]:
    """Another site than Steward, as a provider is."""
    with provider_running(OidcProvider(host="localhost")) as made:
        yield made


@pytest.fixture(scope="module")
def ada(browser: Browser, running: Running) -> Visitor:
    visitor = Visitor(browser, running.url)
    visitor.sign_in("ada", PASSWORD)
    return visitor


def set_up(ada: Visitor, there: OidcProvider) -> None:
    page = ada.page
    page.goto("/tenant-settings/outgoing/")
    page.get_by_role("textbox").last.fill("localhost")
    page.get_by_role("button", name="Save").click()

    page.goto("/tenant-settings/sign-in-providers/")
    ada.assert_accessible()
    page.get_by_role("link", name="New OpenID Connect Provider").click()
    ada.assert_accessible()
    page.get_by_label("Name", exact=True).fill("Company account")
    page.get_by_label("Issuer").fill(there.issuer)
    page.get_by_label("Client ID").fill(CLIENT_ID)
    page.get_by_label("Client secret").fill(CLIENT_SECRET)
    page.get_by_role("button", name="Add Provider").click()
    expect(page.get_by_text("Company account is set up.")).to_be_visible()
    ada.assert_accessible()

    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_role("heading", name="Company account answers")).to_be_visible()
    ada.assert_accessible()
    page.get_by_role("link", name="Back").click()
    page.get_by_role("button", name="Try signing in").click()
    expect(page.get_by_role("heading", name="Company account works")).to_be_visible()
    ada.assert_accessible()
    page.get_by_role("link", name="Back").click()
    page.get_by_role("button", name="Enable").click()
    expect(page.get_by_text("it stands on the page of sign-in now")).to_be_visible()

    page.goto("/profile/sign-in-providers/")
    ada.assert_accessible()
    page.get_by_role("button", name="Link Company account").click()
    expect(page.get_by_text("You can sign in by Company account now")).to_be_visible()
    ada.assert_accessible()


def test_a_provider_is_set_up_and_lets_people_in_and_passwords_end(
    ada: Visitor, there: OidcProvider, browser: Browser, running: Running
) -> None:
    set_up(ada, there)
    other = Visitor(browser, running.url)
    page = other.page
    page.goto("/sign-in/?next=/tenant-settings/sign-in-providers/sso-only/")
    other.assert_accessible()
    page.get_by_role("link", name="Sign in by Company account").click()
    expect(page.get_by_role("heading", name="SSO only")).to_be_visible()
    other.assert_accessible()
    page.get_by_label("Only sign-in providers let people in").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("It holds for the next sign-in.")).to_be_visible()
    other.assert_accessible()

    third = Visitor(browser, running.url).page
    third.goto("/sign-in/")
    third.get_by_label("User name").fill("ada")
    third.get_by_label("Password", exact=True).fill(PASSWORD)
    third.get_by_role("button", name="Sign in").click()
    expect(third.get_by_text("Passwords and passkeys do not sign you in here.")).to_be_visible()
