"""The editor of transforms in a real browser: the tester follows, and Enter saves nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from console.management.demo.cast import PASSWORD
from tests.journeys.browser import Visitor
from tests.setup.prepared import lay_out_demo
from tests.setup.running import Running, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

PAGES = (
    "/transforms/",
    "/transforms/?q=zzz",
    "/transforms/new/?type=lookup",
    "/transforms/types/",
    "/transforms/types/?q=regular",
    "/transforms/import/",
    "/identity-attributes/",
    "/identity-attributes/new/",
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data_dir = tmp_path_factory.mktemp("transforms") / "data"
    lay_out_demo(data_dir)
    with serving(data_dir) as found:
        yield found


@pytest.fixture
def ada(browser: Browser, running: Running) -> Visitor:
    found = Visitor(browser, running.url)
    found.sign_in("ada", PASSWORD)
    return found


def test_every_page_is_accessible_and_fits(ada: Visitor) -> None:
    for address in PAGES:
        ada.page.set_viewport_size({"width": 1440, "height": 900})
        ada.page.goto(address)
        ada.assert_accessible()
        ada.page.set_viewport_size({"width": 390, "height": 844})
        ada.assert_fits()


def test_the_tester_follows_while_one_types(ada: Visitor) -> None:
    page = ada.page
    page.goto("/transforms/new/?type=upper")
    page.get_by_label("Values typed here").check()
    page.get_by_label("Input").fill("steward")
    expect(page.locator("#trial pre").first).to_have_text("STEWARD")
    expect(page.locator("#trial-said")).to_have_text("Value: STEWARD")

    definition = page.get_by_label("Definition")
    definition.fill('{"name": "Loud", "type": "upper", "attributes": {"inputs": 1}}')
    expect(page.locator("#trial")).to_contain_text("“upper” has no such attribute")
    ada.assert_accessible()

    definition.fill('{"name": "Loud", "type": "upper", "attributes": {}}')
    page.get_by_label("Input").press("Enter")
    expect(page.locator("#trial pre").first).to_have_text("STEWARD")
    expect(page.get_by_role("heading", level=1)).to_have_text("New Transform")
    page.get_by_role("button", name="Add Transform").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Loud")


def test_an_import_shows_its_plan_first(ada: Visitor) -> None:
    page = ada.page
    page.goto("/transforms/import/")
    page.get_by_label("Or paste it").fill('[{"name": "Quiet", "type": "lower", "attributes": {}}]')
    page.get_by_role("button", name="Show the plan").click()
    page.get_by_text("Quiet lower").click()
    ada.assert_accessible()
    ada.assert_fits()
    page.get_by_role("button", name="Add 1 transform").click()
    expect(page.get_by_text("1 transform is added")).to_be_visible()
