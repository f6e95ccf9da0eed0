"""Making, testing and reading a directory source by its pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Event, Identity, ImportRun, Source, SourceAccount, SourceSecret
from accounts.sources import secrets
from tests.directories.reading import SERVICES, make_ldap_source
from tests.factories.imports import work
from tests.openldap import READER_DN, READER_PASSWORD, Directory

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Identity], Client]


def typed(directory: Directory, **changed: Any) -> dict[str, Any]:
    return {
        "connector_name": "ldap",
        "name": "Directory",
        "description": "",
        "owner": "",
        "start": "general",
        "host": "localhost",
        "port": str(directory.port),
        "security": "plain",
        "ca": "",
        "bind_dn": READER_DN,
        "password": READER_PASSWORD,
        "base_dn": SERVICES,
        "filter": "(objectClass=inetOrgPerson)",
        "scope": "subtree",
    } | changed


def configuration(source: Source, **changed: Any) -> dict[str, Any]:
    return {
        **source.config,
        "name": source.name,
        "description": "",
        "owner": "",
        "password": "",
        "delete_threshold_percent": "10",
        "revision": str(source.revision),
    } | changed


def test_the_type_is_chosen_first(client_of: ClientOf, ada: Identity) -> None:
    browser = client_of(ada)
    text = browser.get("/sources/new/").content.decode()
    assert "LDAP / Active Directory" in text
    assert "Bind DN" not in text
    text = browser.get("/sources/new/?connector=ldap").content.decode()
    for label in ("Host", "Port", "Encryption", "CA certificate", "Bind DN", "Base DN", "Filter"):
        assert label in text
    assert browser.get("/sources/new/?connector=nonsense").status_code == 200


def test_from_the_form_to_the_accounts(
    client_of: ClientOf, ada: Identity, directory: Directory
) -> None:
    browser = client_of(ada)
    answer = browser.post("/sources/new/", typed(directory), follow=True)
    source = Source.objects.get()
    assert "entryUUID" in answer.content.decode()
    page = f"/sources/{source.pk}/imports/"
    assert "Start aggregation" in browser.get(page).content.decode()
    answer = browser.post(page)
    run = work(ImportRun.objects.get())
    assert (answer.status_code, run.state, run.new) == (302, "planned", 120)
    browser.post(f"{page}{run.pk}/confirm/", {"plan": run.plan})
    assert work(run).state == "applied"
    assert SourceAccount.objects.count() == 120
    text = browser.get(f"{page}{run.pk}/").content.decode()
    assert "120 accounts imported" in text
    assert "Started by" in text


def test_active_directory_starts_with_its_own_schema(
    client_of: ClientOf, ada: Identity, directory: Directory
) -> None:
    client_of(ada).post("/sources/new/", typed(directory, start="active_directory"))
    source = Source.objects.get()
    assert source.attributes.get(is_account_id=True).name == "objectGUID"
    assert source.attributes.get(is_account_name=True).name == "sAMAccountName"


def test_a_connection_is_tested_before_anything_is_saved(
    client_of: ClientOf, ada: Identity, directory: Directory
) -> None:
    answer = client_of(ada).post("/sources/new/", typed(directory) | {"do": "test"})
    text = answer.content.decode()
    assert "The connection works" in text
    assert "svc-00000" in text
    assert "givenName" in text  # of which no account has a value
    assert READER_PASSWORD not in text
    assert not Source.objects.exists()
    assert Event.objects.get(action="source.tried_out").detail["host"] == "localhost"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"host": "ldap.invalid"}, "has no address"),
        ({"port": "1"}, "Nothing answers"),
        ({"password": "wrong"}, "refuses this bind DN"),
        ({"password": ""}, "Fill in this field."),
        ({"base_dn": f"ou=nowhere,{SERVICES}"}, "has no entry"),
        ({"filter": "(uid="}, "This is no LDAP filter"),
        ({"filter": "(uid=nobody)"}, "no account was found"),
        ({"security": "ldaps"}, "usually is at port"),
        ({"host": "169.254.169.254"}, "does not connect to such addresses"),
    ],
)
def test_a_test_says_what_is_wrong_and_keeps_what_was_typed(
    client_of: ClientOf, ada: Identity, directory: Directory, changed: dict[str, str], said: str
) -> None:
    fields = typed(directory, name="Kept name", do="test", **changed)
    answer = client_of(ada).post("/sources/new/", fields)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert said in text
    assert "Kept name" in text
    assert READER_PASSWORD not in text
    assert not Source.objects.exists()


def test_the_password_is_never_shown_again_and_kept_when_it_is_not_typed(
    client_of: ClientOf, ada: Identity, directory: Directory
) -> None:
    source, browser = make_ldap_source(directory), client_of(ada)
    page = f"/sources/{source.pk}/configuration/"
    text = browser.get(page).content.decode()
    assert READER_PASSWORD not in text
    assert "It is set. Leave this empty to keep it." in text
    answer = browser.post(page, configuration(source, do="test"))
    assert "The connection works" in answer.content.decode()
    assert browser.post(page, configuration(source, filter="(uid=svc-1*)")).status_code == 302
    source.refresh_from_db()
    assert secrets.plain(source, "password") == READER_PASSWORD
    everything = str(list(Event.objects.values())) + str(list(Source.objects.values()))
    assert READER_PASSWORD not in everything


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("host", "127.0.0.2"),
        ("port", "1389"),
        ("security", "starttls"),
        ("bind_dn", "cn=other"),
    ],
)
@pytest.mark.parametrize("do", ["save", "test"])
def test_a_kept_password_is_sent_nowhere_else(
    client_of: ClientOf, ada: Identity, directory: Directory, field: str, value: str, do: str
) -> None:
    """Whoever may change the source could otherwise have it sent to a server of theirs."""
    source = make_ldap_source(directory)
    page = f"/sources/{source.pk}/configuration/"
    answer = client_of(ada).post(page, configuration(source, do=do, **{field: value}))
    assert "Type it again" in answer.content.decode()
    before = source.config
    source.refresh_from_db()
    assert source.config == before


def test_a_password_without_use_is_forgotten(
    client_of: ClientOf, ada: Identity, directory: Directory
) -> None:
    source = make_ldap_source(directory)
    page = f"/sources/{source.pk}/configuration/"
    assert client_of(ada).post(page, configuration(source, bind_dn="")).status_code == 302
    assert not SourceSecret.objects.exists()


def test_only_who_manages_sources_reads_and_tests(
    client_of: ClientOf, vera: Identity, mallory: Identity, directory: Directory
) -> None:
    source = make_ldap_source(directory)
    for person in (vera, mallory):
        browser = client_of(person)
        assert browser.post(f"/sources/{source.pk}/imports/").status_code in (403, 404)
        page = f"/sources/{source.pk}/configuration/"
        assert browser.post(page, configuration(source, do="test")).status_code in (403, 404)
        assert browser.post("/sources/new/", typed(directory, do="test")).status_code == 403
    assert not ImportRun.objects.exists()
    assert not Event.objects.filter(action="source.tried_out").exists()
