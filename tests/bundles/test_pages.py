"""The pages of Move configuration: export, plan, confirmation."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from accounts.audit.actors import SYSTEM
from accounts.bundles import actions
from accounts.bundles.format import MAX_BYTES, parse
from accounts.models import Event, Identity, IdentityAttribute, Source
from console.bundles.forms import pack
from console.ui.confirmation import CONFIRMED_AT
from tests.bundles.tenants import empty, exported, fill
from tests.factories.imports import make_source
from tests.factories.people import PASSWORD

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Identity], Client]
PAGE = "/tenant-settings/bundles/"


@pytest.fixture
def browser(client_of: ClientOf, ada: Identity) -> Client:
    return client_of(ada)


def plan(browser: Client, text: str) -> str:
    answer = browser.post(f"{PAGE}plan/", {"text": text})
    assert answer.status_code == 200
    return answer.content.decode()


def carried(page: str) -> str:
    found = re.search(r'name="plan" value="([^"]+)"', page)
    assert found
    return found[1]


def test_from_the_export_by_the_plan_to_the_import(browser: Client) -> None:
    fill()
    answer = browser.post(f"{PAGE}export/")
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="configuration-')
    assert Event.objects.get(action="configuration.exported").actor_label == "ada"
    empty()
    file = SimpleUploadedFile("configuration.json", answer.content)
    page = browser.post(f"{PAGE}plan/", {"file": file}).content.decode()
    assert "Import 8 differences" in page
    assert "To be set here: Password." in page
    assert not Source.objects.exists()
    done = browser.post(f"{PAGE}import/", {"plan": carried(page)}, follow=True)
    assert "The configuration is imported: 8 created, 0 changed." in done.content.decode()
    assert "Directory: To be set here: Password." in done.content.decode()
    again = plan(browser, exported())
    assert "There is nothing to import" in again
    assert 'action="/tenant-settings/bundles/import/"' not in again


def forged(document: dict[str, Any]) -> str:
    """What the page would carry if it let a plan with problems through."""
    bundle = parse(json.dumps(document))
    found = actions.plan(by=SYSTEM, bundle=bundle, at=timezone.now())
    return pack(bundle, found)


def test_every_changed_field_is_shown(browser: Client) -> None:
    fill()
    page = plan(browser, exported().replace("Badge number", "Number <b>of</b> the badge"))
    assert "<del>Badge number</del>" in page
    assert "<ins>Number &lt;b&gt;of&lt;/b&gt; the badge</ins>" in page
    assert "Import 1 difference<" in page


def test_a_long_plan_is_read_part_by_part(browser: Client) -> None:
    """Hundreds of things are folded under their number; a few stand open."""
    fill()
    document = json.loads(exported())
    document["identity_attributes"] += [
        {"name": f"extra{n}", "label": f"Extra {n}"} for n in range(30)
    ]
    document["transforms"][0]["name"] = "Renamed"
    page = plan(browser, json.dumps(document))
    assert "<h3>Identity attributes</h3> <span>30</span></summary>" in page
    new = page[page.index('id="created"') : page.index('id="unchanged"')]
    assert new.count("<summary><h3>") == 1
    assert "<h3>Transforms</h3>" in new


def test_neither_way_to_bring_a_bundle_is_called_optional(browser: Client) -> None:
    page = browser.get(PAGE).content.decode()
    assert "Or paste it" in page
    assert "(optional)" not in page


def test_what_changed_meanwhile_is_planned_again(browser: Client) -> None:
    fill()
    page = plan(browser, exported().replace("Badge number", "Number"))
    make_source("Another")
    answer = browser.post(f"{PAGE}import/", {"plan": carried(page)})
    assert answer.status_code == 200
    again = answer.content.decode()
    assert "The configuration changed since this plan was made." in again
    assert IdentityAttribute.objects.get().label == "Badge number"
    browser.post(f"{PAGE}import/", {"plan": carried(again)})
    assert IdentityAttribute.objects.get().label == "Number"


def test_problems_leave_no_button_and_no_way_around_it(browser: Client) -> None:
    fill()
    document = json.loads(exported())
    empty()
    document["sources"] = []
    page = plan(browser, json.dumps(document))
    assert "This bundle cannot be imported as it is" in page
    assert "Add these sources first: Directory, Payroll." in page
    assert 'action="/tenant-settings/bundles/import/"' not in page
    answer = browser.post(f"{PAGE}import/", {"plan": forged(document)})
    assert "Nothing was imported." in answer.content.decode()
    assert not IdentityAttribute.objects.exists()


@pytest.mark.parametrize("packed", ["", "made:up", "x" * 10_000])
def test_a_plan_that_is_none_of_ours_is_not_imported(browser: Client, packed: str) -> None:
    answer = browser.post(f"{PAGE}import/", {"plan": packed}, follow=True)
    assert "This plan is too old." in answer.content.decode()


def test_a_bad_bundle_comes_back_with_what_was_typed(browser: Client) -> None:
    for text, said in (
        ("{}", "This is no configuration"),
        ('{"format": "steward.configuration", "version": 1, "x": 1}', "There is no member"),
    ):
        page = browser.post(f"{PAGE}plan/", {"text": text}).content.decode()
        assert said in page
        assert escape(text) in page
    page = browser.post(f"{PAGE}plan/", {}).content.decode()
    assert "Choose a file, or paste its content" in page


def test_a_secret_that_was_pasted_is_not_repeated(browser: Client) -> None:
    text = '{"format": "steward.configuration", "version": 1, "x": "steward_pat_abcdefgh"}'
    page = browser.post(f"{PAGE}plan/", {"text": text}).content.decode()
    assert "$.x: Here stands a key, token or password." in page
    assert "abcdefgh" not in page


def test_a_huge_file_is_refused(browser: Client) -> None:
    file = SimpleUploadedFile("configuration.json", b" " * (MAX_BYTES + 10))
    page = browser.post(f"{PAGE}plan/", {"file": file}).content.decode()
    assert "The bundle is too large" in page


def test_an_export_with_a_secret_says_where(browser: Client) -> None:
    make_source("see stw_key_a.bcdef")
    answer = browser.post(f"{PAGE}export/", follow=True)
    page = answer.content.decode()
    assert "$.sources[0]" in page
    assert "bcdef" not in page


def test_an_import_asks_for_the_password(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)
    fill()
    page = plan(browser, exported().replace("Badge number", "Number"))
    session = browser.session
    del session[CONFIRMED_AT]
    session.save()
    asked = browser.post(f"{PAGE}import/", {"plan": carried(page)})
    assert "Password" in asked.content.decode()
    assert IdentityAttribute.objects.get().label == "Badge number"
    browser.post(f"{PAGE}import/", {"plan": carried(page), "step_up_password": PASSWORD})
    assert IdentityAttribute.objects.get().label == "Number"


@pytest.mark.parametrize("path", ["", "export/", "plan/", "import/"])
def test_only_administrators_come_here(
    client_of: ClientOf, vera: Identity, mallory: Identity, path: str
) -> None:
    method = "get" if path == "" else "post"
    for person in (vera, mallory):
        assert getattr(client_of(person), method)(PAGE + path).status_code == 403
    asked = Client().get(PAGE + path)
    assert asked.status_code == 302
    assert asked["Location"].startswith("/sign-in/")


def test_other_methods_are_not_served(browser: Client) -> None:
    assert browser.post(PAGE).status_code == 405
    for path in ("export/", "plan/", "import/"):
        assert browser.get(PAGE + path).status_code == 405


def test_the_settings_lead_here(browser: Client, client_of: ClientOf, vera: Identity) -> None:
    assert f'href="{PAGE}"' in browser.get("/tenant-settings/").content.decode()
    assert f'href="{PAGE}"' not in client_of(vera).get("/tenant-settings/").content.decode()


def test_what_stays_behind_is_said(browser: Client) -> None:
    assert "Groups and roles stay behind" in browser.get(PAGE).content.decode()
