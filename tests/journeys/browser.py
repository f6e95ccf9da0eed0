"""A real browser: Debian's Chromium, driven by Playwright, held to axe and to the console log."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    expect,
    sync_playwright,
)

CHROMIUM = ("chromium", "google-chrome", "chromium-browser")
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
MOVED_ON = ("Execution context was destroyed", "Cannot read properties of null")
"""What is said of a page that is left, or has only begun, while it is examined."""
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)
AXE_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def executable() -> str:
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    assert found, "The browser tests need a Chromium: install the package chromium."
    return found


@contextmanager
def launched() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


class Visitor:
    """One person at one browser; whatever the browser complains about is kept."""

    def __init__(self, browser: Browser, base_url: str, **options: Any) -> None:
        self.context: BrowserContext = browser.new_context(
            base_url=base_url, accept_downloads=True, **({"reduced_motion": "reduce"} | options)
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.complaints: list[str] = []
        self.page.on("console", lambda m: self._complain(m.type, m.text))
        self.page.on("pageerror", lambda error: self._complain("error", str(error)))

    def _complain(self, kind: str, text: str) -> None:
        # Chromium itself logs each answer of 4xx as an error; those are asserted where they come
        if kind in {"error", "warning"} and "Failed to load resource" not in text:
            self.complaints.append(text)

    def sign_in(self, user_name: str, password: str) -> None:
        self.page.goto("/sign-in/")
        self.page.get_by_label("User name").fill(user_name)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(lambda url: "/sign-in/" not in url)

    def assert_accessible(self) -> None:
        """Hold the page to WCAG 2.2 AA in both themes, and to a quiet console."""
        for scheme in ("light", "dark"):
            # without motion: a colour halfway between the themes would be measured
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found = self._violations()
            told = [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found]
            assert not told, f"{self.page.url} ({scheme}): {told}"
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        assert not self.complaints, self.complaints

    def _violations(self) -> list[dict[str, Any]]:
        """What axe finds; a page that moves on meanwhile is waited for and examined instead."""
        for _attempt in range(5):
            self.page.wait_for_load_state()
            try:
                found: list[dict[str, Any]] = (
                    Axe().run(self.page, options=AXE_RULES).response["violations"]
                )
            except Error as error:
                if not any(each in str(error) for each in MOVED_ON):
                    raise
                self.page.wait_for_timeout(200)
            else:
                return found
        raise AssertionError(f"{self.page.url} does not come to rest")

    def assert_fits(self) -> None:
        """Hold the page to its window: nothing is wider."""
        self.page.wait_for_load_state()
        wide = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{self.page.url} is {wide} px too wide"
