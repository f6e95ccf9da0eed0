"""Accounts of a source through their pages: list, search, export, and one at a time by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit.models import Event
from accounts.imports.states import Decision
from accounts.jobs.run import run_job
from accounts.models import Identity, IdentityAccount, Job, RemovedAccount, Source, SourceAccount
from accounts.sources.connectors.base import AttributeDraft
from tests.factories.imports import accounts_of, bring, make_source, plan, rows

ClientOf = Callable[[Identity], Client]


@pytest.fixture
def source(ada: Identity) -> Source:
    source = make_source()
    bring(source, rows("SA-001,audit01,a@x.com,Audit", "SA-002,backup02,b@x.com,Backups"))
    return source


def path_of(source: Source, rest: str = "") -> str:
    return f"/sources/{source.pk}/accounts/{rest}"


def typed(source: Source, **values: str) -> dict[str, str]:
    """The fields of the form, whose names count the attributes."""
    by_name = {a.name: f"a{a.pk}" for a in source.attributes.all()}
    given = {"id": "SA-003", "name": "sync03", "e-mail": "c@x.com", "purpose": "Sync"} | values
    return {by_name[name.replace("_", "-")]: value for name, value in given.items()}


def shown(answer: Any) -> list[str]:
    return [row["account"].native_identity for row in answer.context["rows"]]


def test_columns_and_the_word_for_accounts_of_nobody(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    text = client_of(ada).get(path_of(source)).content.decode()
    for said in ("User Name", "Account Name", "Account ID", "Uncorrelated Account", "CSV"):
        assert said in text


def test_whose_an_account_is(
    client_of: ClientOf, ada: Identity, otto: Identity, source: Source
) -> None:
    row = SourceAccount.objects.get(native_identity="SA-001")
    IdentityAccount.objects.create(
        source=source,
        native_identity="SA-001",
        identity=otto,
        digest=row.digest,
        linked_at=timezone.now(),
    )
    text = client_of(ada).get(path_of(source)).content.decode()
    assert f'href="/identities/{otto.pk}/">otto</a>' in text
    assert text.count("Uncorrelated Account") == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=AUDIT", ["SA-001"]),
        ("q=sa-00", ["SA-001", "SA-002"]),
        ("q=%00", ["SA-001", "SA-002"]),
        ("q=nobody", []),
        ("sort=-id", ["SA-002", "SA-001"]),
    ],
)
def test_search_and_order(
    client_of: ClientOf, ada: Identity, source: Source, query: str, found: list[str]
) -> None:
    assert shown(client_of(ada).get(path_of(source, f"?{query}"))) == found


def test_twenty_rows_cost_as_much_as_three(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    browser, counts = client_of(ada), []
    for number in (3, 20):
        bring(source, rows(*[f"SA-0{n:02},n{n},x,y" for n in range(1, number)]))
        with CaptureQueriesContext(connection) as captured:
            browser.get(path_of(source))
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_pages_go_through_all_of_them_once(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    bring(source, rows(*[f"SA-{n:03},same,x,y" for n in range(1, 121)]))
    browser, path, seen = client_of(ada), path_of(source), []
    while path:
        answer = browser.get(path)
        seen += shown(answer)
        path = answer.context["page"].next_url
    assert len(seen) == len(set(seen)) == 120


def test_the_export_can_be_imported_unchanged_and_is_recorded(
    client_of: ClientOf, vera: Identity, source: Source
) -> None:
    answer: Any = client_of(vera).get(path_of(source, "export/"))
    content = b"".join(answer.streaming_content)
    assert content.decode("utf-8-sig").splitlines()[0] == "id,name,e-mail,purpose"
    again = plan(source, content)
    assert (again.unchanged, again.decision) == (2, Decision.NONE_MISSING)
    assert Event.objects.get(action="source.accounts_exported").detail == {"rows": 2}


def test_an_account_is_added_edited_and_removed_by_hand(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    browser = client_of(ada)
    browser.post(path_of(source, "new/"), typed(source))
    row = SourceAccount.objects.get(native_identity="SA-003")
    path = path_of(source, f"{row.pk}/")
    assert "Sync" in browser.get(path).content.decode()

    given = typed(source, purpose="Nightly sync") | {"digest": str(row.digest)}
    assert browser.post(path, given).status_code == 302
    assert accounts_of(source)["SA-003"]["purpose"] == "Nightly sync"
    stale = browser.post(path, typed(source) | {"digest": str(row.digest)})
    assert "has been removed" in stale.content.decode()

    assert "What will happen" in browser.get(f"{path}remove/").content.decode()
    browser.post(f"{path}remove/")
    assert "SA-003" not in accounts_of(source)
    assert "Removed accounts" in browser.get(path_of(source)).content.decode()


def test_what_was_removed_is_brought_back(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    browser, row = client_of(ada), SourceAccount.objects.get(native_identity="SA-001")
    browser.post(path_of(source, f"{row.pk}/remove/"))
    removed = RemovedAccount.objects.get()
    assert "Bring back" in browser.get(path_of(source, "removed/")).content.decode()
    browser.post(path_of(source, f"removed/{removed.pk}/bring-back/"))
    assert sorted(accounts_of(source)) == ["SA-001", "SA-002"]
    assert not RemovedAccount.objects.exists()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"id": ""}, "Every account needs its id: type it."),
        ({"id": "SA-001"}, "There already is an account with the ID"),
        ({"purpose": "x" * 5000}, "Type at most 4000 characters."),
        ({"name": "a\u200bb"}, "cannot be seen"),
    ],
)
def test_what_is_wrong_with_an_account_is_said_at_its_field(
    client_of: ClientOf, ada: Identity, source: Source, values: dict[str, str], message: str
) -> None:
    answer = client_of(ada).post(path_of(source, "new/"), typed(source, **values))
    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert len(accounts_of(source)) == 2


def test_several_values_are_typed_one_a_line(client_of: ClientOf, ada: Identity) -> None:
    groups = AttributeDraft("groups", is_multi_valued=True)
    source = make_source("Groups", header="id,name,groups", attributes=[groups])
    fields = {a.name: f"a{a.pk}" for a in source.attributes.all()}
    given = {fields["id"]: "1", fields["name"]: "one", fields["groups"]: "red\r\nblue\r\n"}
    client_of(ada).post(path_of(source, "new/"), given)
    assert accounts_of(source)["1"]["groups"] == ["red", "blue"]
    row = SourceAccount.objects.get(source=source)
    assert "red\nblue" in client_of(ada).get(path_of(source, f"{row.pk}/")).content.decode()


def test_all_accounts_are_removed_with_a_reason_as_a_job(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    browser, path = client_of(ada), path_of(source, "remove-all/")
    assert "Remove 2 accounts" in browser.get(path).content.decode()
    assert "Say why." in browser.post(path, {"reason": ""}).content.decode()
    answer = browser.post(path, {"reason": "The Account ID changes"})
    job = Job.objects.get(kind="source.remove_accounts")
    assert answer["Location"] == f"/jobs/{job.pk}/"
    run_job(job.pk)
    assert accounts_of(source) == {}


def test_who_may_what(
    client_of: ClientOf, ada: Identity, vera: Identity, mallory: Identity, source: Source
) -> None:
    row, browser = SourceAccount.objects.filter(source=source)[0], client_of(vera)
    text = browser.get(path_of(source, f"{row.pk}/")).content.decode()
    assert row.native_identity in text
    assert "<form" not in text.partition('class="page-content"')[2]
    assert "Add account" not in browser.get(path_of(source)).content.decode()
    assert browser.post(path_of(source, f"{row.pk}/")).status_code == 403
    for path in ("new/", f"{row.pk}/remove/", "remove-all/"):
        assert browser.get(path_of(source, path)).status_code == 403
    assert browser.post(path_of(source, "removed/1/bring-back/")).status_code == 403
    for path in ("", "export/", "removed/", f"{row.pk}/"):
        assert client_of(mallory).get(path_of(source, path)).status_code == 403


def test_what_is_not_there_and_wrong_methods(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    browser, other = client_of(ada), make_source("Other")
    row = SourceAccount.objects.filter(source=source)[0]
    assert browser.get(path_of(other, f"{row.pk}/")).status_code == 404
    assert browser.post(path_of(source, "removed/1/bring-back/")).status_code == 404
    for path in ("", "export/", "removed/"):
        assert browser.post(path_of(source, path)).status_code == 405
    assert browser.get(path_of(source, "removed/1/bring-back/")).status_code == 405
    assert Client().get(path_of(source))["Location"].startswith("/sign-in/")


def test_names_are_escaped(client_of: ClientOf, ada: Identity, source: Source) -> None:
    bring(source, rows("SA-001,<script>alert(1)</script>,a@x.com,Audit", "SA-002,b,c,d"))
    assert "<script>alert" not in client_of(ada).get(path_of(source)).content.decode()
