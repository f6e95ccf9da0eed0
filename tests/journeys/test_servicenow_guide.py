"""ServiceNow's way of managing a service account, whole, in a real browser.

Asked for, approved by the manager, in the group whose roles give it its rights, its calls worked
out in the explorer, its GUI access taken away, and its program works on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories.people import PASSWORD
from tests.journeys.browser import Visitor
from tests.setup.running import Running, manage, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
OWN = "three ducks on a pond"
GROUP = "ServiceNow Service Accounts"
CAST = """
from tests.factories import make_person
otto, bea = make_person("otto"), make_person("bea")
otto.manager = bea
otto.save(update_fields=["manager"])
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    first = {
        "STEWARD_ADMIN_USERNAME": "ada",
        "STEWARD_ADMIN_EMAIL": "ada@example.com",
        "STEWARD_ADMIN_PASSWORD": PASSWORD,
    }
    with serving(tmp_path_factory.mktemp("guide") / "data", **first) as found:
        done = manage(found.data_dir, "shell", "-c", CAST, PORT=str(found.port))
        assert done.returncode == 0, done.stderr
        yield found


def signed_in(browser: Browser, running: Running, name: str, password: str = PASSWORD) -> Visitor:
    visitor = Visitor(browser, running.url)
    visitor.sign_in(name, password)
    return visitor


def sent(page: Page) -> str:
    """The number of the request that was made."""
    page.get_by_label("Reason").fill("The nightly export of tickets")
    page.get_by_role("button", name="Send Request").click()
    expect(page.get_by_text(re.compile("^REQ.* waits for approval"))).to_be_visible()
    return page.locator("h1").inner_text().partition(":")[0]


def approve(manager: Visitor, number: str) -> None:
    """By the count in the navigation; a link in a mail would open the same page."""
    page = manager.page
    page.goto("/")
    page.get_by_role("link", name=re.compile("^Requests")).first.click()
    page.get_by_role("link", name=re.compile(number)).first.click()
    manager.assert_accessible()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("is approved and is being carried out")).to_be_visible()


def wait_until_carried_out(page: Page, number: str) -> None:
    """As the requester, on the page of the request, which follows by itself."""
    page.goto("/requests/")
    page.get_by_role("link", name=re.compile(number)).first.click()
    expect(page.get_by_text("Carried out").first).to_be_visible(timeout=60_000)


def register(browser: Browser, running: Running, ada: Visitor, account: str) -> None:
    """The administrator gives the account a mailbox and invites it; its owner sets a password."""
    page = ada.page
    page.goto(f"/service-accounts/{account}/edit/")
    page.get_by_label("Contact e-mail").fill("export@example.com")
    page.get_by_role("button", name="Save").first.click()
    page.goto(f"/identities/{account}/")
    page.get_by_role("button", name=re.compile("^Actions")).first.click()
    page.get_by_role("button", name="Invite").first.click()
    letter = page.locator("article", has_text="export@example.com").filter(has_text="Set up your")
    for _ in range(40):
        page.goto("/outbox/")
        if letter.count():
            break
        page.wait_for_timeout(500)
    link = letter.first.get_by_role("link", name="Follow the link")
    address = link.get_attribute("href") or ""
    own = Visitor(browser, running.url)
    own.page.goto(address)
    assert "/register/" in own.page.url, (address, own.page.inner_text("body")[:400])
    own.page.get_by_label("New password").fill(OWN)
    own.page.get_by_label("The same password again").fill(OWN)
    own.page.locator("main form button[type=submit]").click()
    own.page.wait_for_url(lambda url: "/sign-in/" in url)


def own_token(page: Page) -> tuple[str, str]:
    """A token that the account makes for itself: id and secret."""
    page.goto("/personal-access-tokens/new/")
    page.get_by_label("What is this token for?").fill("Nightly export")
    box = page.locator('input[name="scopes"][value="useraccount"]')
    if not box.is_visible():
        page.locator("details", has=box).locator("summary").first.click()
    box.check()
    page.get_by_role("button", name="Create Token").click()
    page.get_by_text("Reveal").click()
    secret = page.locator("#secret-value").inner_text()
    found = re.search(r"\b[0-9a-f]{32}\b", page.inner_text("main"))
    assert found
    page.get_by_label(re.compile("I have stored")).check()
    page.get_by_role("button", name="Done").click()
    return found.group(), secret


