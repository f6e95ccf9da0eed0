"""Accounts of a source by our own API."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.jobs.run import run_job
from accounts.models import Event, Identity, Source, SourceAccount
from accounts.sources.connectors.base import AttributeDraft, Type
from tests.doors.rest.caller import Caller, fields
from tests.factories import make_person
from tests.factories.imports import accounts_of, bring, make_source, plan, rows

pytestmark = pytest.mark.django_db

HEADER = "id,name,level,active,groups"
BODY: dict[str, Any] = {
    "attributes": {"id": "SA-1", "name": "audit", "level": 7, "active": True, "groups": ["a", "b"]}
}


@pytest.fixture
def source(db: None) -> Source:
    return make_source(
        header=HEADER,
        attributes=[
            AttributeDraft("level", type=Type.INT),
            AttributeDraft("active", type=Type.BOOLEAN),
            AttributeDraft("groups", is_multi_valued=True),
        ],
    )


def test_an_account_is_added_changed_removed_and_brought_back(
    admin: Caller, source: Source
) -> None:
    path = f"/sources/{source.pk}"
    made = admin.post(f"{path}/accounts", BODY)
    assert made.status_code == 201, made.content
    account = made.json()
    assert account["attributes"] == BODY["attributes"]
    assert (account["account_id"], account["account_name"]) == ("SA-1", "audit")
    own, tag = f"{path}/accounts/{account['id']}", made.headers["ETag"]
    assert made.headers["Location"] == f"/api/v1{own}"
    assert admin.get(own).json() == account
    changed = admin.patch(own, {"attributes": {"groups": None, "level": -1}}, if_match=tag)
    assert changed.status_code == 200, changed.content
    kept = {"id": "SA-1", "name": "audit", "level": -1, "active": True}
    assert changed.json()["attributes"] == kept
    assert admin.patch(own, {"attributes": {"level": 1}}, if_match=tag).status_code == 412
    assert admin.patch(own, {}).json() == changed.json()
    assert admin.delete(own, if_match=tag).status_code == 412
    assert admin.delete(own).status_code == 204
    assert admin.delete(own).status_code == 404
    (removed,) = admin.get(f"{path}/removed-accounts").json()["items"]
    assert (removed["attributes"], removed["removed_by"]) == (kept, admin.holder.label)
    back = admin.post(f"{path}/removed-accounts/{removed['id']}/bring-back")
    assert (back.status_code, back.json()["attributes"]) == (200, kept)
    assert admin.post(f"{path}/removed-accounts/{removed['id']}/bring-back").status_code == 404
    assert list(accounts_of(source)) == ["SA-1"]


@pytest.mark.parametrize(
    ("attributes", "wrong"),
    [
        ({}, "id"),
        ({"id": ""}, "id"),
        ({"id": None}, "id"),
        ({"id": "x" * 256}, "id"),
        ({"id": "x\u202ey"}, "id"),
        ({"name": ""}, "name"),
        ({"level": "much"}, "level"),
        ({"level": 2**40}, "level"),
        ({"level": 1.5}, "level"),
        ({"level": [1, 2]}, "level"),
        ({"active": "perhaps"}, "active"),
        ({"groups": [["a"]]}, "groups"),
        ({"groups": {"a": 1}}, "groups"),
        ({"groups": ["x" * 4001]}, "groups"),
        ({"nothing": "x"}, "nothing"),
    ],
)
def test_what_does_not_fit_the_schema_is_named(
    admin: Caller, source: Source, attributes: dict[str, Any], wrong: str
) -> None:
    body = {"attributes": BODY["attributes"] | attributes if attributes else {"name": "x"}}
    answer = admin.post(f"/sources/{source.pk}/accounts", body)
    assert answer.status_code == 422, answer.content
    assert fields(answer) == {f"attributes.{wrong}"}
    assert not SourceAccount.objects.exists()


def test_an_id_is_given_once(admin: Caller, source: Source) -> None:
    path = f"/sources/{source.pk}/accounts"
    assert admin.post(path, BODY).status_code == 201
    again = admin.post(path, BODY)
    assert (again.status_code, again.json()["code"]) == (409, "account_taken")
    wrong: list[dict[str, Any]] = [{}, {"attributes": []}, {"attributes": None}]
    for body in wrong:
        assert fields(admin.post(path, body)) == {"attributes"}


def test_accounts_are_found_and_paged(admin: Caller, source: Source) -> None:
    lines = [f"SA-{number},user{9 - number},1,true,a" for number in range(5)]
    bring(source, rows(*lines, header=HEADER))
    path = f"/sources/{source.pk}/accounts"

    def ids(**query: str) -> list[str]:
        answer = admin.get(path, **query)
        assert answer.status_code == 200, answer.content
        return [account["account_id"] for account in answer.json()["items"]]

    assert ids() == ["SA-4", "SA-3", "SA-2", "SA-1", "SA-0"]
    assert ids(sort="account_id", limit="2") == ["SA-0", "SA-1"]
    cursor = admin.get(path, sort="account_id", limit="2").json()["next"]
    assert ids(sort="account_id", limit="2", cursor=cursor) == ["SA-2", "SA-3"]
    assert ids(q="ser7") == ["SA-2"]
    assert ids(q="nobody") == []
    assert fields(admin.get(path, q="x" * 256)) == {"q"}
    # a cursor of one list opens no other
    assert admin.get(path, sort="account_name", cursor=cursor).status_code == 422


def test_who_only_sees_changes_nothing(vera: Identity, ada: Identity, source: Source) -> None:
    stranger = make_person("cleo", levels=["source_subadmin"])
    bring(source, rows("SA-1,audit,1,true,a", header=HEADER))
    base = f"/sources/{source.pk}"
    path = f"{base}/accounts/{SourceAccount.objects.get().pk}"
    for caller, seen, refused in (
        (Caller(vera), 200, 403),
        (Caller(ada, ["steward:sources:read"]), 200, 403),
        (Caller(stranger), 404, 404),
    ):
        for place in (path, f"{base}/accounts", f"{base}/removed-accounts"):
            assert caller.get(place).status_code == seen
        assert caller.post(f"{base}/accounts", BODY).status_code == refused
        assert caller.patch(path, {"attributes": {}}).status_code == refused
        assert caller.delete(path).status_code == refused
        assert caller.post(f"{base}/removed-accounts/1/bring-back").status_code == refused
        assert caller.post(f"{base}/remove-accounts", {"reason": "x"}).status_code in (403, 404)
    assert SourceAccount.objects.count() == 1


def test_all_accounts_go_by_a_job_with_a_reason(admin: Caller, source: Source) -> None:
    bring(source, rows("SA-1,audit,1,true,a", header=HEADER))
    path = f"/sources/{source.pk}/remove-accounts"
    for body in ({}, {"reason": ""}, {"reason": "x" * 501}):
        assert fields(admin.post(path, body)) == {"reason"}
    begun = admin.post(path, {"reason": "A new file comes"})
    assert begun.status_code == 202, begun.content
    again = admin.post(path, {"reason": "A new file comes"})
    assert (again.status_code, again.json()["code"]) == (409, "already_running")
    job = begun.headers["Location"].removeprefix("/api/v1")
    assert admin.get(job).json()["id"] == begun.json()["id"]
    run_job(begun.json()["id"])
    assert admin.get(job).json()["state"] == "succeeded"
    assert not SourceAccount.objects.exists()


def test_who_may_not_empty_a_source_does_not_although_it_is_theirs(source: Source) -> None:
    bea = make_person("bea", levels=["source_subadmin"])
    Source.objects.filter(pk=source.pk).update(owner=bea)
    caller = Caller(bea)
    assert caller.post(f"/sources/{source.pk}/accounts", BODY).status_code == 201
    refused = caller.post(f"/sources/{source.pk}/remove-accounts", {"reason": "x"})
    assert refused.status_code == 403
    assert SourceAccount.objects.count() == 1


def test_many_accounts_cost_as_many_statements_as_few(admin: Caller, source: Source) -> None:
    path = f"/sources/{source.pk}/accounts"
    counts = []
    for many in (2, 30):
        lines = [f"SA-{number},user{number},1,true,a" for number in range(many)]
        bring(source, rows(*lines, header=HEADER))
        admin.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert len(admin.get(path).json()["items"]) == many
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_all_accounts_are_a_file_that_can_be_imported_again(
    vera: Identity, otto: Identity, ada: Identity
) -> None:
    source = make_source()
    bring(source, rows("1,one,a@x.example,=1+1", "2,two,,é"))
    path = f"/sources/{source.pk}/accounts/export"
    answer = Caller(vera).get(path)
    assert answer.status_code == 200, answer.content
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.headers["Cache-Control"] == "no-store"
    again = plan(source, answer.content)
    assert (again.unchanged, again.new) == (2, 0)
    assert Event.objects.get(action="source.accounts_exported").actor_id == str(vera.pk)
    for accept, status in (("text/csv", 200), ("application/json", 406)):
        asked = Caller(vera).send("GET", path, accept=accept)
        assert asked.status_code == status, accept
    assert Caller(otto).get(path).status_code == 403
    assert Caller(ada, ["steward:groups:read"]).get(path).status_code == 403
    bea = Caller(make_person("bea", levels=["source_subadmin"]))
    assert bea.get(path).status_code == 404
