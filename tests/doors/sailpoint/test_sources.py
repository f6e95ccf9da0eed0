"""Sources and their schema over the door."""

from __future__ import annotations

import json

import pytest

from accounts.models import Identity, Source
from tests.doors.sailpoint.caller import Caller, said
from tests.factories import make_person
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import make_profile
from tests.oauth.program import Answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def caller(ada: Identity) -> Caller:
    return Caller(ada)


def test_a_source_is_told_in_the_vendors_words(caller: Caller) -> None:
    source = make_source(threshold=25)
    told = caller.get(f"/sources/v1/{source.pk}").json()
    assert told["type"] == "DelimitedFile"
    assert told["connector"] == "delimited-file-angularsc"
    assert told["deleteThreshold"] == told["connectorAttributes"]["deleteThresholdPercentage"] == 25
    assert told["status"] == "SOURCE_STATE_UNCHECKED_SOURCE_NO_ACCOUNTS"
    assert (told["authoritative"], told["healthy"]) == (False, False)
    make_profile(source)
    bring(source, rows("SA-1,one,a@example.com,A"))
    told = caller.get(f"/sources/v1/{source.pk}").json()
    assert (told["authoritative"], told["healthy"]) == (True, True)
    assert told["status"] == "SOURCE_STATE_HEALTHY"


def test_a_source_is_made_by_the_flag_and_belongs_to_whoever_made_it(caller: Caller) -> None:
    body = {"name": "Made", "connector": "any", "deleteThreshold": 0}
    answer = caller.send("POST", "/sources/v1?provisionAsCsv=true", body)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert made["owner"]["name"] == "ada"
    assert (made["deleteThreshold"], made["type"]) == (0, "DelimitedFile")
    assert Source.objects.get(pk=made["id"]).deletion_disabled
    assert caller.send("POST", "/sources/v1", body | {"name": "B"}).status_code == 400
    again = caller.send("POST", "/sources/v1?provisionAsCsv=true", body)
    assert (again.status_code, said(again)[:4]) == (400, "name")


@pytest.mark.parametrize(
    "changed",
    [
        {"name": ""},
        {"name": None},
        {"owner": {"id": "nobody"}},
        {"owner": "ada"},
        {"deleteThreshold": 101},
        {"deleteThreshold": "10"},
        {"description": ["x"]},
    ],
)
def test_a_source_that_cannot_be_made_is_refused(caller: Caller, changed: object) -> None:
    assert isinstance(changed, dict)
    body = {"name": "Made", "connector": "delimited-file"} | changed
    assert caller.send("POST", "/sources/v1", body).status_code == 400
    assert not Source.objects.exists()


def change(caller: Caller, source: Source, *changes: tuple[str, object]) -> Answer:
    body = [{"op": "replace", "path": path, "value": value} for path, value in changes]
    kind = "application/json-patch+json"
    return caller.send("PATCH", f"/sources/v1/{source.pk}", body, content_type=kind)


def test_name_owner_and_threshold_are_changed(caller: Caller, otto: Identity) -> None:
    source = make_source()
    threshold = "/connectorAttributes/deleteThresholdPercentage"
    told = change(
        caller,
        source,
        ("/name", "Renamed"),
        ("/description", "From payroll"),
        ("/owner", {"type": "IDENTITY", "id": str(otto.pk)}),
        ("/deleteThreshold", 25),
        (threshold, 25),
    ).json()
    assert (told["name"], told["description"], told["owner"]["name"]) == (
        "Renamed",
        "From payroll",
        "otto",
    )
    assert told["deleteThreshold"] == told["connectorAttributes"]["deleteThresholdPercentage"] == 25
    assert change(caller, source, ("/deleteThreshold", 0)).json()["deleteThreshold"] == 0
    source.refresh_from_db()
    assert (source.deletion_disabled, source.delete_threshold_percent) == (True, 25)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/name", ""),
        ("/name", None),
        ("/name", 3),
        ("/owner", {"id": "nobody"}),
        ("/deleteThreshold", 101),
        ("/deleteThreshold", None),
        ("/connectorAttributes/delimiter", ";"),
        ("/id", "x"),
    ],
)
def test_a_change_that_cannot_be_made_is_refused(caller: Caller, path: str, value: object) -> None:
    source = make_source()
    assert change(caller, source, ("/description", "New"), (path, value)).status_code == 400
    source.refresh_from_db()
    assert source.description == ""


