"""A directory in a real browser: found out what is wrong, read, scheduled, and read by itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests import openldap
from tests.directories.certificates import Authority, make_authority
from tests.directories.reading import SERVICES, person, services
from tests.journeys.browser import Visitor
from tests.openldap import READER_DN, READER_PASSWORD, Directory
from tests.setup.running import Running, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
PASSWORD = "correct horse battery staple"
ADMINISTRATOR = {
    "STEWARD_ADMIN_USERNAME": "ada",
    "STEWARD_ADMIN_EMAIL": "ada@example.com",
    "STEWARD_ADMIN_PASSWORD": PASSWORD,
}


@pytest.fixture(scope="module")
def authority() -> Authority:
    return make_authority("Authority of the example")


@pytest.fixture(scope="module")
def directory(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority
) -> Iterator[Directory]:
    folder = tmp_path_factory.mktemp("openldap")
    certificates = authority.issue(folder / "tls", "localhost")
    with openldap.directory(folder / "server", services(60), certificates=certificates) as found:
        yield found


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("directory") / "data", **ADMINISTRATOR) as found:
        yield found


def test_from_the_directory_to_accounts_that_keep_themselves(
    browser: Browser, running: Running, directory: Directory, authority: Authority
) -> None:
    ada = Visitor(browser, running.url)
    ada.sign_in("ada", PASSWORD)
    make_the_source(ada, directory, authority.pem)
    discover_an_attribute(ada)
    aggregate(ada)
    keep_it_up(ada, directory)


def make_the_source(ada: Visitor, directory: Directory, ca: str) -> None:
    page = ada.page
    page.goto("/sources/new/")
    page.get_by_role("link", name="LDAP / Active Directory").click()
    page.get_by_label("Name", exact=True).fill("Directory")
    page.get_by_label("Host").fill("localhost")
    page.get_by_label("Port").fill(str(directory.tls_port))
    page.get_by_label("Bind DN").fill(READER_DN)
    page.get_by_label("Base DN").fill(SERVICES)
    page.get_by_label("Password").fill(READER_PASSWORD)
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text("not signed by an authority that is trusted").first).to_be_visible()
    looked_at(ada)
    page.get_by_label("CA certificate").fill(ca)
    page.get_by_label("Password").fill(READER_PASSWORD)
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text("The connection works")).to_be_visible()
    looked_at(ada)
    page.get_by_label("Password").fill(READER_PASSWORD)
    page.get_by_role("button", name="Create source").click()
    expect(page.get_by_text("The source Directory is created.")).to_be_visible()


def discover_an_attribute(ada: Visitor) -> None:
    page = ada.page
    page.get_by_role("button", name="Actions for the account schema").click()
    page.get_by_role("button", name="Discover Schema").click()
    expect(page.get_by_label("createTimestamp")).to_be_visible()
    looked_at(ada)
    page.get_by_label("createTimestamp").check()
    page.get_by_role("button", name="Add attributes").click()
    expect(page.get_by_text("1 attribute is added.")).to_be_visible()


def aggregate(ada: Visitor) -> None:
    page = ada.page
    page.get_by_role("link", name="Import Accounts").first.click()
    page.get_by_role("button", name="Start aggregation").click()
    page.get_by_role("button", name="Import: add 60").click(timeout=60_000)
    expect(page.get_by_text("60 accounts imported").first).to_be_visible(timeout=60_000)
    looked_at(ada)


def keep_it_up(ada: Visitor, directory: Directory) -> None:
    page = ada.page
    page.get_by_role("link", name="Import Accounts").first.click()
    page.get_by_label("At set times of the day").check()
    page.get_by_role("button", name="Save schedule").click()
    expect(page.get_by_text("The schedule is saved.")).to_be_visible()
    looked_at(ada)
    address = page.url
    directory.add(person("newcomer"))
    page.goto("/jobs/scheduled/")
    looked_at(ada)
    page.get_by_role("button", name="Run now: Aggregation of Directory").click()
    for _attempt in range(30):
        page.goto(address)
        if page.get_by_role("link", name="Done: 1 account imported").count():
            return
        page.wait_for_timeout(1000)
    raise AssertionError(page.locator("#schedule").inner_text())


def looked_at(ada: Visitor) -> None:
    ada.assert_accessible()
    for width in (390, 1440):
        ada.page.set_viewport_size({"width": width, "height": 900})
        ada.assert_fits()
