"""One account at a time, without any file."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts.audit.models import Event
from accounts.authorization.policies import NotAllowed
from accounts.jobs.run import run_job
from accounts.models import Identity, RemovedAccount, Source, SourceAccount
from accounts.sources import accounts, queries
from accounts.sources.accounts import AccountGone, AccountTaken, BadAccount
from accounts.sources.connectors.base import AttributeDraft
from tests.factories.imports import accounts_of, bring, make_source, plan, rows

pytestmark = pytest.mark.django_db

VALUES = {"id": "SA-001", "name": "audit01", "e-mail": "a@b.c", "purpose": "=why"}


def add(by: Identity, source: Source, **values: Any) -> SourceAccount:
    return accounts.add(by=by, source=source, values=VALUES | values, at=timezone.now())


def edit(by: Identity, account: SourceAccount, **values: Any) -> SourceAccount:
    return accounts.edit(
        by=by, account=account, values=VALUES | values, digest=account.digest, at=timezone.now()
    )


def test_added_edited_removed_and_brought_back(ada: Identity) -> None:
    source = make_source()
    account = add(ada, source)
    assert account.attributes["purpose"] == "=why"
    changed = edit(ada, account, purpose="because", **{"e-mail": ""})
    assert accounts_of(source)["SA-001"] == {
        "id": "SA-001",
        "name": "audit01",
        "purpose": "because",
    }
    event = Event.objects.get(action="source_account.edited")
    assert event.detail == {
        "before": {"e-mail": "a@b.c", "purpose": "=why"},
        "after": {"e-mail": None, "purpose": "because"},
    }
    accounts.remove(by=ada, account=changed, at=timezone.now())
    accounts.remove(by=ada, account=changed, at=timezone.now())
    source.refresh_from_db()
    assert (source.account_count, accounts_of(source)) == (0, {})
    removed = RemovedAccount.objects.get()
    back = accounts.bring_back(by=ada, removed=removed, at=timezone.now())
    assert (back.attributes, back.created_at) == (changed.attributes, account.created_at)
    with pytest.raises(AccountGone):
        accounts.bring_back(by=ada, removed=removed, at=timezone.now())
    source.refresh_from_db()
    assert source.account_count == 1


def test_what_is_typed_is_what_a_file_would_have_brought(ada: Identity) -> None:
    source = make_source()
    add(ada, source)
    run = plan(source, rows("SA-001,audit01,a@b.c,'=why"))
    assert run.unchanged == 1


def test_an_id_is_there_once(ada: Identity) -> None:
    source, other = make_source(), make_source("Other")
    account = add(ada, source)
    add(ada, other)
    second = add(ada, source, id="SA-002")
    with pytest.raises(AccountTaken):
        add(ada, source, id=" SA-001 ")
    with pytest.raises(AccountTaken):
        edit(ada, second, id="SA-001")
    accounts.remove(by=ada, account=account, at=timezone.now())
    add(ada, source)
    with pytest.raises(AccountTaken):
        accounts.bring_back(by=ada, removed=RemovedAccount.objects.get(), at=timezone.now())


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"id": ""}, "id"),
        ({"name": " "}, "name"),
        ({"id": "x" * 256}, "id"),
        ({"name": "a\u202eb"}, "name"),
        ({"purpose": "x" * 4001}, "purpose"),
        ({"purpose": "a\0b"}, "purpose"),
        ({"purpose": ["one", "two"]}, "purpose"),
        ({"is_admin": "true"}, "is_admin"),
    ],
)
def test_a_value_that_does_not_fit_names_its_field(
    ada: Identity, values: dict[str, Any], field: str
) -> None:
    source = make_source()
    with pytest.raises(BadAccount) as refused:
        add(ada, source, **values)
    assert refused.value.field == field
    assert accounts_of(source) == {}


def test_several_values_where_the_schema_allows_them(ada: Identity) -> None:
    source = make_source(attributes=[AttributeDraft("purpose", is_multi_valued=True, type="INT")])
    account = add(ada, source, purpose=["1", "", "2", "1"])
    assert account.attributes["purpose"] == [1, 2]
    with pytest.raises(BadAccount):
        add(ada, source, id="x", purpose=["1", "two"])


def test_an_account_that_changed_meanwhile_is_not_overwritten(ada: Identity) -> None:
    account = add(ada, make_source())
    edit(ada, account, purpose="first")
    with pytest.raises(AccountGone):
        edit(ada, account, purpose="second")


def test_all_accounts_are_removed_as_a_job_with_a_reason(ada: Identity) -> None:
    source = make_source()
    bring(source, rows("SA-1,a,,", "SA-2,b,,"))
    with pytest.raises(BadAccount):
        accounts.remove_all(by=ada, source=source, reason=" ", at=timezone.now())
    job = accounts.remove_all(by=ada, source=source, reason="wrong ID", at=timezone.now())
    run_job(job.pk)
    job.refresh_from_db()
    source.refresh_from_db()
    assert (job.result, source.account_count, accounts_of(source)) == ({"removed": 2}, 0, {})
    assert RemovedAccount.objects.count() == 2
    assert Event.objects.get(action="source.accounts_removed").reason == "wrong ID"


def test_who_may_not_does_not(ada: Identity, vera: Identity) -> None:
    source = make_source()
    account = add(ada, source)
    for call in (
        lambda: add(vera, source, id="x"),
        lambda: edit(vera, account, purpose="x"),
        lambda: accounts.remove(by=vera, account=account, at=timezone.now()),
        lambda: accounts.remove_all(by=vera, source=source, reason="x", at=timezone.now()),
    ):
        with pytest.raises(NotAllowed):
            call()


@pytest.mark.parametrize("inside_up_to", [20_000, 0])
def test_accounts_are_searched_by_name_and_id(
    inside_up_to: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "SEARCH_INSIDE_UP_TO", inside_up_to)
    source = make_source()
    bring(source, rows("SA-001,Audit01,,", "SA-002,backup,,", "XB-003,Müller%,,"))
    source.refresh_from_db()

    def found(text: str) -> set[str]:
        return set(queries.search(source, text).values_list("native_identity", flat=True))

    assert found("") == {"SA-001", "SA-002", "XB-003"}
    assert found("audit") == {"SA-001"}
    assert found("SA-") == {"SA-001", "SA-002"}
    assert found("müller%") == {"XB-003"}
    assert found("MÜLLER") == {"XB-003"}
    assert found("%") == ({"XB-003"} if inside_up_to else set())
    assert found("up") == ({"SA-002"} if inside_up_to else set())


@pytest.mark.parametrize("text", ["abc", "", None])
def test_a_large_source_is_searched_by_an_index(
    text: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connection

    monkeypatch.setattr(queries, "SEARCH_INSIDE_UP_TO", -1)
    source = make_source()
    found = queries.search(source, text or "").order_by("name_key", "id")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
    explained = found[:50].explain()
    assert "source_account_by_name" in explained or "account_id_once" in explained
