"""Import Accounts through its pages: a file, its plan, the decision, the result."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit.models import Event
from accounts.imports.states import Mode, State
from accounts.models import Identity, ImportRun, Source
from accounts.sources import actions as sources
from tests.factories.imports import accounts_of, bring, make_source, plan, rows, upload, work

ClientOf = Callable[[Identity], Client]

FIRST = rows(
    "SA-001,audit01,admin@company.com,Monthly audit",
    "SA-002,backup02,ops@company.com,Backups",
    "SA-003,report03,ops@company.com,Reports",
)


@pytest.fixture
def source(ada: Identity) -> Source:
    return make_source()


def streamed(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def page_of(source: Source) -> str:
    return f"/sources/{source.pk}/imports/"


def send(browser: Client, source: Source, content: bytes | str, **fields: str) -> Any:
    data = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile("accounts.csv", data)
    given = {"file": file, "mode": Mode.FULL.value, "encoding": ""} | fields
    return browser.post(page_of(source), given)


def said(browser: Client, run: ImportRun, query: str = "") -> str:
    return browser.get(f"{page_of(run.source)}{run.pk}/{query}").content.decode()


def test_from_the_file_to_the_result(client_of: ClientOf, ada: Identity, source: Source) -> None:
    browser = client_of(ada)
    answer = send(browser, source, rows("SA-001,audit01,admin@company.com,Monthly audit"))
    run = ImportRun.objects.get()
    address = f"{page_of(source)}{run.pk}/"
    assert answer["Location"] == address

    text = browser.get(address).content.decode()
    assert f'hx-get="{address}progress/"' in text
    assert '<noscript><meta http-equiv="refresh"' in text
    assert "HX-Refresh" not in browser.get(f"{address}progress/")

    work(run)
    assert browser.get(f"{address}progress/")["HX-Refresh"] == "true"
    text = browser.get(address).content.decode()
    assert "Import: add 1" in text
    assert "Monthly audit" in text
    assert accounts_of(source) == {}

    assert browser.post(f"{address}confirm/", {"plan": run.plan})["Location"] == address
    work(run)
    assert "1 account imported" in browser.get(address).content.decode()
    assert list(accounts_of(source)) == ["SA-001"]
    text = browser.get(page_of(source)).content.decode()
    for column in ("Details", "Upload Date", "Accounts Scanned", "Status", "1 account imported"):
        assert column in text


def test_the_same_file_again_changes_nothing(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    bring(source, FIRST)
    run, browser = plan(source, FIRST), client_of(ada)
    text = said(browser, run)
    assert "Nothing changed: 3 accounts are as they were" in text
    assert "/confirm/" not in text
    listed = browser.get(page_of(source)).content.decode()
    assert "Nothing changed: 3 accounts are as they were" in listed
    assert "Not ended yet" not in listed
    assert "only counted" in said(browser, run, "?show=unchanged")


def test_changes_are_shown_cell_by_cell_and_the_button_names_the_numbers(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    bring(source, FIRST)
    changed = FIRST.replace("Monthly audit", "Yearly audit").replace("SA-003", "SA-004")
    run = plan(source, changed)
    browser = client_of(ada)
    text = said(browser, run, "?show=changed")

    assert "<del>Monthly audit</del>" in text
    assert "<ins>Yearly audit</ins>" in text
    assert "Import: add 1, change 1, remove 1" in text
    assert "report03" in said(browser, run, "?show=missing")
    assert "SA-004" in said(browser, run, "?show=new")


def test_rejected_rows_say_line_column_value_and_reason_and_can_be_downloaded(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    run = plan(
        source, rows(",nobody,x@company.com,None", "SA-002,backup02,ops@company.com,Backups")
    )
    browser = client_of(ada)
    text = said(browser, run)
    for part in ("The Account ID is empty.", "nobody", "Download rejected rows (CSV)"):
        assert part in text

    answer = browser.get(f"{page_of(source)}{run.pk}/rejected.csv")
    content = streamed(answer).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(content))
    assert row["name"] == "nobody"
    assert "The Account ID is empty." in row.values()
    assert "accounts-rejected.csv" in answer["Content-Disposition"]
    assert Event.objects.filter(action="import.rejected_exported").exists()


def test_accounts_that_would_merge_are_named(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    run = plan(source, rows("SA-001,audit01,a@x.com,One", "SA-002,audit01,b@x.com,Two"))
    text = said(client_of(ada), run)
    assert "Accounts share an Account Name" in text
    assert "SA-001, SA-002" in text


def held(source: Source) -> ImportRun:
    bring(source, FIRST)
    run = plan(source, rows("SA-001,audit01,admin@company.com,Monthly audit"))
    assert run.state == State.HELD
    return run


def test_too_many_missing_are_held_and_the_page_says_why(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    text = said(client_of(ada), held(source))
    assert "2 of 3 accounts are missing." in text
    assert "10 %" in text
    assert "/confirm/" not in text


def test_an_override_needs_a_reason_and_then_a_confirmation(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    run, browser = held(source), client_of(ada)
    address = f"{page_of(source)}{run.pk}/"
    answer = browser.post(f"{address}override/", {"reason": ""})
    assert answer.status_code == 200
    assert "Say why these accounts may go." in answer.content.decode()

    answer = browser.post(f"{address}override/", {"reason": "They were retired"}, follow=True)
    assert "Import: remove 2" in answer.content.decode()
    assert "They were retired" in answer.content.decode()
    assert len(accounts_of(source)) == 3
    browser.post(f"{address}confirm/", {"plan": run.plan})
    work(run)
    assert "2 removed" in said(browser, run)
    assert list(accounts_of(source)) == ["SA-001"]


def test_a_held_import_may_go_on_without_removing(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    run, browser = held(source), client_of(ada)
    answer = browser.post(f"{page_of(source)}{run.pk}/keep-missing/", follow=True)
    assert "Nothing changed: 1 account is as it was" in answer.content.decode()
    assert "are missing and stay" in answer.content.decode()


def test_a_plan_that_was_not_seen_is_not_confirmed(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    run, browser = plan(source, FIRST), client_of(ada)
    for seen in ("0", "x", ""):
        answer = browser.post(f"{page_of(source)}{run.pk}/confirm/", {"plan": seen}, follow=True)
        assert "This cannot be done any more" in answer.content.decode()
    run.refresh_from_db()
    assert run.state == State.PLANNED


def test_an_encoding_that_cannot_be_told_is_asked_for(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    browser = client_of(ada)
    send(
        browser,
        source,
        rows("SA-001,audit01,a@x.com,").encode() + "SA-2,Łódź,b,c\n".encode("cp1250"),
    )
    run = ImportRun.objects.get()
    assert run.state == State.UPLOADED
    text = said(browser, run)
    assert "Which encoding is the file in?" in text
    assert "line 3" in text

    browser.post(f"{page_of(source)}{run.pk}/encoding/", {"encoding": "windows-1250"})
    work(run)
    assert "Łódź" in said(browser, run, "?show=new")
    assert "Windows-1250" in said(browser, run)
    answer = browser.post(
        f"{page_of(source)}{run.pk}/encoding/", {"encoding": "nonsense"}, follow=True
    )
    assert "Choose an encoding of the list." in answer.content.decode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty (0 bytes)"),
        (b"PK\x03\x04 xl/", "Open it in the spreadsheet and save it as CSV"),
        (b"%PDF-1.7", "a PDF document"),
        (b"id,name\nA,\0\n", "Line 2 holds a NUL character"),
    ],
)
def test_a_file_that_is_none_is_refused_at_its_field(
    client_of: ClientOf, ada: Identity, source: Source, content: bytes, message: str
) -> None:
    answer = send(client_of(ada), source, content)
    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert not ImportRun.objects.exists()


def test_no_file_is_asked_for(client_of: ClientOf, ada: Identity, source: Source) -> None:
    answer = client_of(ada).post(page_of(source), {"mode": "full"})
    assert "Choose a file." in answer.content.decode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id,name\nA,b\n", "lacks these columns"),
        ('id,name,e-mail,purpose\nA,"b,c,d\n', "is not closed"),
        ("id,name,e-mail,purpose\n", "no rows"),
    ],
)
def test_why_a_plan_failed_is_said_with_the_way_out(
    client_of: ClientOf, ada: Identity, source: Source, content: str, message: str
) -> None:
    browser = client_of(ada)
    send(browser, source, content)
    text = said(browser, work(ImportRun.objects.get()))
    assert "Nothing was changed." in text
    assert message in text
    assert "Make the plan" in text
    assert message[:40] in browser.get(page_of(source)).content.decode()


def test_cancelling(client_of: ClientOf, ada: Identity, source: Source) -> None:
    run, browser = plan(source, FIRST), client_of(ada)
    browser.post(f"{page_of(source)}{run.pk}/cancel/")
    assert "The import was cancelled. Nothing was changed." in said(browser, run)


def test_a_second_import_waits_for_the_first(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    upload(source, FIRST)
    answer = send(client_of(ada), source, FIRST)
    assert "being done already" in answer.content.decode()
    assert ImportRun.objects.count() == 1


def test_the_template_is_the_header(client_of: ClientOf, ada: Identity, source: Source) -> None:
    answer = client_of(ada).get(f"{page_of(source)}template/")
    content = streamed(answer).decode("utf-8-sig")
    assert content == "id,name,e-mail,purpose\r\n"


def test_the_threshold_is_saved_and_the_rest_stays(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    browser = client_of(ada)
    given = {"delete_threshold_percent": "25", "deletion_disabled": "on", "revision": "1"}
    assert browser.post(f"{page_of(source)}threshold/", given).status_code == 302
    source.refresh_from_db()
    assert (source.delete_threshold_percent, source.deletion_disabled) == (25, True)
    assert source.name == "Service Accounts"

    answer = browser.post(f"{page_of(source)}threshold/", given)
    assert "Someone else changed this source" in answer.content.decode()
    wrong = given | {"delete_threshold_percent": "0", "revision": "2"}
    answer = browser.post(f"{page_of(source)}threshold/", wrong)
    assert "Choose a percentage from 1 to 100." in answer.content.decode()


ACTS = ("confirm", "override", "keep-missing", "encoding", "plan-again", "cancel")


def test_an_auditor_sees_the_plan_and_decides_nothing(
    client_of: ClientOf, ada: Identity, vera: Identity, source: Source
) -> None:
    run, browser = plan(source, FIRST), client_of(vera)
    text = said(browser, run, "?show=new")
    assert "audit01" in text
    assert "<form" not in text.partition('class="page-content"')[2]
    for act in ACTS:
        assert browser.post(f"{page_of(source)}{run.pk}/{act}/").status_code == 403
    assert send(browser, source, FIRST).status_code == 403
    assert browser.post(f"{page_of(source)}threshold/").status_code == 403
    assert "<form" not in browser.get(page_of(source)).content.decode().partition("page-content")[2]


@pytest.mark.parametrize("path", ["", "template/", "{0}/", "{0}/progress/", "{0}/rejected.csv"])
def test_a_basic_user_is_refused(
    client_of: ClientOf, mallory: Identity, source: Source, path: str
) -> None:
    run = plan(source, FIRST)
    assert client_of(mallory).get(page_of(source) + path.format(run.pk)).status_code == 403


def test_what_does_not_belong_together_is_not_found(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    run, other, browser = plan(source, FIRST), make_source("Another"), client_of(ada)
    assert browser.get(f"{page_of(other)}{run.pk}/").status_code == 404
    sources.delete(by=ada, source=other, at=timezone.now())
    assert browser.get(page_of(other)).status_code == 404
    assert browser.get(f"{page_of(source)}{other.pk}/").status_code == 404


def test_wrong_methods(client_of: ClientOf, ada: Identity, source: Source) -> None:
    run, browser = plan(source, FIRST), client_of(ada)
    for act in ACTS:
        assert browser.get(f"{page_of(source)}{run.pk}/{act}/").status_code == 405
    assert browser.post(f"{page_of(source)}{run.pk}/").status_code == 405
    assert browser.get(f"{page_of(source)}threshold/").status_code == 405


def test_who_is_not_signed_in_is_asked_to(client: Client, source: Source) -> None:
    assert client.get(page_of(source))["Location"].startswith("/sign-in/?next=/sources/")


def test_twenty_rows_cost_as_much_as_three(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    browser, counts = client_of(ada), []
    for number in (3, 20):
        lines = [f"SA-{number}-{index},n{index},a@x.com,P" for index in range(number)]
        run = plan(source, rows(*lines))
        with CaptureQueriesContext(connection) as captured:
            browser.get(f"{page_of(source)}{run.pk}/?show=new")
        with CaptureQueriesContext(connection) as listed:
            browser.get(page_of(source))
        counts.append((len(captured), len(listed)))
    assert counts[0] == counts[1]


def test_what_stood_in_the_file_is_escaped(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    run = plan(source, rows("SA-001,<script>alert(1)</script>,a@x.com,P"))
    assert "<script>alert" not in said(client_of(ada), run, "?show=new")
