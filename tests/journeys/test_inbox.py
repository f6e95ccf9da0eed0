"""Accounts with a managed mailbox: made, written to by real mail, and their codes read out."""

from __future__ import annotations

import re
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect

from console.management.demo.cast import PASSWORD
from tests.factories.inbox import CODE, DOMAIN, letter
from tests.journeys.browser import Visitor
from tests.setup.running import PROJECT, Running, environment, free_port, manage, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data_dir = tmp_path_factory.mktemp("inbox") / "data"
    for command in ("migrate", "seed_demo"):
        done = manage(data_dir, command)
        assert done.returncode == 0, done.stderr
    with serving(data_dir) as found:
        yield found


@contextmanager
def post_office(running: Running) -> Iterator[int]:
    """Takes mail by LMTP for the instance; answers its port."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "receive_mail", f"--port={port}"],
        cwd=PROJECT,
        env=environment(running.data_dir),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        assert b"takes mail by LMTP" in process.stdout.readline()
        yield port
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.fixture
def ada(browser: Browser, running: Running) -> Visitor:
    """An administrator, who has set the domain."""
    found = Visitor(browser, running.url)
    found.sign_in("ada", PASSWORD)
    page = found.page
    page.goto("/tenant-settings/inbox/")
    page.get_by_label("Domain of managed mailboxes").fill(DOMAIN)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("is saved")).to_be_visible()
    looked_at(found)
    return found


def looked_at(visitor: Visitor) -> None:
    """Held to WCAG as it stands, and to the width of a phone."""
    visitor.page.set_viewport_size({"width": 1440, "height": 900})
    visitor.assert_accessible()
    visitor.page.set_viewport_size({"width": 390, "height": 844})
    visitor.assert_fits()
    visitor.page.set_viewport_size({"width": 1440, "height": 900})


def deliver(running: Running, address: str, raw: bytes) -> None:
    with post_office(running) as port, smtplib.LMTP("127.0.0.1", port, timeout=60) as client:
        assert client.sendmail("no-reply@slack.example", [address], raw) == {}


def test_an_individual_account_whose_code_comes_by_mail(ada: Visitor, running: Running) -> None:
    page = ada.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/vault/accounts/new/?kind=individual")
    page.get_by_label("Account label").fill("Design files")
    page.get_by_label("App name or URL").fill("Figma")
    page.get_by_label("Username").fill("ada@example.com")
    page.get_by_label("Current password").fill("typed-by-hand-1")
    page.get_by_role("button", name="Add account").click()
    checklist = page.locator("#checklist")
    expect(checklist.get_by_text("To do")).to_have_count(2)
    checklist.get_by_role("button", name="Create managed e-mail").click()
    expect(page.get_by_role("heading", name="Managed e-mail")).to_be_visible()
    address = page.locator("#mailbox code").inner_text()
    assert re.fullmatch(rf"design-files-\w{{8}}@{re.escape(DOMAIN)}", address)
    looked_at(ada)

    deliver(running, address, letter())
    page.reload()
    messages = page.locator("#arrived")
    expect(messages).to_contain_text("Confirm your address")
    expect(messages).not_to_contain_text(CODE)
    looked_at(ada)
    page.goto("/inbox/")
    looked_at(ada)
    page.get_by_role("link", name="Confirm your address").click()
    looked_at(ada)
    page.get_by_role("button", name="Show the message and its code").click()
    expect(page.locator("#message-code")).to_have_text(CODE)
    looked_at(ada)
    page.get_by_role("button", name="Copy", exact=True).first.click()
    assert page.evaluate("navigator.clipboard.readText()") == CODE
    page.get_by_role("link", name="Done").click()

    page.get_by_role("link", name="General").click()
    expect(checklist.get_by_text("To do")).to_have_count(1)
    page.get_by_role("link", name="Save an authenticator").click()
    page.get_by_label("Secret key").fill("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ")
    page.get_by_role("button", name="Save Code").click()
    expect(checklist).to_have_count(0)


def test_the_managed_address_of_a_placeholder_becomes_its_username(ada: Visitor) -> None:
    page = ada.page
    page.goto("/vault/accounts/new/?kind=placeholder")
    page.get_by_label("Account label").fill("Spring campaign")
    page.get_by_label("App name or URL").fill("Facebook")
    page.get_by_label("Username").fill("dummy")
    page.get_by_label("Current password").fill("typed-by-hand-1")
    page.get_by_role("button", name="Add account").click()
    checklist = page.locator("#checklist")
    expect(checklist.get_by_text("To do")).to_have_count(4)
    checklist.get_by_role("button", name="Create managed e-mail").click()
    address = page.locator("#mailbox code").inner_text()
    page.get_by_role("link", name="Change", exact=True).click()
    page.get_by_label("All owners", exact=True).check()
    looked_at(ada)
    page.get_by_role("button", name="Save").last.click()
    expect(page.locator("#forwarding")).to_contain_text("All owners")
    page.get_by_role("link", name="General").click()
    checklist.get_by_role("button", name="Use the managed e-mail").click()
    expect(checklist.get_by_text("To do")).to_have_count(2)
    expect(page.get_by_text(f"The username is {address} now.")).to_be_visible()
    page.get_by_role("link", name="Inbox", exact=True).last.click()
    page.get_by_role("link", name="Close the mailbox").click()
    looked_at(ada)
