"""Lists as CSV files: for whom, of what, and safe to open."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import Event, Identity
from tests.factories import make_account, make_person
from tests.factories.groups import make_group, make_role
from tests.factories.imports import bring, make_source, rows
from tests.factories.requests import ask_for_group
from tests.factories.tokens import make_token

ClientOf = Callable[[Identity], Client]
LISTS = {
    "/groups/": ("/groups/export/", "group.exported"),
    "/roles/": ("/roles/export/", "role.exported"),
    "/requests/all/": ("/requests/all/export/", "request.exported"),
    "/personal-access-tokens/": (
        "/personal-access-tokens/export/",
        "personal_access_token.exported",
    ),
    "/sources/": ("/sources/export/", "source.exported"),
    "/jobs/": ("/jobs/export/", "job.exported"),
}

pytestmark = pytest.mark.django_db


def exported(browser: Client, address: str, **query: str) -> list[dict[str, str]]:
    answer = browser.get(address, query)
    assert isinstance(answer, StreamingHttpResponse)
    assert answer["Content-Disposition"].startswith("attachment; ")
    text = answer.getvalue().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("page", LISTS)
def test_an_auditor_is_offered_the_export_which_is_recorded(
    client_of: ClientOf, vera: Identity, page: str
) -> None:
    browser, (address, action) = client_of(vera), LISTS[page]
    assert f'id="export" href="{address}"' in browser.get(page).content.decode()
    exported(browser, address)
    event = Event.objects.get(action=action)
    assert (event.actor_id, event.detail) == (str(vera.pk), {"filters": {}})


@pytest.mark.parametrize("page", LISTS)
def test_nobody_else_is(client_of: ClientOf, otto: Identity, page: str) -> None:
    browser, (address, _action) = client_of(otto), LISTS[page]
    assert 'id="export"' not in browser.get(page).content.decode()
    assert browser.get(address).status_code == 403


def test_lines_hold_what_the_lists_show_and_filters_are_kept(
    client_of: ClientOf, vera: Identity, otto: Identity
) -> None:
    role = make_role("itil", scopes=["fr:am:*"])
    group = make_group("=Desk", roles=[role], manager=otto, may_be_requested=True)
    make_group("Others")
    bring(make_source("Payroll"), rows("1,one,a@x.example,"))
    request = ask_for_group(make_person("nina"), group)
    make_token(make_account("audit01").account.identity)
    browser = client_of(vera)

    [line] = exported(browser, "/groups/export/", q="desk")
    assert (line["name"], line["roles"], line["manager"]) == ("'=Desk", "itil", "otto")
    link = 'href="/groups/export/?q=desk"'
    assert link in browser.get("/groups/", {"q": "desk"}).content.decode()
    event = Event.objects.get(action="group.exported")
    assert event.detail == {"filters": {"search": "desk"}}
    [line] = exported(browser, "/roles/export/", q="itil")
    assert (line["scopes"], line["groups"]) == ("fr:am:*", "'=Desk")
    [line] = exported(browser, "/requests/all/export/", state="waiting")
    assert (line["number"], line["asked_by"]) == (request.number, "nina")
    assert exported(browser, "/requests/all/export/", state="done") == []
    [line] = exported(browser, "/personal-access-tokens/export/")
    assert (line["holder"], line["status"]) == ("audit01", "active")
    [line] = exported(browser, "/sources/export/")
    assert line["name"] == "Payroll"
    assert exported(browser, "/jobs/export/", state="failed") == []
    done = exported(browser, "/jobs/export/", state="succeeded")
    assert [each["state"] for each in done] == ["succeeded"] * 2
    days = [timezone.now()]
    named = browser.get("/jobs/export/").headers["Content-Disposition"]
    days.append(timezone.now())
    assert any(f"{day:%Y-%m-%d}" in named for day in days)
