"""The guide, whole: from an empty console and a delimited file to a service account signed in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.browser import Visitor
from tests.mail.post_office import PostOffice, open_post_office
from tests.setup.running import Running, serving, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
PASSWORD = "a walk through the whole guide"
KEPT = {"id", "name", "e-mail"}
ROW = "SA-001,audit01,audit-team@company.com,Automate monthly audit report"
MAPPINGS = {
    "SailPoint User Name": "name",
    "Work Email": "e-mail",
    "Last Name": "name",
    "First Name": "name",
}
ADMINISTRATOR = {
    "STEWARD_ADMIN_USERNAME": "ada",
    "STEWARD_ADMIN_EMAIL": "ada@example.com",
    "STEWARD_ADMIN_PASSWORD": "correct horse battery staple",
}


@pytest.fixture(scope="module")
def office() -> Iterator[PostOffice]:
    with open_post_office() as opened:
        yield opened


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, office: PostOffice) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("guide") / "data"
    with serving(folder, EMAIL_URL=office.url, **ADMINISTRATOR) as found:
        yield found


def test_from_the_empty_console_to_audit01_signed_in(
    browser: Browser, running: Running, office: PostOffice, tmp_path: Path
) -> None:
    ada = Visitor(browser, running.url)
    ada.sign_in("ada", ADMINISTRATOR["STEWARD_ADMIN_PASSWORD"])
    make_the_source(ada)
    shape_the_schema(ada)
    import_the_accounts(ada, add_a_row(download_the_template(ada, tmp_path)))
    make_the_source_authoritative(ada)
    map_the_attributes(ada)
    apply_the_changes(ada)
    invite_audit01(ada)
    audit01 = Visitor(browser, running.url)
    register(audit01, the_link_that_arrived(office))
    audit01.sign_in("audit01", PASSWORD)
    see_oneself(audit01)


def make_the_source(ada: Visitor) -> None:
    page = ada.page
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Sources").click()
    page.get_by_role("link", name="New Source").first.click()
    page.get_by_label("Name", exact=True).fill("Service Accounts")
    page.get_by_role("radio", name="People").check()
    ada.assert_accessible()
    page.get_by_role("button", name="Create source").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Service Accounts")
    expect(page.get_by_text("Source config is incomplete. Please add accounts.")).to_be_visible()


def shape_the_schema(ada: Visitor) -> None:
    """The schema of the guide: four attributes of the ten that a new source has."""
    page = ada.page
    page.get_by_role("link", name="Account Schema").click()
    expect(page.get_by_text("10 attributes in all")).to_be_visible()
    ada.assert_accessible()
    for name in page.locator("tbody th a").all_inner_texts():
        if name not in KEPT:
            page.get_by_role("button", name=f"Actions for {name}").click()
            page.get_by_role("link", name="Remove").locator("visible=true").click()
            page.get_by_role("button", name="Remove attribute").click()
    page.get_by_role("link", name="Add New Attribute").click()
    page.get_by_label("Attribute Name").fill("purpose")
    page.get_by_label("Description").fill("A brief description of the purpose")
    page.locator("main form button[type=submit]").click()
    expect(page.locator("tbody th a")).to_have_text(["id", "name", "e-mail", "purpose"])


def download_the_template(ada: Visitor, folder: Path) -> Path:
    page = ada.page
    page.get_by_role("link", name="Import Accounts").click()
    expect(page.get_by_text("No Activity.")).to_be_visible()
    ada.assert_accessible()
    with page.expect_download() as found:
        page.get_by_role("link", name="Download").click()
    path = folder / found.value.suggested_filename
    found.value.save_as(path)
    return path


def add_a_row(template: Path) -> Path:
    header = template.read_text(encoding="utf-8-sig")
    assert header.splitlines() == ["id,name,e-mail,purpose"]
    template.write_text(f"{header.splitlines()[0]}\n{ROW}\n")
    return template


def import_the_accounts(ada: Visitor, file: Path) -> None:
    page = ada.page
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("Waiting for confirmation")).to_be_visible()
    ada.assert_accessible()
    page.locator("main form button.primary").click()
    expect(page.get_by_text("1 account imported")).to_be_visible()
    ada.assert_accessible()


def make_the_source_authoritative(ada: Visitor) -> None:
    page = ada.page
    page.get_by_role("link", name="Identity profiles").click()
    page.get_by_role("link", name="Create New Identity Profile").first.click()
    page.get_by_label("Name", exact=True).fill("Service Accounts")
    page.get_by_label("Account Source").select_option(label="Service Accounts")
    page.get_by_role("radio", name="Service accounts").check()
    ada.assert_accessible()
    page.get_by_role("button", name="Create identity profile").click()
    expect(page.get_by_text("Map its attributes next")).to_be_visible()


def map_the_attributes(ada: Visitor) -> None:
    page = ada.page
    for attribute, column in MAPPINGS.items():
        page.get_by_label(f"Attribute for {attribute}").select_option(column)
    page.get_by_label("Identity attribute to add").select_option(label="Purpose")
    page.get_by_role("button", name="Add mapping").click()
    page.get_by_label("Attribute for Purpose").select_option("purpose")
    preview = page.locator("#preview")
    expect(preview.get_by_text("Automate monthly audit report")).to_be_visible()
    ada.assert_accessible()
    page.get_by_role("button", name="Save", exact=True).click()
    bar = page.get_by_text("Recent changes need to be applied through identity processing")
    expect(bar).to_be_visible()


def apply_the_changes(ada: Visitor) -> None:
    page = ada.page
    page.get_by_role("button", name="Apply Changes").click()
    page.get_by_role("button", name="Apply: create 1").click()
    expect(page.get_by_text("1 identity created")).to_be_visible()
    ada.assert_accessible()


def invite_audit01(ada: Visitor) -> None:
    page = ada.page
    page.get_by_role("link", name="Identities", exact=True).click()
    page.locator("main").get_by_role("searchbox").fill("audit01")
    expect(page.get_by_text("1 in all")).to_be_visible()
    ada.assert_accessible()
    page.get_by_role("button", name="Actions for audit01").click()
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_role("status").or_(page.get_by_role("alert")).first).to_be_visible()


def the_link_that_arrived(office: PostOffice) -> str:
    wait_until(lambda: office.received)
    [(recipients, message)] = office.received
    text = message.get_content()
    assert recipients == ["audit-team@company.com"]
    assert "audit01" in text, "The mail names the account: many may share an address."
    found = re.search(r"http://\S+/register/\S+", text)
    assert found, text
    return found.group()


def register(audit01: Visitor, link: str) -> None:
    page = audit01.page
    page.goto(link)
    audit01.assert_accessible()
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(lambda url: "/register/" not in url)


def see_oneself(audit01: Visitor) -> None:
    """A new service account has the basic user level: it sees itself, and no list of others."""
    page = audit01.page
    expect(page.get_by_role("link", name="Service accounts").first).to_be_visible()
    assert page.get_by_role("link", name="Identities", exact=True).count() == 0
    assert page.goto("/identities/").status == 403  # type: ignore[union-attr]
