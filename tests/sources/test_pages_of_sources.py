"""The pages of sources: list, making, overview, configuration, deletion."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit.models import Event
from accounts.models import Identity, Source
from tests.factories.imports import bring, make_source, rows

ClientOf = Callable[[Identity], Client]

NEW = {"name": "Service Accounts", "description": "For the guide", "owner": ""}
CONFIGURATION = {
    "name": "Service Accounts",
    "description": "",
    "owner": "",
    "delimiter": ";",
    "quote": '"',
    "comment": "#",
    "merge_rows": "on",
    "delete_threshold_percent": "20",
    "revision": "1",
}


def test_the_guide_begins_with_a_new_source(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)
    assert "No sources yet" in browser.get("/sources/").content.decode()
    assert "Delimited File" in browser.get("/sources/new/").content.decode()
    given = NEW | {"connector_name": "delimited_file", "owner": str(ada.pk), "start": "people"}
    answer = browser.post("/sources/new/", given, follow=True)

    source = Source.objects.get()
    text = answer.content.decode()
    assert source.owner == ada
    for part in ("Account Schema", "Attribute Name", "Multi-Valued", "Account ID", "givenName"):
        assert part in text
    assert "Service Accounts" in browser.get("/sources/").content.decode()


def test_a_source_of_service_accounts_begins_with_the_four_attributes_of_the_guide(
    client_of: ClientOf, ada: Identity
) -> None:
    given = NEW | {"connector_name": "delimited_file", "start": "service_accounts"}
    client_of(ada).post("/sources/new/", given)
    names = Source.objects.get().attributes.order_by("position").values_list("name", flat=True)
    assert list(names) == ["id", "name", "e-mail", "purpose"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": ""}, "Type a name."),
        ({"name": "SERVICE  Accounts"}, "There already is a source named"),
        ({"owner": "00000000-0000-4000-8000-000000000000"}, "Choose a person who can sign in."),
        ({"connector_name": "nonsense"}, "Select a valid choice"),
        ({"start": ""}, "This field is required."),
        ({"start": "nonsense"}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_with_a_new_source_is_said_and_nothing_typed_is_lost(
    client_of: ClientOf, ada: Identity, given: dict[str, str], message: str
) -> None:
    make_source()
    right = {"name": "Another", "connector_name": "delimited_file", "start": "people"}
    fields = NEW | right | given
    answer = client_of(ada).post("/sources/new/", fields)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert message in text
    assert "For the guide" in text
    assert Source.objects.count() == 1


def test_the_overview_says_what_is_next_and_how_it_is(client_of: ClientOf, ada: Identity) -> None:
    source, browser = make_source(), client_of(ada)
    text = browser.get(f"/sources/{source.pk}/").content.decode()
    assert "Source config is incomplete. Please add accounts." in text
    for part in ("Source Type: Delimited File", "Connection Type: Flat File", "No Activity."):
        assert part in text

    bring(source, rows("SA-001,audit01,a@x.com,Audit"))
    text = browser.get(f"/sources/{source.pk}/").content.decode()
    assert "Healthy since just now" in text
    Source.objects.update(healthy_since=timezone.now() - timedelta(minutes=7))
    assert "Healthy for 7 minutes" in browser.get(f"/sources/{source.pk}/").content.decode()
    assert "1 account imported" in text


def test_edit_configuration(client_of: ClientOf, ada: Identity, otto: Identity) -> None:
    source, browser = make_source(), client_of(ada)
    text = browser.get(f"/sources/{source.pk}/configuration/").content.decode()
    for label in ("Delimiter", "Quote character", "Comment character", "Merge rows", "Owner"):
        assert label in text

    given = CONFIGURATION | {"owner": str(otto.pk)}
    assert browser.post(f"/sources/{source.pk}/configuration/", given).status_code == 302
    source.refresh_from_db()
    assert source.config["delimiter"] == ";"
    assert source.config["ignore_extra_columns"] is False
    assert (source.owner, source.delete_threshold_percent) == (otto, 20)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("delimiter", "ab", "Type one character"),
        ("quote", ";", "must differ"),
        ("comment", "x", "Choose a sign"),
        ("delete_threshold_percent", "0", "Choose a percentage from 1 to 100."),
        ("delete_threshold_percent", "ten", "Choose a percentage from 1 to 100."),
    ],
)
def test_a_configuration_that_does_not_work_is_refused(
    client_of: ClientOf, ada: Identity, field: str, value: str, message: str
) -> None:
    source = make_source()
    path = f"/sources/{source.pk}/configuration/"
    answer = client_of(ada).post(path, CONFIGURATION | {field: value})
    assert message in answer.content.decode()


def test_two_who_edit_at_once_are_told(client_of: ClientOf, ada: Identity) -> None:
    source, browser = make_source(), client_of(ada)
    path = f"/sources/{source.pk}/configuration/"
    browser.post(path, CONFIGURATION | {"description": "The first"})
    answer = browser.post(path, CONFIGURATION | {"description": "The second"})
    text = answer.content.decode()
    assert "ada changed this source while you were editing it" in text
    assert "<ins>The first</ins>" in text
    assert "The second</textarea>" in text
    assert 'name="revision" value="2"' in text

    browser.post(path, CONFIGURATION | {"description": "The second", "revision": "2"})
    source.refresh_from_db()
    assert source.description == "The second"


def test_a_source_is_deleted_by_typing_its_name(client_of: ClientOf, ada: Identity) -> None:
    source, browser = make_source(), client_of(ada)
    path = f"/sources/{source.pk}/delete/"
    assert "What will happen" in browser.get(path).content.decode()
    assert "This is not the name." in browser.post(path, {"name": "x"}).content.decode()
    browser.post(path, {"name": "Service Accounts"})
    source.refresh_from_db()
    assert source.deleted_at is not None
    assert browser.get(f"/sources/{source.pk}/").status_code == 404
    assert "No sources yet" in browser.get("/sources/").content.decode()


def test_an_auditor_reads_and_has_no_button(
    client_of: ClientOf, ada: Identity, vera: Identity
) -> None:
    source, browser = make_source(), client_of(vera)
    assert "New Source" not in browser.get("/sources/").content.decode()
    text = browser.get(f"/sources/{source.pk}/").content.decode()
    for absent in ("Danger zone", "Edit Configuration"):
        assert absent not in text
    for path in ("new/", f"{source.pk}/configuration/", f"{source.pk}/delete/"):
        assert browser.get(f"/sources/{path}").status_code == 403


PAGES = ["", "new/", "{0}/", "{0}/configuration/", "{0}/delete/"]


@pytest.mark.parametrize("path", PAGES)
def test_a_basic_user_is_refused_and_it_is_recorded(
    client_of: ClientOf, mallory: Identity, path: str
) -> None:
    answer = client_of(mallory).get("/sources/" + path.format(make_source().pk))
    assert answer.status_code == 403
    assert Event.objects.filter(action="console.refused", actor_label="mallory").exists()


@pytest.mark.parametrize("path", PAGES)
def test_who_is_not_signed_in_is_asked_to(client: Client, db: None, path: str) -> None:
    answer = client.get("/sources/" + path.format(make_source().pk))
    assert answer["Location"].startswith("/sign-in/?next=/sources/")


def test_what_is_only_read_and_what_does_not_exist(client_of: ClientOf, ada: Identity) -> None:
    source, browser = make_source(), client_of(ada)
    assert browser.post("/sources/").status_code == 405
    assert browser.post(f"/sources/{source.pk}/").status_code == 405
    for path in ("", "configuration/", "delete/", "schema/", "accounts/", "imports/"):
        missing = f"/sources/00000000-0000-4000-8000-000000000000/{path}"
        assert browser.get(missing).status_code == 404


def test_twenty_rows_cost_as_much_as_three(
    client_of: ClientOf, ada: Identity, otto: Identity
) -> None:
    browser, counts = client_of(ada), []
    for number in (3, 20):
        for index in range(number):
            source = make_source(f"Source {number} {index}")
            Source.objects.filter(pk=source.pk).update(owner=otto)
        with CaptureQueriesContext(connection) as captured:
            browser.get("/sources/")
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_search(client_of: ClientOf, ada: Identity) -> None:
    make_source("Directory")
    make_source("Payroll")
    browser = client_of(ada)
    found = browser.get("/sources/?q=pay").context["rows"]
    assert [row["source"].name for row in found] == ["Payroll"]
    assert "No source matches" in browser.get("/sources/?q=zzz").content.decode()