def read_by_program(running: Running, token: tuple[str, str]) -> httpx.Response:
    query = {"sysparm_query": f"name={GROUP}"}
    return httpx.get(f"{running.url}/api/now/table/sys_user_group", params=query, auth=token)


def explore(program: Visitor) -> None:
    """A call of the Table API, as the account itself."""
    page = program.page
    page.goto("/")
    page.get_by_role("link", name="API Explorer").click()
    page.get_by_role("link", name="ServiceNow").click()
    program.assert_accessible()
    page.get_by_role("link", name="Retrieve records from a table").click()
    page.get_by_label("tableName").select_option("sys_user_group")
    page.get_by_label(re.compile("^sysparm_query")).fill(f"name={GROUP}")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("200 OK")).to_be_visible()
    expect(page.locator("#answer-body")).to_contain_text(GROUP)
    expect(page.locator("#sample-curl")).to_contain_text("$STEWARD_TOKEN")
    program.assert_accessible()
    program.assert_fits()


def remove_gui_access(otto: Visitor, account: str) -> None:
    page = otto.page
    page.goto(f"/service-accounts/{account}/")
    page.get_by_role("link", name="Remove GUI access").first.click()
    otto.assert_accessible()
    page.get_by_role("button", name="Remove GUI access").click()
    expect(page.get_by_text("is for web services only")).to_be_visible()


def is_kept_out(program: Visitor) -> None:
    """The session is over, and the password lets nobody in."""
    page = program.page
    page.goto("/")
    assert "/sign-in/" in page.url
    page.get_by_label("User name").fill("nightly-export")
    page.get_by_label("Password", exact=True).fill(OWN)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("This account is for API access only")).to_be_visible()


def new_account(otto: Visitor, manager: Visitor) -> str:
    """Asked for and approved; its id."""
    page = otto.page
    page.goto("/requests/new/new_service_account/")
    expect(page.get_by_text("your manager, decides")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("nightly export")
    page.get_by_label("Purpose").fill("Exports tickets at night.")
    otto.assert_accessible()
    number = sent(page)
    approve(manager, number)
    wait_until_carried_out(page, number)
    page.get_by_role("link", name="nightly export").first.click()
    page.wait_for_url("**/service-accounts/**")
    found = re.search(r"/service-accounts/([0-9a-f-]{36})/", page.url)
    assert found
    return found.group(1)


def test_from_the_request_to_a_program_that_works_on(browser: Browser, running: Running) -> None:
    otto, bea = signed_in(browser, running, "otto"), signed_in(browser, running, "bea")
    ada, page = signed_in(browser, running, "ada"), otto.page
    account = new_account(otto, bea)
    register(browser, running, ada, account)
    program = signed_in(browser, running, "nightly-export", OWN)

    page.goto("/requests/new/group_membership/")
    page.locator("select[name=group]").select_option(label=GROUP)
    page.locator("select[name=account]").select_option(label="nightly export")
    number = sent(page)
    program.page.goto("/api-explorer/")
    expect(program.page.locator("h1")).not_to_have_text("API Explorer")
    approve(bea, number)
    wait_until_carried_out(page, number)
    page.goto(f"/service-accounts/{account}/groups/")
    expect(page.get_by_text("itil").first).to_be_visible()
    expect(page.get_by_text("rest_api_explorer").first).to_be_visible()
    otto.assert_accessible()

    explore(program)
    token = own_token(program.page)
    assert read_by_program(running, token).status_code == 200
    remove_gui_access(otto, account)
    is_kept_out(program)

    answer = read_by_program(running, token)
    assert answer.status_code == 200
    assert [row["name"] for row in answer.json()["result"]] == [GROUP]
