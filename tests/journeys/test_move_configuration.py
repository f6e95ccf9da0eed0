"""Configuration from one running Steward to another, in a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from console.management.demo.cast import PASSWORD
from tests.journeys.browser import Visitor
from tests.setup.prepared import lay_out_demo
from tests.setup.running import Running, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data_dir = tmp_path_factory.mktemp("bundles") / "data"
    lay_out_demo(data_dir)
    with serving(data_dir) as found:
        yield found


@pytest.fixture
def ada(browser: Browser, running: Running) -> Visitor:
    found = Visitor(browser, running.url)
    found.sign_in("ada", PASSWORD)
    return found


def look(visitor: Visitor) -> None:
    """Hold a page to both widths and themes."""
    for width, height in ((1440, 900), (390, 844)):
        visitor.page.set_viewport_size({"width": width, "height": height})
        visitor.assert_accessible()
        visitor.assert_fits()
    visitor.page.set_viewport_size({"width": 1440, "height": 900})


def show_plan(page: Page, text: str) -> None:
    page.goto("/tenant-settings/bundles/")
    page.get_by_label("Or paste it").fill(text)
    page.get_by_role("button", name="Show the plan").click()


def test_a_bundle_is_exported_planned_and_imported(ada: Visitor) -> None:
    page = ada.page
    page.goto("/tenant-settings/")
    page.get_by_role("link", name="Move configuration").first.click()
    look(ada)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export configuration").click()
    text = download.value.path().read_text("utf-8")

    show_plan(page, text)
    expect(page.get_by_text("There is nothing to import")).to_be_visible()
    look(ada)

    document = json.loads(text)
    source, profile = document["sources"][0], document["identity_profiles"][0]
    source["delete_threshold_percent"] = 37
    profile["mappings"][1]["source_attribute"] = profile["mappings"][0]["source_attribute"]
    document["identity_attributes"] += [{"name": "badge", "label": "Badge number"}]
    document["sources"] += [source | {"name": "Second", "owner": "nobody.here"}]
    changed = json.dumps(document)
    show_plan(page, changed)
    look(ada)
    page.get_by_role("button", name="Import 4 differences").click()
    expect(page.get_by_text("The configuration is imported: 2 created, 2 changed.")).to_be_visible()
    look(ada)
    show_plan(page, changed)
    expect(page.get_by_text("There is nothing to import")).to_be_visible()


def test_problems_and_refusals_say_what_to_do(ada: Visitor) -> None:
    head = {"format": "steward.configuration", "version": 1}
    transform = {"type": "upper", "requiresPeriodicRefresh": False, "attributes": {}}
    broken = [transform | {"name": "Wrong", "type": "python"}, transform | {"name": "Fine"}]
    show_plan(ada.page, json.dumps(head | {"transforms": broken}))
    expect(ada.page.get_by_text("This bundle cannot be imported as it is")).to_be_visible()
    look(ada)

    secret = transform | {"name": "Key", "attributes": {"value": "steward_pat_abcdef"}}
    show_plan(ada.page, json.dumps(head | {"transforms": [secret]}))
    expect(ada.page.get_by_text("Secrets never travel").first).to_be_visible()
    look(ada)
