"""Names as long as they may be, without a space, break no page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from console.management.demo.cast import PASSWORD
from tests.journeys.browser import Visitor
from tests.setup.prepared import lay_out_demo
from tests.setup.running import Running, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
ACCOUNT, PERSON = "W" * 100, "M" * 80
PAGES = ("/", "/service-accounts/", "/identities/", "/audit/", "/search/?q=WWWW")
TABLE_AND_ROOM = """() => [...document.querySelectorAll(".table-card > .table")]
    .map((table) => table.offsetWidth - table.parentElement.clientWidth)"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data_dir = tmp_path_factory.mktemp("long") / "data"
    lay_out_demo(data_dir)
    with serving(data_dir) as found:
        yield found


def test_no_column_and_no_page_grows_with_a_name(browser: Browser, running: Running) -> None:
    who = Visitor(browser, running.url, viewport={"width": 1440, "height": 900})
    who.sign_in("ada", PASSWORD)
    who.page.goto("/identities/new/")
    who.page.get_by_label("User name").fill("u" * 100)
    who.page.get_by_label("First name").fill(PERSON)
    who.page.get_by_label("E-mail").fill("e" * 60 + "@example.com")
    who.page.get_by_role("button", name="Add and invite").click()
    expect(who.page.get_by_role("heading", name=PERSON)).to_be_visible()
    who.assert_fits()
    who.page.goto("/service-accounts/new/")
    who.page.get_by_label("Name", exact=True).fill(ACCOUNT)
    who.page.get_by_label("Algorithm").select_option("P-256")
    who.page.get_by_role("button", name="Save").click()
    expect(who.page.get_by_text("Choose a scope first")).to_be_visible()
    who.assert_fits()
    who.page.get_by_label("I have stored the key").check()
    who.page.get_by_role("button", name="Done").click()
    expect(who.page.get_by_role("heading", name=ACCOUNT)).to_be_visible()
    who.assert_fits()
    for width in (1440, 1280, 390):
        who.page.set_viewport_size({"width": width, "height": 900})
        for address in PAGES:
            who.page.goto(address)
            who.assert_fits()
            assert max(who.page.evaluate(TABLE_AND_ROOM), default=0) <= 0, (address, width)
