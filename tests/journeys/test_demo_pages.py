"""Every page of a full tenant: accessible in both themes, quiet, and no wider than a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from console.management.demo.cast import PASSWORD
from tests.journeys.browser import Visitor
from tests.setup.prepared import lay_out_demo
from tests.setup.running import Running, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
ROWS = ".table.events > tbody > tr"

PAGES = (
    "/",
    "/service-accounts/",
    "/service-accounts/new/",
    "/identities/",
    "/identities/new/",
    "/audit/",
    "/audit/?action=but-issued&outcome=refused&period=30d",
    "/audit/?since=2026-11-02&until=2026-11-01",
    "/audit/?actor=nobody",
    "/search/",
    "/search/?q=o",
    "/search/?q=nothing-of-this-name",
    "/tenant-settings/",
    "/tenant-settings/global/",
    "/tenant-settings/global/signing-key/",
    "/tenant-settings/scopes/",
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data_dir = tmp_path_factory.mktemp("demo") / "data"
    lay_out_demo(data_dir)
    with serving(data_dir) as found:
        yield found


def visitor(browser: Browser, running: Running, user_name: str) -> Visitor:
    # without motion: axe must not see a colour on its way from one theme to the other
    found = Visitor(browser, running.url, reduced_motion="reduce")
    found.sign_in(user_name, PASSWORD)
    return found


def look(who: Visitor, address: str) -> None:
    answer = who.page.goto(address)
    assert answer is not None
    assert answer.status == 200, address
    who.assert_accessible()
    who.assert_fits()
    who.page.set_viewport_size({"width": 390, "height": 844})
    who.assert_fits()
    who.page.set_viewport_size({"width": 1440, "height": 900})


def linked(page: Page, address: str, text: str) -> str:
    """Where a link of a page leads."""
    page.goto(address)
    return page.get_by_role("link", name=text, exact=True).first.get_attribute("href") or ""


def test_every_list_and_form_of_an_administrator(browser: Browser, running: Running) -> None:
    ada = visitor(browser, running, "ada")
    for address in PAGES:
        look(ada, address)


@pytest.mark.parametrize("address", ["/identities/", "/service-accounts/"])
def test_ticked_rows_of_a_phone_stay_within_reach(
    browser: Browser, running: Running, address: str
) -> None:
    """The bar with what can be done to them lies over other rows, but comes near no button."""
    ada = visitor(browser, running, "ada")
    ada.page.set_viewport_size({"width": 390, "height": 844})
    ada.page.goto(address)
    boxes = ada.page.locator("input[name=selected]")
    for number in range(3):
        boxes.nth(number).check()
    for place in ("0", "scrollY + 40", "scrollY + 40", "scrollY + 40"):
        ada.page.evaluate(f"window.scrollTo(0, {place})")
        ada.assert_accessible()
    ada.page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    last, bar = boxes.last.locator("xpath=ancestor::tr"), ada.page.locator(".bulk-bar")
    below, above = last.bounding_box(), bar.bounding_box()
    assert below is not None
    assert above is not None
    assert below["y"] + below["height"] <= above["y"]
    ada.assert_fits()


def test_every_page_of_one_account_person_and_event(browser: Browser, running: Running) -> None:
    ada = visitor(browser, running, "ada")
    account = linked(ada.page, "/service-accounts/", "esv-pipeline")
    person = linked(ada.page, "/identities/", "Otto Berger")
    ada.page.goto("/audit/?action=service_account.edited")
    event = ada.page.locator("tbody a").first.get_attribute("href") or ""
    of_account = [f"{account}{part}" for part in ("", "keys/", "scopes/", "activity/")]
    forms = [f"{account}{part}" for part in ("edit/", "regenerate-key/", "delete/", "disable/")]
    for address in (*of_account, *forms, person, event):
        look(ada, address)


def test_the_first_page_of_everybody_else(browser: Browser, running: Running) -> None:
    for user_name in ("vera", "otto", "mallory"):
        who = visitor(browser, running, user_name)
        look(who, "/")
        look(who, "/service-accounts/")


def test_the_open_tab_begins_in_sight_on_a_phone(browser: Browser, running: Running) -> None:
    ada = visitor(browser, running, "ada")
    address = linked(ada.page, "/identity-profiles/", "Service Accounts")
    ada.page.set_viewport_size({"width": 390, "height": 844})
    for part in ("", "exceptions/", "history/"):
        ada.page.goto(f"{address}{part}")
        box = ada.page.locator(".tabs > [aria-current]").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        ada.assert_fits()


def test_an_event_opens_by_keyboard_alone(browser: Browser, running: Running) -> None:
    vera = visitor(browser, running, "vera")
    vera.page.goto("/audit/?action=service_account.edited")
    summary = vera.page.locator("details.event > summary").first
    summary.focus()
    vera.page.keyboard.press("Enter")
    expect(vera.page.locator(".event[open] :is(ins, del)").first).to_be_visible()
    vera.assert_accessible()


def test_the_list_follows_the_filter_and_so_does_the_export(
    browser: Browser, running: Running
) -> None:
    vera = visitor(browser, running, "vera")
    page = vera.page
    page.goto("/audit/")
    everything = page.locator(ROWS).count()
    page.get_by_label("Event", exact=True).select_option("service_account.edited")
    page.wait_for_url("**action=service_account.edited**")
    edited = page.locator(ROWS).count()
    assert 0 < edited < everything
    with page.expect_download() as download:
        page.get_by_role("button", name="Export CSV").click()
    text = download.value.path().read_text("utf-8-sig")
    assert text.count("service_account.edited") == edited
    assert len(text.splitlines()) == edited + 1


def test_the_log_is_filtered_without_a_script(browser: Browser, running: Running) -> None:
    vera = Visitor(browser, running.url, java_script_enabled=False)
    vera.sign_in("vera", PASSWORD)
    vera.page.goto("/audit/")
    everything = vera.page.locator(ROWS).count()
    vera.page.get_by_label("Event", exact=True).select_option("service_account.edited")
    vera.page.get_by_role("button", name="Apply").click()
    vera.page.wait_for_url("**action=service_account.edited**")
    assert 0 < vera.page.locator(ROWS).count() < everything
    assert "Service account edited" in vera.page.locator(".filter-chip").first.inner_text()


COVERED = """() => {
    const covered = [];
    const all = [...document.querySelectorAll("main :is(a, button:enabled, input:enabled)")];
    for (const each of all.filter((found) => found.checkVisibility()).reverse()) {
        each.focus();
        const { left, top, width } = each.getBoundingClientRect();
        const above = document.elementFromPoint(left + width / 2, top + 2);
        const stuck = above?.closest(".topbar, thead, .scopes-head");
        if (stuck && !stuck.contains(each)) covered.push(each.outerHTML);
    }
    return covered;
}"""


def test_nothing_that_sticks_covers_what_takes_the_focus(
    browser: Browser, running: Running
) -> None:
    """Backwards through the page, so that each one comes in at the top."""
    ada = visitor(browser, running, "ada")
    ada.page.set_viewport_size({"width": 1440, "height": 500})
    for address in ("/service-accounts/", "/identities/", "/audit/", "/service-accounts/new/"):
        ada.page.goto(address)
        assert ada.page.evaluate(COVERED) == [], address


def test_a_tick_box_on_a_phone_is_large_enough_for_a_finger(
    browser: Browser, running: Running
) -> None:
    ada = visitor(browser, running, "ada")
    ada.page.set_viewport_size({"width": 390, "height": 844})
    for address in ("/service-accounts/", "/identities/", "/service-accounts/new/"):
        ada.page.goto(address)
        for box in ada.page.locator("main :is([type=checkbox], [type=radio]):visible").all()[:20]:
            size = box.bounding_box()
            assert size is not None
            assert min(size["width"], size["height"]) >= 24, address


def test_when_something_happened_takes_no_more_room_than_it_needs(
    browser: Browser, running: Running
) -> None:
    vera = visitor(browser, running, "vera")
    for width in (1440, 1100, 900):
        vera.page.set_viewport_size({"width": width, "height": 900})
        vera.page.goto("/audit/")
        size = vera.page.locator(f"{ROWS} > td").first.bounding_box()
        assert size is not None
        assert size["width"] <= 170, width
