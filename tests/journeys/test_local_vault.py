"""A local vault from the first trusted session on: made, filled, read in three browsers. Nothing
of it is in the files of the server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from console.management.demo.cast import PASSWORD
from tests.journeys.browser import Visitor
from tests.setup.prepared import lay_out_demo
from tests.setup.running import Running, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

SECRET = "Planted-Secret-47"
REPLACED = "Planted-Secret-48"
NOTES = "planted notes about the blue door"
KEY = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data_dir = tmp_path_factory.mktemp("local") / "data"
    lay_out_demo(data_dir)
    with serving(data_dir) as found:
        yield found


def visitor(browser: Browser, running: Running) -> Visitor:
    found = Visitor(browser, running.url)
    found.sign_in("ada", PASSWORD)
    return found


def looked_at(visitor: Visitor) -> None:
    visitor.page.set_viewport_size({"width": 1440, "height": 900})
    visitor.assert_accessible()
    visitor.page.set_viewport_size({"width": 390, "height": 844})
    visitor.assert_fits()
    visitor.page.set_viewport_size({"width": 1440, "height": 900})


def mailed_code(data_dir: Path) -> str:
    codes = [
        (mail.stat().st_mtime_ns, found[1])
        for mail in (data_dir / "outbox").iterdir()
        if (found := re.search(r"your code is (\d{6})", mail.read_text("utf-8")))
    ]
    return max(codes)[1]


def digits(visitor: Visitor) -> str:
    shown = visitor.page.locator("[data-fingerprint-of]")
    expect(shown).to_have_text(re.compile(r"^(\d{4} ?){6}$"))
    return shown.inner_text()


def ask_for_trust(visitor: Visitor, device: str) -> None:
    page = visitor.page
    page.goto("/vault/trusted-sessions/new/")
    page.get_by_label("Name of this device").fill(device)
    looked_at(visitor)
    page.get_by_role("button", name="Trust this browser").click()


def revealed(visitor: Visitor, label: str) -> str:
    page = visitor.page
    page.goto("/vault/")
    page.get_by_role("link", name=label).click()
    page.get_by_role("button", name="Show or copy the password").click()
    page.get_by_text("Reveal", exact=True).click()
    expect(page.locator("#local-value")).to_be_visible()
    return page.locator("#local-value").inner_text()


def nothing_of_it_is_kept(data_dir: Path) -> None:
    for path in [*data_dir.rglob("*"), data_dir.parent / f"{data_dir.name}.log"]:
        if path.is_file():
            raw = path.read_bytes()
            for planted in (SECRET, REPLACED, NOTES, KEY):
                assert planted.encode() not in raw, path


def test_a_local_vault_in_three_browsers(browser: Browser, running: Running) -> None:
    first = visitor(browser, running)
    page = first.page
    page.goto("/vault/trusted-sessions/")
    looked_at(first)
    ask_for_trust(first, "Laptop")
    expect(page.get_by_text("A code was mailed to")).to_be_visible()
    digits(first)
    looked_at(first)
    page.get_by_label("Code from the mail").fill("000000")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("This code is wrong").first).to_be_visible()
    page.get_by_label("Code from the mail").fill(mailed_code(running.data_dir))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("This browser is a trusted session now.")).to_be_visible()
    looked_at(first)

    paper = make_recovery_key(first)
    make_vault(first)
    make_item(first)
    assert revealed(first, "Blue door") == SECRET
    looked_at(first)
    page.get_by_role("link", name="Done").click()
    assert SECRET not in page.content()
    authenticator_and_codes(first)

    second = visitor(browser, running)
    approved_by(first, second)
    assert revealed(second, "Blue door") == SECRET
    replace_password(second)
    assert revealed(first, "Blue door") == REPLACED

    third = visitor(browser, running)
    recovered(third, paper)
    assert revealed(third, "Blue door") == REPLACED
    removed_and_rotated(first, second)
    assert revealed(third, "Blue door") == SECRET
    nothing_of_it_is_kept(running.data_dir)
    assert not first.complaints + third.complaints


def make_recovery_key(visitor: Visitor) -> str:
    page = visitor.page
    page.get_by_role("link", name="Make a recovery key").click()
    shown = page.locator("#recovery-paper")
    expect(shown).to_have_text(re.compile(r"^([0-9A-Z]{5}-?){8}$"))
    discarded = shown.inner_text()
    page.get_by_role("button", name="Discard and make another").click()
    expect(shown).not_to_have_text(discarded)
    looked_at(visitor)
    paper = shown.inner_text()
    page.get_by_label("Yes, I wrote this down").check()
    page.get_by_role("button", name="Put in force").click()
    expect(page.get_by_text("The recovery key is in force.")).to_be_visible()
    return paper


def make_vault(visitor: Visitor) -> None:
    page = visitor.page
    page.goto("/vault/vaults/")
    page.get_by_role("link", name="New local vault").click()
    page.get_by_label("Name").fill("Board")
    looked_at(visitor)
    page.get_by_role("button", name="Add local vault").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Board")
    expect(page.get_by_text("Has the key")).to_be_visible()
    looked_at(visitor)


def make_item(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_role("link", name="Add account").click()
    page.get_by_role("link", name="Add Individual account").click()
    page.get_by_label("Account label").fill("Blue door")
    page.get_by_label("App name or URL").fill("Slack")
    page.get_by_role("button", name="Generate").click()
    assert len(page.get_by_label("Password", exact=True).input_value()) == 20
    page.get_by_label("Password", exact=True).fill(SECRET)
    page.get_by_label("Notes").fill(NOTES)
    looked_at(visitor)
    page.get_by_role("button", name="Add account").click()
    expect(page.get_by_text("The account “Blue door” is added.")).to_be_visible()
    looked_at(visitor)


def authenticator_and_codes(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_role("link", name="Set as MFA").click()
    page.get_by_label("Secret key").fill("not a key!")
    page.get_by_role("button", name="Encrypt and store").click()
    expect(page.get_by_text("Paste the secret key that the application shows")).to_be_visible()
    page.get_by_label("Secret key").fill(KEY)
    looked_at(visitor)
    page.get_by_role("button", name="Encrypt and store").click()
    page.get_by_role("button", name="Show the code").click()
    expect(page.locator("#local-value")).to_have_text(re.compile(r"^\d{6}$"))
    looked_at(visitor)
    page.get_by_role("link", name="Done").click()
    page.get_by_role("link", name="Add codes").click()
    page.get_by_label("Backup codes").fill("11112222\n33334444")
    page.get_by_role("button", name="Encrypt and store").click()
    page.get_by_role("button", name="Show and strike out 2").click()
    expect(page.locator("#local-value")).to_have_text("33334444")
    page.get_by_role("link", name="Done").click()
    expect(page.locator("s")).to_have_text("Code 2")
    page.get_by_role("button", name="Show the notes").click()
    expect(page.locator("#local-value")).to_have_text(NOTES)
    page.get_by_role("link", name="Done").click()


def approved_by(first: Visitor, second: Visitor) -> None:
    ask_for_trust(second, "Phone")
    expect(second.page.get_by_text("It waits for approval")).to_be_visible()
    shown = digits(second)
    looked_at(second)
    first.page.goto("/vault/trusted-sessions/")
    looked_at(first)
    first.page.get_by_role("link", name="Approve").click()
    assert digits(first) == shown
    looked_at(first)
    first.page.get_by_role("button", name="Approve").click()
    expect(first.page.get_by_text("Compare the digits, then tick")).to_be_visible()
    first.page.get_by_label("The new browser shows the same 24 digits").check()
    first.page.get_by_role("button", name="Approve").click()
    expect(first.page.get_by_text("is a trusted session now.")).to_be_visible()
    second.page.reload()
    expect(second.page.get_by_text("This session is trusted")).to_be_visible()


def replace_password(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_role("link", name="Done").click()
    page.get_by_role("link", name="Replace the password").click()
    page.get_by_label("Password", exact=True).fill(REPLACED)
    looked_at(visitor)
    page.get_by_role("button", name="Encrypt and store").click()
    expect(page.get_by_text("as your browser encrypted it")).to_be_visible()
    page.get_by_role("link", name="Settings", exact=True).click()
    page.locator("#history").get_by_role("button", name="Show").click()
    page.get_by_text("Reveal", exact=True).click()
    expect(page.locator("#local-value")).to_have_text(SECRET)


def recovered(visitor: Visitor, paper: str) -> None:
    ask_for_trust(visitor, "New laptop")
    page = visitor.page
    page.get_by_label("Recovery key").fill(paper[:-1] + ("2" if paper[-1] != "2" else "3"))
    page.get_by_role("button", name="Use the recovery key").click()
    expect(page.get_by_text("the check sum does not fit")).to_be_visible()
    page.get_by_label("Recovery key").fill(paper.lower())
    looked_at(visitor)
    page.get_by_role("button", name="Use the recovery key").click()
    expect(page.get_by_text("This browser is a trusted session now.")).to_be_visible()


def removed_and_rotated(first: Visitor, second: Visitor) -> None:
    page = first.page
    page.goto("/vault/trusted-sessions/")
    page.get_by_role("link", name=re.compile(r"Remove \[ada\]\[Phone\]")).click()
    looked_at(first)
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("is never trusted again").first).to_be_visible()
    second.page.goto("/vault/")
    second.page.get_by_role("link", name="Blue door").click()
    expect(second.page.get_by_text("Locked")).to_be_visible()
    second.page.get_by_role("link", name="Unlock with this browser").click()
    expect(second.page.get_by_text("This browser is no trusted session of yours")).to_be_visible()
    looked_at(second)

    page.goto("/vault/")
    page.get_by_role("link", name="Blue door").click()
    page.get_by_role("link", name="Replace the password").click()
    page.get_by_label("Password", exact=True).fill(SECRET)
    page.get_by_role("button", name="Encrypt and store").click()
    expect(page.get_by_text("as your browser encrypted it")).to_be_visible()
    assert revealed(first, "Blue door") == SECRET
