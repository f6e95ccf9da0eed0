"""Groups, roles, requests, sources, profiles, transforms, imports, jobs: who may see finds them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Identity, Job, Source
from accounts.profiles import library
from accounts.sources import actions as sources
from tests.factories import make_person, requests
from tests.factories.groups import make_group, make_role
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import make_profile

SignedIn = Callable[[Identity], Client]
URL = "/search/"

pytestmark = pytest.mark.django_db


def found(client: Client, text: str) -> dict[str, list[str]]:
    """Labels by kind."""
    answer = client.get(URL, {"q": text})
    assert answer.status_code == 200
    for section in answer.context["sections"]:
        for hit in section.hits:
            assert client.get(hit.url).status_code == 200, hit
    return {s.name: [hit.label for hit in s.hits] for s in answer.context["sections"]}


@pytest.fixture
def tenant(ada: Identity) -> dict[str, Any]:
    source = make_source("Payroll")
    run = bring(source, rows("SA-001,audit01,a@example.com,Audit"), file_name="june.csv", by=ada)
    profile = make_profile(source, name="Robots of payroll")
    library.create(by=ada, name="Payroll name", definition={"type": "upper"}, at=timezone.now())
    return {"source": source, "run": run, "profile": profile, "job": Job.objects.all()[0]}


def test_each_is_found_by_name(tenant: dict[str, Any], client_of: SignedIn, vera: Identity) -> None:
    assert found(client_of(vera), "payroll") == {
        "sources": ["Payroll"],
        "profiles": ["Robots of payroll"],
        "transforms": ["Payroll name"],
    }


def test_source_accounts_are_found_by_their_whole_id(
    tenant: dict[str, Any], client_of: SignedIn, vera: Identity
) -> None:
    client = client_of(vera)
    assert found(client, "SA-001") == {"source-accounts": ["audit01 (SA-001)"]}
    assert found(client, "SA-00") == {}
    assert found(client, "SA-001" + "x" * 5000) == {}


def test_imports_and_jobs_are_found_by_id_and_imports_by_their_file(
    tenant: dict[str, Any], client_of: SignedIn, vera: Identity
) -> None:
    client = client_of(vera)
    assert found(client, str(tenant["run"].pk)) == {"imports": ["Payroll: june.csv"]}
    assert found(client, "JUNE") == {"imports": ["Payroll: june.csv"]}
    assert set(found(client, str(tenant["job"].pk))) == {"jobs"}
    assert set(found(client, str(tenant["source"].pk))) == {"sources"}
    assert set(found(client, str(tenant["profile"].pk))) == {"profiles"}


def test_nothing_is_found_that_may_not_be_seen(
    tenant: dict[str, Any], client_of: SignedIn, mallory: Identity
) -> None:
    client = client_of(mallory)
    ids = [str(tenant[name].pk) for name in ("source", "run", "profile", "job")]
    for text in ("payroll", "SA-001", "june", *ids):
        page = client.get(URL, {"q": text})
        assert page.context["sections"] == []
        assert "Nothing found" in page.content.decode()


def test_groups_and_roles_are_found_by_name_and_id_by_whoever_sees_them(
    client_of: SignedIn, vera: Identity, otto: Identity, mallory: Identity
) -> None:
    role = make_role("Night readers' role")
    group = make_group("Night readers", members=[otto], roles=[role])
    make_group("Night watch")
    client = client_of(vera)
    assert found(client, "night") == {
        "groups": ["Night readers", "Night watch"],
        "roles": ["Night readers' role"],
    }
    assert found(client, str(group.pk)) == {"groups": ["Night readers"]}
    assert found(client, str(role.pk)) == {"roles": ["Night readers' role"]}
    assert found(client_of(otto), "night") == {"groups": ["Night readers"]}, "where he belongs"
    assert found(client_of(mallory), "night") == {}


def test_requests_are_found_by_their_number_by_who_has_to_do_with_them(
    client_of: SignedIn, ada: Identity, otto: Identity, mallory: Identity
) -> None:
    asked = requests.ask(otto, "new_service_account", name="wanted", purpose="A wish")
    for person in (otto, ada):
        client = client_of(person)
        for text in (asked.number, asked.number.lower(), str(asked.pk)):
            assert found(client, text) == {"requests": [asked.number]}, text
        assert found(client, asked.number[:-1]) == {}
        assert "Waits for approval" in client.get(URL, {"q": asked.number}).content.decode()
    assert found(client_of(mallory), asked.number) == {}


def test_who_looks_after_one_source_finds_that_one_alone(
    tenant: dict[str, Any], client_of: SignedIn
) -> None:
    sub = make_person("sam", levels=["source_subadmin"])
    own = make_source("Payroll of Sam")
    Source.objects.filter(pk=own.pk).update(owner=sub)
    bring(own, rows("SA-009,audit09,a@example.com,Audit"), file_name="sam.csv")
    client = client_of(sub)
    assert found(client, "payroll") == {"sources": ["Payroll of Sam"]}
    assert found(client, "SA-001") == found(client, "june") == {}
    assert found(client, "SA-009") == {"source-accounts": ["audit09 (SA-009)"]}
    assert found(client, "csv") == {"imports": ["Payroll of Sam: sam.csv"]}


def test_what_was_deleted_is_found_no_more(
    tenant: dict[str, Any], client_of: SignedIn, ada: Identity
) -> None:
    gone = make_source("Old source")
    bring(gone, rows("SA-777,audit77,a@example.com,Audit"), file_name="old.csv")
    sources.delete(by=ada, source=gone, at=timezone.now())
    client = client_of(ada)
    assert found(client, "old") == found(client, "SA-777") == {}


def test_the_rest_is_in_the_list_and_a_search_costs_the_same(
    client_of: SignedIn, ada: Identity
) -> None:
    client = client_of(ada)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(URL, {"q": "many"})
        return len(captured)

    for number in range(3):
        make_source(f"many-{number:02}")
    few = cost()
    for number in range(3, 22):
        make_source(f"many-{number:02}")
    assert cost() == few
    answer = client.get(URL, {"q": "many"})
    assert [len(section.hits) for section in answer.context["sections"]] == [20]
    assert 'href="/sources/?q=many"' in answer.content.decode()