def test_a_source_in_use_is_not_deleted(caller: Caller) -> None:
    used, free = make_source("Used"), make_source("Free")
    make_profile(used)
    assert caller.send("DELETE", f"/sources/v1/{used.pk}").status_code == 400
    assert caller.send("DELETE", f"/sources/v1/{free.pk}").status_code == 202
    assert [each["name"] for each in caller.get("/sources/v1").json()] == ["Used"]


def test_the_schema_is_read_and_replaced_by_the_columns_of_a_file(caller: Caller) -> None:
    source = make_source()
    path = f"/sources/v1/{source.pk}/schemas"
    [told] = caller.get(path).json()
    assert (told["identityAttribute"], told["displayAttribute"]) == ("id", "name")
    assert caller.get(f"{path}/{told['id']}").json() == told
    assert caller.get(f"{path}/{source.pk}").status_code == 404
    assert caller.get(path, **{"include-names": "group"}).json() == []
    changed = caller.upload(f"{path}/accounts", b"id,name,e-mail,team\r\n")
    assert changed.status_code == 200, changed.content
    assert [each["name"] for each in changed.json()["attributes"]][-1] == "team"
    template = caller.get(f"{path}/accounts")
    assert template.headers["Content-Type"].startswith("text/csv")
    assert template.content.decode("utf-8") == "id,name,e-mail,team\r\n"
    assert caller.upload(f"{path}/accounts", b"").status_code == 400
    taken = json.loads(caller.get(path).content)
    assert caller.upload(f"{path}/accounts", json.dumps(taken[0]).encode()).status_code == 200


def test_accounts_are_found_by_source_and_holder(caller: Caller) -> None:
    source, other = make_source(), make_source("Other")
    bring(source, rows("SA-1,one,a@example.com,A", "SA-2,two,a@example.com,B"))
    bring(other, rows("X-1,three,a@example.com,C"))

    def names(filters: str) -> list[str]:
        answer = caller.get("/accounts/v1", filters=filters, sorters="-name")
        assert answer.status_code == 200, answer.content
        return [each["name"] for each in answer.json()]

    assert names(f'sourceId eq "{source.pk}"') == ["two", "one"]
    assert names('nativeIdentity sw "sa-"') == ["two", "one"]
    assert names("uncorrelated eq true") == ["two", "three", "one"]
    assert names("uncorrelated eq false") == []
    assert names(f'identityId eq "{caller.holder.pk}"') == []
    [one] = caller.get("/accounts/v1", filters='name eq "one"').json()
    assert one["attributes"]["purpose"] == "A"
    assert caller.get(f"/accounts/v1/{one['id']}").json() == one
    slim = caller.get("/accounts/v1", filters='name eq "one"', detailLevel="SLIM").json()
    assert slim[0]["attributes"] is None
    for unknown in ("0", "x", "9" * 30):
        assert caller.get(f"/accounts/v1/{unknown}").status_code == 404


def test_the_accounts_of_another_owners_source_are_not_there(caller: Caller) -> None:
    source = make_source()
    bring(source, rows("SA-1,one,a@example.com,A"))
    [one] = caller.get("/accounts/v1").json()
    nora = Caller(make_person("nora", levels=["source_subadmin"]))
    assert nora.get("/accounts/v1", count="true").headers["X-Total-Count"] == "0"
    for path in (f"/accounts/v1/{one['id']}", f"/sources/v1/{source.pk}"):
        assert nora.get(path).status_code == 404
    assert nora.get(f"/sources/v1/{source.pk}/schemas/accounts").status_code == 404
    assert nora.send("DELETE", f"/sources/v1/{source.pk}").status_code == 404
