"""The whole flow of a tenant's first day, in a real browser against a running instance."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Download, Error, Page, expect

from tests.doors.ping.frodo import count, info
from tests.journeys.browser import Visitor
from tests.journeys.holder import Holder
from tests.setup.running import Running, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("journey") / "data") as found:
        yield found


@pytest.fixture(scope="module")
def ada(browser: Browser, running: Running) -> Visitor:
    """The first administrator, who has followed the set-up link that the start printed."""
    visitor = Visitor(browser, running.url)
    link = re.search(r"http://\S+/set-up/\S+", running.log.read_text())
    assert link, running.log.read_text()
    page = visitor.page
    page.goto(link.group())
    visitor.assert_accessible()
    page.get_by_label("User name").fill("ada")
    page.get_by_label("E-mail").fill("ada@example.com")
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(lambda url: "/set-up/" not in url)
    if "/sign-in/" in page.url:
        visitor.sign_in("ada", PASSWORD)
    assert Visitor(browser, running.url).page.goto(link.group()).status in {404, 410}  # type: ignore[union-attr]
    return visitor


def download(page: Page, name: str, folder: Path) -> tuple[Download, Path]:
    with page.expect_download() as found:
        page.get_by_role("link", name=name).click()
    path = folder / found.value.suggested_filename
    found.value.save_as(path)
    return found.value, path


def make(page: Page, name: str, *scopes: str, origin: str = "Steward makes it") -> None:
    page.goto("/service-accounts/new/")
    page.get_by_label("Name", exact=True).fill(name)
    for scope in scopes:
        page.locator(f'input[name="scopes"][value="{scope}"]').check()
    page.get_by_role("radio", name=origin).check()
    page.get_by_role("button", name="Save").click()


def done(page: Page) -> None:
    page.get_by_label("I have stored the key").check()
    page.get_by_role("button", name="Done").click()


def shown_id(page: Page) -> str:
    found = re.search(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", page.inner_text("main"))
    assert found
    return found.group()


def reload_in_spite_of_the_question(page: Page) -> None:
    """Leaving without the tick asks. Chromium now and then closes the question by itself, so that
    it is answered too late and has to come again."""
    answer = page.get_by_text("Service account successfully created!")
    for _attempt in range(3):
        with page.expect_event("dialog") as asked:
            page.evaluate("() => { setTimeout(() => location.reload(), 0) }")
        try:
            asked.value.accept()
        except Error as error:
            if "already handled" not in str(error):
                raise
        page.wait_for_timeout(500)
        if not answer.count():
            return
    expect(answer).to_have_count(0)


def test_from_new_service_account_to_an_api_call(
    ada: Visitor, running: Running, tmp_path: Path
) -> None:
    page = ada.page
    page.goto("/")
    ada.assert_accessible()
    page.get_by_role("button", name="TENANT").click()
    page.locator("#menu-tenant").get_by_role("link", name="Tenant settings").click()
    ada.assert_accessible()
    page.get_by_role("link", name="Global Settings").first.click()
    page.get_by_role("main").get_by_role("link", name="Service Accounts").first.click()
    expect(page).to_have_url(re.compile("/service-accounts/$"))
    ada.assert_accessible()

    page.get_by_role("link", name="New Service Account").first.click()
    ada.assert_accessible()
    make(page, "audit01", "fr:am:*", "fr:idm:*")
    expect(page.get_by_text("Service account successfully created!")).to_be_visible()
    expect(
        page.get_by_text(
            "You must download the private key at this point as it will not be available again"
        )
    ).to_be_visible()
    ada.assert_accessible()
    account_id = shown_id(page)
    found, key = download(page, "Download Key", tmp_path)
    assert found.suggested_filename == "audit01_privateKey.jwk"
    holder = Holder.of_file(running.url, account_id, key)
    assert holder.key["kty"] == "RSA"
    assert len(holder.key["n"]) > 680  # 4096 bits in base64url
    secret = holder.key["d"]

    reload_in_spite_of_the_question(page)
    page.wait_for_load_state()
    assert secret not in page.content()
    expect(page.get_by_role("main")).to_contain_text("sent before")
    page.goto("/service-accounts/")
    expect(page.get_by_role("link", name="audit01")).to_have_count(1)

    answer = holder.list_identities(holder.token())
    assert answer.status_code == 200
    assert {row["userName"] for row in answer.json()["result"]} >= {"ada"}
    assert info(tmp_path / "home", running.url, account_id, key).returncode == 0
    counted = count(tmp_path / "home", running.url, account_id, key)
    assert re.search(r"alpha_user: [1-9]", counted.stdout + counted.stderr)


def test_done_wants_the_tick(ada: Visitor, running: Running) -> None:
    page = ada.page
    make(page, "tick01", "fr:idm:*")
    button = page.get_by_role("button", name="Done")
    page.once("dialog", lambda dialog: dialog.dismiss())
    if button.is_enabled():
        button.click()
    expect(page.get_by_text("Service account successfully created!")).to_be_visible()
    done(page)
    expect(page).to_have_url(re.compile("/service-accounts/[0-9a-f-]{36}/$"))
    ada.assert_accessible()


def test_a_key_made_in_the_browser_never_leaves_it(
    ada: Visitor, running: Running, tmp_path: Path
) -> None:
    page, sent = ada.page, []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    make(page, "browser01", "fr:idm:*", origin="This browser makes it")
    expect(page.get_by_text("Service account successfully created!")).to_be_visible(timeout=60_000)
    account_id = shown_id(page)
    found, key = download(page, "Download Key", tmp_path)
    holder = Holder.of_file(running.url, account_id, key)

    assert found.suggested_filename == "browser01_privateKey.jwk"
    assert any("public_key" in body for body in sent)
    assert not [body for body in sent if holder.key["d"] in body or '"d"' in body]
    assert holder.list_identities(holder.token()).status_code == 200
    done(page)


def test_regenerating_stops_the_old_key_at_once_or_later(
    ada: Visitor, running: Running, tmp_path: Path
) -> None:
    page = ada.page
    make(page, "rotate01", "fr:idm:*")
    account_id = shown_id(page)
    first = Holder.of_file(running.url, account_id, download(page, "Download Key", tmp_path)[1])
    done(page)

    second = regenerate(page, running, account_id, tmp_path / "2", keep="24 more hours")
    assert first.ask().status_code == 200
    assert second.ask().status_code == 200
    token = first.token()
    third = regenerate(page, running, account_id, tmp_path / "3", keep=None)
    assert first.ask().status_code == 400
    assert second.ask().status_code == 400
    assert third.ask().status_code == 200
    assert first.list_identities(token).status_code == 200


def regenerate(
    page: Page, running: Running, account_id: str, folder: Path, *, keep: str | None
) -> Holder:
    folder.mkdir()
    page.goto("/service-accounts/")
    page.get_by_role("button", name="Actions for rotate01").click()
    page.get_by_role("link", name="Regenerate Key").click()
    if keep:
        page.get_by_label(re.compile(keep)).check()
    page.wait_for_url("**/regenerate-key/")
    typed = page.get_by_label(re.compile("Type"))
    if typed.count():  # asked for only once something has used the account
        typed.fill("rotate01")
    page.get_by_role("button", name="Regenerate Key").click()
    expect(page.get_by_text("Key successfully created!")).to_be_visible()
    _found, key = download(page, "Download Key", folder)
    done(page)
    return Holder.of_file(running.url, account_id, key)


def test_disabled_refused_enabled_served_deleted_gone(
    ada: Visitor, running: Running, tmp_path: Path
) -> None:
    page = ada.page
    make(page, "life01", "fr:idm:*")
    account_id = shown_id(page)
    holder = Holder.of_file(running.url, account_id, download(page, "Download Key", tmp_path)[1])
    done(page)
    token = holder.token()
    assert holder.list_identities(token).status_code == 200

    page.goto(f"/service-accounts/{account_id}/disable/")
    page.locator("main form button[type=submit]").first.click()
    assert holder.list_identities(token).status_code == 401
    assert holder.ask().status_code == 400
    page.goto(f"/service-accounts/{account_id}/")
    page.get_by_role("button", name="Enable").first.click()
    assert holder.list_identities(token).status_code == 200

    page.goto(f"/service-accounts/{account_id}/delete/")
    ada.assert_accessible()
    page.locator("main form input[type=text]").fill("life01")
    page.get_by_role("button", name="Delete Service Account").click()
    expect(page).to_have_url(re.compile("/service-accounts/$"))
    assert holder.list_identities(token).status_code == 401
    assert holder.ask().status_code == 400
    assert page.goto(f"/service-accounts/{account_id}/").status == 404  # type: ignore[union-attr]


def test_an_auditor_sees_all_and_can_change_nothing(
    ada: Visitor, browser: Browser, running: Running
) -> None:
    page = ada.page
    make(page, "seen01", "fr:idm:*")
    account_id = shown_id(page)
    done(page)
    vera = invited(ada, browser, running, "vera", level="Auditor")

    for path in ("/service-accounts/", "/identities/", "/audit/", "/tenant-settings/"):
        answer = vera.page.goto(path)
        assert answer is not None
        assert answer.status == 200
        vera.assert_accessible()
    vera.page.goto("/service-accounts/")
    expect(vera.page.get_by_role("link", name="seen01")).to_be_visible()
    expect(vera.page.get_by_text("New Service Account")).to_have_count(0)
    expect(vera.page.get_by_text("Regenerate Key")).to_have_count(0)
    for verb in ("edit", "delete", "disable", "regenerate-key"):
        assert post(vera.page, f"/service-accounts/{account_id}/{verb}/") == 403
    assert post(vera.page, "/service-accounts/new/") == 403
    vera.page.goto("/audit/")
    expect(vera.page.get_by_role("main")).to_contain_text("seen01")


def invited(ada: Visitor, browser: Browser, running: Running, name: str, *, level: str) -> Visitor:
    """Somebody new, who has followed the link in their mail and signed in."""
    page = ada.page
    page.goto("/identities/new/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("E-mail").fill(f"{name}@example.com")
    page.get_by_role("checkbox", name=level).check()
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url(lambda url: "/new/" not in url)
    link = None
    for _try in range(40):
        page.goto("/outbox/")
        link = re.search(r"http://\S+/register/[\w-]+/", page.inner_text("main"))
        if link:
            break
        page.wait_for_timeout(500)
    assert link, "the invitation was not mailed"
    visitor = Visitor(browser, running.url)
    visitor.page.goto(link.group())
    visitor.assert_accessible()
    for field in visitor.page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    visitor.page.locator("main form button[type=submit]").click()
    visitor.page.wait_for_url(lambda url: "/register/" not in url)
    visitor.sign_in(name, PASSWORD)
    return visitor


def post(page: Page, path: str) -> int:
    """What the server answers to a form that this person was never shown."""
    status: int = page.evaluate(
        """async (path) => {
          const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
          const body = new URLSearchParams({ csrfmiddlewaretoken: token });
          return (await fetch(path, { method: "POST", body })).status;
        }""",
        path,
    )
    return status
