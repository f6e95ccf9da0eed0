"""Account Schema through its pages: attributes added, changed, removed, uploaded, downloaded."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Identity, SchemaAttribute, Source
from tests.factories.imports import bring, make_source, rows

ClientOf = Callable[[Identity], Client]


@pytest.fixture
def source(ada: Identity) -> Source:
    return make_source()


def path_of(source: Source, rest: str = "") -> str:
    return f"/sources/{source.pk}/schema/{rest}"


def names(source: Source) -> list[str]:
    return list(source.attributes.order_by("position").values_list("name", flat=True))


def attribute(source: Source, name: str) -> SchemaAttribute:
    return source.attributes.get(name=name)


def test_labels_and_badges(client_of: ClientOf, ada: Identity, source: Source) -> None:
    text = client_of(ada).get(path_of(source)).content.decode()
    for label in (
        "Attribute Name",
        "Description",
        "Type",
        "Entitlement",
        "Multi-Valued",
        "Add New Attribute",
        "Upload Schema",
        "Download Schema",
        "Account ID",
        "Account Name",
    ):
        assert label in text


def test_adding_changing_removing(client_of: ClientOf, ada: Identity, source: Source) -> None:
    browser = client_of(ada)
    given = {"name": "groups", "description": "Where it is in", "type": "STRING"}
    answer = browser.post(path_of(source, "new/"), given | {"is_multi_valued": "on"}, follow=True)
    assert "The attribute groups is added." in answer.content.decode()
    row = attribute(source, "groups")
    assert row.is_multi_valued

    edit = path_of(source, f"{row.pk}/")
    assert "Where it is in" in browser.get(edit).content.decode()
    browser.post(edit, given | {"type": "INT", "name": "level"})
    row.refresh_from_db()
    assert (row.name, row.type, row.is_multi_valued) == ("level", "INT", False)

    assert "What will happen" in browser.get(f"{edit}remove/").content.decode()
    browser.post(f"{edit}remove/")
    assert names(source) == ["id", "name", "e-mail", "purpose"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "E-Mail", "type": "STRING"}, "There already is an attribute"),
        ({"name": "", "type": "STRING"}, "Type the heading of the column."),
        ({"name": "=cmd", "type": "STRING"}, "Choose another name"),
        ({"name": "age", "type": "FLOAT"}, "Select a valid choice"),
        ({"name": "key", "type": "INT", "is_account_id": "on"}, "are single strings"),
    ],
)
def test_what_is_wrong_with_an_attribute_is_said(
    client_of: ClientOf, ada: Identity, source: Source, given: dict[str, str], message: str
) -> None:
    answer = client_of(ada).post(path_of(source, "new/"), given)
    assert answer.status_code == 200
    assert message in answer.content.decode()


def test_a_badge_moves(client_of: ClientOf, ada: Identity, source: Source) -> None:
    row = attribute(source, "e-mail")
    given = {"name": "e-mail", "type": "STRING", "is_account_name": "on"}
    client_of(ada).post(path_of(source, f"{row.pk}/"), given)
    assert attribute(source, "e-mail").is_account_name
    assert not attribute(source, "name").is_account_name


def test_with_accounts_the_badges_stay_and_the_way_out_is_said(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    bring(source, rows("SA-001,audit01,a@x.com,Audit"))
    browser, row = client_of(ada), attribute(source, "e-mail")
    given = {"name": "e-mail", "type": "STRING", "is_account_name": "on"}
    text = browser.post(path_of(source, f"{row.pk}/"), given).content.decode()
    assert "cannot change while accounts exist" in text
    assert "Remove all accounts on the Overview tab first" in text
    assert "Accounts exist" in browser.get(path_of(source)).content.decode()


def test_the_account_id_is_not_removed(client_of: ClientOf, ada: Identity, source: Source) -> None:
    row = attribute(source, "id")
    answer = client_of(ada).post(path_of(source, f"{row.pk}/remove/"), follow=True)
    assert "cannot be removed" in answer.content.decode()


def test_what_is_downloaded_can_be_uploaded(
    client_of: ClientOf, ada: Identity, source: Source
) -> None:
    browser = client_of(ada)
    answer = browser.get(path_of(source, "download/"))
    assert json.loads(answer.content)["identityAttribute"] == "id"
    assert "service-accounts-schema.json" in answer["Content-Disposition"]

    other = make_source("Other", header="key,label")
    file = SimpleUploadedFile("schema.json", answer.content)
    assert browser.post(path_of(other, "upload/"), {"file": file}).status_code == 302
    assert names(other) == names(source)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty (0 bytes)."),
        (b"{", "The file is no schema in JSON."),
        (b"\xff\xfeid", "Save the file as UTF-8."),
        (b"id,name,ID", "names an attribute twice"),
    ],
)
def test_a_schema_that_is_none_is_refused(
    client_of: ClientOf, ada: Identity, source: Source, content: bytes, message: str
) -> None:
    file = SimpleUploadedFile("schema.csv", content)
    answer = client_of(ada).post(path_of(source, "upload/"), {"file": file})
    assert message in answer.content.decode()
    assert names(source) == ["id", "name", "e-mail", "purpose"]


def test_search(client_of: ClientOf, ada: Identity, source: Source) -> None:
    found = client_of(ada).get(path_of(source, "?q=PURP")).context["attributes"]
    assert [row.name for row in found] == ["purpose"]


def test_who_may_what(
    client_of: ClientOf, ada: Identity, vera: Identity, mallory: Identity, source: Source
) -> None:
    row, browser = attribute(source, "purpose"), client_of(vera)
    assert "Add New Attribute" not in browser.get(path_of(source)).content.decode()
    assert browser.get(path_of(source, "download/")).status_code == 200
    for path in ("new/", "upload/", f"{row.pk}/", f"{row.pk}/remove/"):
        assert browser.get(path_of(source, path)).status_code == 403
    for path in ("", "download/"):
        assert client_of(mallory).get(path_of(source, path)).status_code == 403
    other = make_source("Other")
    assert client_of(ada).get(path_of(other, f"{row.pk}/")).status_code == 404
    assert client_of(ada).post(path_of(source)).status_code == 405
    assert Client().get(path_of(source))["Location"].startswith("/sign-in/")
