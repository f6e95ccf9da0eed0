"""What the page of an import tells: who is missing, what comes next, and the accounts as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.models import Event
from accounts.imports import upkeep
from accounts.imports.states import State
from accounts.models import Identity, ImportRun, Source
from tests.factories.imports import apply, bring, make_source, plan, rows
from tests.factories.profiles import make_profile, process

ClientOf = Callable[[Identity], Client]

LINES = (
    "SA-001,audit01,admin@company.com,Monthly audit",
    "SA-002,backup02,ops@company.com,Backups",
    "SA-003,report03,ops@company.com,Reports",
)
FIRST = rows(*LINES)


@pytest.fixture
def source(ada: Identity) -> Source:
    return make_source()


def page_of(run: ImportRun) -> str:
    return f"/sources/{run.source_id}/imports/{run.pk}/"


def said(browser: Client, run: ImportRun, query: str = "") -> str:
    return browser.get(page_of(run) + query).content.decode()


def downloaded(browser: Client, run: ImportRun) -> list[list[str]]:
    answer: Any = browser.get(f"{page_of(run)}accounts.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_missing_accounts_are_named_with_their_identities_and_the_rule(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    bring(source, FIRST)
    profile = make_profile(source)
    process(profile)
    identity = Identity.objects.get(user_name="report03")
    run = plan(source, rows(*LINES[:2]))
    text = said(client_of(ada), run, "?show=new")
    assert "10 % of 3 accounts: less than one, but one may always go." in text
    assert "report03" in text
    assert "(SA-003)" in text
    assert f'/service-accounts/{identity.pk}/">report03</a>' in text
    assert "Their identities are disabled when the changes are applied next." in text
    table = said(client_of(ada), run, "?show=missing").partition('id="rows"')[2]
    assert f'/service-accounts/{identity.pk}/">report03</a>' in table


def test_of_many_the_first_are_named_and_the_number_is_said(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    lines = [f"SA-{n:03},svc{n:03},a@x.y,P" for n in range(40)]
    bring(source, rows(*lines))
    text = said(client_of(ada), plan(source, rows(*lines[10:])), "?show=new")
    assert "30 accounts" not in text
    assert "10 of 40 accounts are missing." in text
    assert "10 % of 40 accounts: up to 4 may go." in text
    assert text.count("(SA-00") == 5
    assert "and 5 more" in text
    assert "Their identities" not in text


def test_after_a_failure_another_file_and_the_template_are_offered(
    client_of: ClientOf, ada: Identity, vera: Identity, source: Source
) -> None:
    run = plan(source, "id,name\nA,b\n")
    text = said(client_of(ada), run)
    assert "Upload another file" in text
    assert "Download the template" in text
    assert "Upload another file" not in said(client_of(vera), run)


def test_where_every_row_is_bad_they_are_shown_and_nothing_can_be_imported(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    run = plan(source, rows("SA-1,a,,", "SA-1,b,,"))
    text = said(client_of(ada), run)
    assert run.state == State.FAILED
    for part in ("No row could be taken.", "Upload another file", "Download rejected rows (CSV)"):
        assert part in text
    assert '<td data-label="Column">id</td>' in text
    assert "Import:" not in text
    assert "/confirm/" not in text


def test_an_import_that_lost_its_place_leads_to_the_newer_one_and_back(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    old = plan(source, rows(LINES[0]), file_name="old.csv")
    new = plan(source, FIRST, file_name="new.csv")
    text = said(client_of(ada), old)
    assert "A newer file took its place: new.csv." in text
    assert page_of(new) in text
    text = said(client_of(ada), new)
    assert "It took the place of an import that waited" in text
    assert page_of(old) in text


def test_the_touched_accounts_are_downloaded_and_no_cell_is_a_formula(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    bring(source, FIRST)
    changed = rows(LINES[0].replace("Monthly audit", "=cmd()"), LINES[1], "=SA-4,new04,,")
    run, browser = plan(source, changed), client_of(ada)
    assert "Download the plan (CSV)" in said(browser, run)
    assert downloaded(browser, run)[0][2] == "What would happen"
    apply(run)
    header, *found = downloaded(browser, run)
    assert header == ["Account ID", "Account Name", "What happened", "Changed attributes"]
    assert found == [
        ["'=SA-4", "new04", "Added", ""],
        ["SA-001", "audit01", "Changed", "purpose: Monthly audit → =cmd()"],
        ["SA-003", "report03", "Removed", ""],
    ]
    text = said(browser, run)
    assert "Download affected accounts (CSV)" in text
    assert "Kept until" in text
    assert Event.objects.filter(action="import.accounts_exported").count() == 2


def test_the_event_tells_the_file_and_its_page_where_the_accounts_are(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    run = bring(source, FIRST, file_name="accounts.csv")
    event = Event.objects.get(action="import.applied")
    detail = event.detail
    assert (detail["file"], detail["sha256"]) == ("accounts.csv", run.sha256)
    assert (detail["import"], event.subject_id) == (str(run.pk), str(run.pk))
    text = client_of(ada).get(f"/audit/{event.pk}/").content.decode()
    assert f"{page_of(run)}#affected" in text
    assert run.sha256 in text


def test_when_the_plan_is_gone_so_is_the_download(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    run, browser = bring(source, FIRST), client_of(ada)
    upkeep.tidy(at=timezone.now() + timedelta(days=1, hours=2))
    assert "Download affected accounts" not in said(browser, run)
    answer = browser.get(f"{page_of(run)}accounts.csv", follow=True)
    assert "The accounts of this import are not kept any more." in answer.content.decode()


def test_who_may_download_the_touched_accounts(
    client_of: ClientOf,
    ada: Identity,
    vera: Identity,
    mallory: Identity,
    source: Source,
) -> None:
    run = bring(source, FIRST)
    path = f"{page_of(run)}accounts.csv"
    assert client_of(vera).get(path).status_code == 200
    assert client_of(mallory).get(path).status_code == 403
    assert client_of(ada).post(path).status_code == 405
    other = path.replace(str(source.pk), str(make_source("Another").pk))
    assert client_of(ada).get(other).status_code == 404
    assert Client().get(path).status_code == 302
