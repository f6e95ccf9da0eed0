"""The list of identities: what it shows, finds and hides, and its export."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.authorization.levels import AUDITOR
from accounts.identities import actions, registration
from accounts.identities.registration import Registration
from accounts.models import Identity
from accounts.profiles import exceptions
from tests.factories import make_account, make_person
from tests.factories.groups import join, make_group, make_role

ClientOf = Callable[[Identity], Client]


EVERYBODY = ["ada", "audit01", "audit02", "off", "otto", "vera"]


def names(answer: Any) -> list[str]:
    return [row["identity"].user_name for row in answer.context["rows"]]


def exported(answer: Any) -> list[dict[str, str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def everybody(ada: Identity, otto: Identity, vera: Identity, nina: Identity) -> None:
    """People of every status, and a service."""
    make_account("audit02", owner=otto)
    gone, off = make_person("gone"), make_person("off", first_name="Olaf")
    actions.delete(by=ada, identity=gone, at=timezone.now())
    actions.disable(by=ada, identity=off, at=timezone.now())


def test_it_shows_everybody_but_the_deleted(
    client_of: ClientOf, ada: Identity, everybody: None
) -> None:
    answer = client_of(ada).get("/identities/")

    assert sorted(names(answer)) == EVERYBODY
    text = answer.content.decode()
    for said in (
        "Nina Novak",
        "nina@example.com",
        "Admin",
        "Not invited",
        "Disabled",
    ):
        assert said in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=NOVAK", ["audit01"]),
        ("q=audit0", ["audit01", "audit02"]),
        ("q=vera@example", ["vera"]),
        ("q=nobody", []),
        ("q=%25", []),
        ("q=%00", EVERYBODY),
        ("kind=service", ["audit02"]),
        ("kind=agent", []),
        ("level=admin", ["ada"]),
        ("level=user", ["audit01", "audit02", "off", "otto"]),
        ("registration=not_invited", ["audit01", "audit02"]),
        ("registration=registered", ["ada", "off", "otto", "vera"]),
        ("status=disabled", ["off"]),
        ("status=active", ["ada", "audit01", "audit02", "otto", "vera"]),
        ("status=active&kind=person&level=user", ["audit01", "otto"]),
        ("kind=robot&level=root&status=deleted", EVERYBODY),
    ],
)
def test_search_and_filters(
    client_of: ClientOf, ada: Identity, everybody: None, query: str, found: list[str]
) -> None:
    assert sorted(names(client_of(ada).get(f"/identities/?{query}"))) == found


def test_it_finds_by_the_whole_id(client_of: ClientOf, ada: Identity, otto: Identity) -> None:
    assert names(client_of(ada).get(f"/identities/?q={otto.pk}")) == ["otto"]


def test_filters_are_said_and_can_be_removed(
    client_of: ClientOf, ada: Identity, everybody: None
) -> None:
    text = client_of(ada).get("/identities/?q=o&status=active&sort=-name").content.decode()

    assert "Search: o" in text
    assert 'href="/identities/?status=active&amp;sort=-name"' in text
    assert 'name="sort" value="-name"' in text


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("name", "ada"),
        ("-name", "otto"),
        ("user_name", "ada"),
        ("-user_name", "otto"),
        ("x", "ada"),
    ],
)
def test_order(client_of: ClientOf, ada: Identity, otto: Identity, sort: str, first: str) -> None:
    assert names(client_of(ada).get(f"/identities/?sort={sort}"))[0] == first


def test_pages_go_through_all_of_them_once(client_of: ClientOf, ada: Identity) -> None:
    for number in range(60):
        make_person(f"person{number:02}")
    browser, seen, path = client_of(ada), [], "/identities/"
    while path:
        answer = browser.get(path)
        seen += names(answer)
        path = answer.context["page"].next_url

    assert len(seen) == len(set(seen)) == 61


def test_twenty_rows_cost_as_much_as_three(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)
    counts = []
    for number in (3, 20):
        for index in range(number):
            make_person(f"p{number}-{index}", levels=[AUDITOR] if index % 2 else [])
            make_account(f"account {number} {index}")
        with CaptureQueriesContext(connection) as captured:
            browser.get("/identities/")
        counts.append(len(captured))

    assert counts[0] == counts[1]
    assert counts[0] <= 12  # the last is for the life-cycle states to choose from


def test_an_auditor_reads_and_has_no_button(
    client_of: ClientOf, vera: Identity, everybody: None
) -> None:
    text = client_of(vera).get("/identities/").content.decode()

    assert "Export CSV" in text
    for absent in ("Add person", "Set User Levels", "/disable/", "/delete/", "/invite/"):
        assert absent not in text


@pytest.mark.parametrize("path", ["/identities/", "/identities/export/", "/identities/new/"])
def test_a_basic_user_is_refused_and_it_is_recorded(
    client_of: ClientOf, mallory: Identity, path: str
) -> None:
    assert client_of(mallory).get(path).status_code == 403
    assert Event.objects.filter(action="console.refused", actor_label="mallory").exists()


def test_who_is_not_signed_in_is_asked_to(client: Client, db: None) -> None:
    assert client.get("/identities/?q=o")["Location"] == "/sign-in/?next=/identities/%3Fq%3Do"


@pytest.mark.parametrize("path", ["/identities/", "/identities/export/"])
def test_the_list_is_only_read(client_of: ClientOf, ada: Identity, path: str) -> None:
    assert client_of(ada).post(path).status_code == 405


def test_the_export_keeps_the_filter_and_is_recorded(
    client_of: ClientOf, vera: Identity, everybody: None
) -> None:
    answer = client_of(vera).get("/identities/export/?status=active&q=ott&sort=-name")

    rows = exported(answer)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "identities-" in answer["Content-Disposition"]
    assert [row["user_name"] for row in rows] == ["otto"]
    assert rows[0]["levels"] == "user"
    event = Event.objects.get(action="identity.exported")
    assert event.detail == {"filters": {"search": "ott", "status": "active"}}


def test_no_cell_of_the_export_is_a_formula(client_of: ClientOf, ada: Identity) -> None:
    actions.create_person(
        by=SYSTEM,
        user_name="+cmd",
        first_name="=HYPERLINK(1)",
        last_name="@SUM",
        email="-x@example.com",
        levels=[],
        at=timezone.now(),
    )

    rows = exported(client_of(ada).get("/identities/export/?q=cmd"))

    assert [rows[0][name] for name in ("user_name", "first_name", "last_name", "email")] == [
        "'+cmd",
        "'=HYPERLINK(1)",
        "'@SUM",
        "'-x@example.com",
    ]


def test_names_are_escaped(client_of: ClientOf, ada: Identity) -> None:
    make_person("mark", first_name="<script>alert(1)</script>")

    assert "<script>alert" not in client_of(ada).get("/identities/").content.decode()


def test_while_one_types_only_the_list_comes(client_of: ClientOf, ada: Identity) -> None:
    text = client_of(ada).get("/identities/?q=a", headers={"HX-Request": "true"}).content.decode()

    assert 'id="results"' in text
    assert "<html" not in text
    assert 'href="/identities/export/?q=a"' in text


@pytest.mark.postgres
@pytest.mark.parametrize("index", ["identity_incomplete", "identity_registered"])
def test_few_among_a_million_are_found_by_an_index_of_their_own(ada: Identity, index: str) -> None:
    """The planner is kept from reading the whole table, which is the quicker way in a small one."""
    rows = Identity.objects.existing()
    asked = (
        exceptions.incomplete_of(rows)
        if index == "identity_incomplete"
        else registration.narrow(rows, Registration.REGISTERED, timezone.now())
    )
    with connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute("DROP INDEX identity_by_display_name")
    assert index in asked.order_by("display_name", "id")[:51].explain()


def test_rights_by_roles_of_twenty_rows_are_read_at_once(client_of: ClientOf, db: None) -> None:
    browser = client_of(make_person("helen", levels=["helpdesk"]))
    group = make_group(roles=[make_role(permissions=["identity.manage"])])
    counts = []
    for number in (3, 20):
        for index in range(number):
            join(group, make_person(f"strong{number}x{index}"))
        with CaptureQueriesContext(connection) as captured:
            page = browser.get("/identities/")
        counts.append(len(captured))

    assert counts[0] == counts[1]
    strong = [row for row in page.context["rows"] if "strong" in row["identity"].user_name]
    assert strong
    assert not any(row["acts"].disable for row in strong)
