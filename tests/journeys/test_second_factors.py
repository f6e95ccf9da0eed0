"""Second factors in a real browser: app, codes, and a passkey in a virtual authenticator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.browser import Visitor
from tests.second_factors.apps import code, secret_on
from tests.setup.running import Running, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
PASSWORD = "correct horse battery staple"
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """An instance with a name, since browsers know no passkeys of bare addresses."""
    administrator = {"USERNAME": "ada", "EMAIL": "ada@example.com", "PASSWORD": PASSWORD}
    variables = {f"STEWARD_ADMIN_{name}": value for name, value in administrator.items()}
    with serving(tmp_path_factory.mktemp("mfa") / "data", HOST="localhost", **variables) as found:
        found.url = f"http://localhost:{found.port}"
        yield found


def with_authenticator(visitor: Visitor) -> Any:
    """A phone or security key that always unlocks; answers the session of the protocol."""
    protocol = visitor.context.new_cdp_session(visitor.page)
    protocol.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    protocol.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return protocol


def hold_to_both_widths(visitor: Visitor) -> None:
    for size in (PHONE, {"width": 1440, "height": 900}):
        visitor.page.set_viewport_size(size)  # type: ignore[arg-type]
        visitor.assert_accessible()
        visitor.assert_fits()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="ada").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()


def first_step(page: Page) -> None:
    page.goto("/sign-in/")
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()


def test_app_passkey_and_the_tenants_rule(browser: Browser, running: Running) -> None:
    visitor = Visitor(browser, running.url)
    page = visitor.page
    with_authenticator(visitor)
    page.goto("/sign-in/")
    hold_to_both_widths(visitor)
    visitor.sign_in("ada", PASSWORD)

    secret = set_up_an_app(visitor)
    add_a_passkey(visitor)
    sign_out(page)

    first_step(page)
    hold_to_both_widths(visitor)
    page.get_by_label("Code").fill("000000")
    page.get_by_label("Code").press("Enter")
    expect(page.get_by_text("This code is not right").first).to_be_visible()
    visitor.assert_accessible()
    page.get_by_label("Code").fill(code(secret))
    page.get_by_label("Code").press("Enter")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    sign_out(page)

    first_step(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    sign_out(page)

    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    ask_it_of_administrators(visitor)
    page.goto("/profile/sessions/")
    hold_to_both_widths(visitor)
    remove_the_app(visitor)
    the_session_warns(visitor)


def set_up_an_app(visitor: Visitor) -> str:
    page = visitor.page
    page.goto("/profile/second-factors/")
    hold_to_both_widths(visitor)
    page.get_by_role("link", name="Set up an app").click()
    page.get_by_text("No camera? Type the secret").click()
    hold_to_both_widths(visitor)
    page.wait_for_load_state()
    secret = secret_on(page.content())
    page.get_by_label("Code of the app").fill(code(secret, steps=-1))
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    hold_to_both_widths(visitor)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "steward-recovery-codes-ada.txt"
    page.get_by_label("I have stored the codes").check()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_text("10 codes are left")).to_be_visible()
    return secret


def add_a_passkey(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_role("link", name="Add a passkey").click()
    hold_to_both_widths(visitor)
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_text("The passkey is added.")).to_be_visible()
    expect(page.get_by_role("rowheader", name="Laptop")).to_be_visible()
    hold_to_both_widths(visitor)


def ask_it_of_administrators(visitor: Visitor) -> None:
    page = visitor.page
    page.goto("/tenant-settings/sign-in/")
    page.get_by_label("Administrators").check()
    hold_to_both_widths(visitor)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The rules of sign-in are saved.")).to_be_visible()


def remove_the_app(visitor: Visitor) -> None:
    page = visitor.page
    page.goto("/profile/second-factors/")
    page.get_by_role("link", name="Remove Authenticator app").click()
    hold_to_both_widths(visitor)
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Authenticator app is removed.")).to_be_visible()


def test_a_passkey_of_another_device_is_refused(browser: Browser, running: Running) -> None:
    """Nothing but a passkey that was registered signs anybody in."""
    visitor = Visitor(browser, running.url)
    page = visitor.page
    page.goto("/sign-in/")
    answer = page.evaluate(
        """async () => {
          const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
          const client = {type: "webauthn.get", challenge: "AAAA", origin: location.origin};
          const response = {clientDataJSON: btoa(JSON.stringify(client)),
            authenticatorData: "AAAA", signature: "AAAA", userHandle: "AAAA"};
          const made = {id: "AAAA", rawId: "AAAA", type: "public-key", response};
          const body = new URLSearchParams({
            csrfmiddlewaretoken: token, credential: JSON.stringify(made)});
          return (await fetch("/sign-in/passkey/", {method: "POST", body})).text();
        }"""
    )
    assert "This passkey was not accepted." in answer
    page.goto("/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def the_session_warns(visitor: Visitor) -> None:
    """By the clock of the browser, which is set forward; the server's stands."""
    page = visitor.page
    page.clock.install()
    page.goto("/profile/")
    warning = page.get_by_role("dialog", name="You will be signed out soon")
    page.clock.fast_forward("27:50")
    expect(warning).to_be_hidden()
    page.clock.fast_forward("00:15")
    expect(warning).to_be_visible()
    visitor.assert_accessible()
    page.get_by_role("button", name="Stay signed in").click()
    expect(warning).to_be_hidden()
    page.clock.fast_forward("30:10")
    over = page.get_by_role("dialog", name="Your session has ended")
    expect(over).to_be_visible()
    page.get_by_role("button", name="Close").click()
    expect(over).to_be_hidden()
