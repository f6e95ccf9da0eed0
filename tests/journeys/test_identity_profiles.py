"""An identity profile, from its mappings to the identities, in a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from console.management.demo.cast import PASSWORD
from tests.journeys.browser import Visitor
from tests.setup.prepared import lay_out_demo
from tests.setup.running import Running, manage, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
FILL = """
from tests.factories.imports import bring, make_source, rows
bring(make_source("Robots"), rows("R-1,robot01,robots@company.example,Weld", "R-2,robot 02,,Paint"))
bring(make_source("Drones"), rows("D-1,drone01,drones@company.example,Fly"))
"""
FOUR = {
    "SailPoint User Name": "name",
    "Work Email": "e-mail",
    "Last Name": "name",
    "First Name": "name",
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data_dir = tmp_path_factory.mktemp("profiles") / "data"
    lay_out_demo(data_dir)
    done = manage(data_dir, "shell", "-c", FILL)
    assert done.returncode == 0, done.stderr
    with serving(data_dir) as found:
        yield found


def create(page: Page, source: str) -> None:
    """From the page of a source with accounts to its new profile."""
    page.goto("/sources/")
    page.get_by_role("link", name=source, exact=True).click()
    page.get_by_role("link", name="Create New Identity Profile").click()
    page.get_by_role("button", name="Create identity profile").click()
    expect(page.get_by_text("Map its attributes next.")).to_be_visible()


def look(who: Visitor) -> None:
    who.assert_accessible()
    who.assert_fits()
    who.page.set_viewport_size({"width": 390, "height": 844})
    who.assert_fits()
    who.page.set_viewport_size({"width": 1440, "height": 900})


def test_from_the_mappings_to_the_identities(browser: Browser, running: Running) -> None:
    ada = Visitor(browser, running.url)
    ada.sign_in("ada", PASSWORD)
    page = ada.page
    create(page, "Robots")
    for label, attribute in FOUR.items():
        page.get_by_label(f"Attribute for {label}").select_option(attribute)
    preview = page.locator("#preview")
    expect(preview).to_contain_text("No identity is made")
    page.get_by_label("Account Name or Account ID").fill("R-1")
    expect(preview).to_contain_text("A new identity, robot01.")
    expect(preview).to_contain_text("robots@company.example")
    expect(page.get_by_text("Not mapped yet")).to_be_hidden()
    page.get_by_label("Account Name or Account ID").fill("R-2")
    expect(preview).to_contain_text("No identity is made")
    expect(preview).to_contain_text("at position 6")

    page.get_by_label("Identity attribute to add").select_option("purpose")
    page.get_by_role("button", name="Add mapping").click()
    expect(page.get_by_label("Attribute for Purpose")).to_be_focused()
    page.get_by_label("Attribute for Purpose").select_option("purpose")
    expect(preview).to_contain_text("Paint")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The mappings are saved.")).to_be_visible()
    look(ada)

    page.get_by_role("button", name="Apply Changes").click()
    button = page.get_by_role("button", name="Apply: create 1")
    expect(button).to_be_visible()
    look(ada)
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 identity created")).to_be_visible()
    look(ada)
    for tab, said in (("Exceptions", "at position 6"), ("History", "1 identity created")):
        page.get_by_role("link", name=tab, exact=True).first.click()
        expect(page.get_by_text(said).first).to_be_visible()
        look(ada)
    page.goto("/service-accounts/?q=robot01")
    expect(page.get_by_role("link", name="robot01", exact=True)).to_be_visible()


def test_the_same_without_a_script(browser: Browser, running: Running) -> None:
    ada = Visitor(browser, running.url, java_script_enabled=False)
    ada.sign_in("ada", PASSWORD)
    page = ada.page
    create(page, "Drones")
    for label, attribute in FOUR.items():
        page.get_by_label(f"Attribute for {label}").select_option(attribute)
    page.get_by_role("button", name="Preview").last.click()
    expect(page.locator("#preview")).to_contain_text("A new identity, drone01.")
    page.get_by_label("Identity attribute to add").select_option("title")
    page.get_by_role("button", name="Add mapping").click()
    page.get_by_label("Attribute for Title").select_option("purpose")
    page.get_by_label("Account Name or Account ID").press("Enter")
    expect(page.locator("#preview")).to_contain_text("Fly")
    page.get_by_role("button", name="Remove the mapping of Title").click()
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_text("The mappings are saved.")).to_be_visible()
    page.get_by_role("button", name="Apply Changes").click()
    page.get_by_role("button", name="Apply: create 1").click()
    expect(page.get_by_text("1 identity created")).to_be_visible()


def test_every_other_page_of_profiles(browser: Browser, running: Running, tmp_path: Path) -> None:
    ada = Visitor(browser, running.url)
    ada.sign_in("ada", PASSWORD)
    page = ada.page
    for path in ("", "new/", "import/", "exceptions/"):
        page.goto(f"/identity-profiles/{path}")
        look(ada)
    page.goto("/identity-profiles/import/")
    export = {"name": "Taken over", "authoritativeSource": {"name": "Elsewhere"}}
    file = tmp_path / "profile.json"
    file.write_text(json.dumps(export))
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Show the plan").click()
    expect(page.get_by_text("Add these sources first: Elsewhere.")).to_be_visible()
    look(ada)
