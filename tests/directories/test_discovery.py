"""Discover Schema: what a directory has beside the account schema, with the types it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.models import Identity
from accounts.sources import trial
from accounts.sources.directory import connection
from accounts.sources.directory.connection import Entry
from tests.directories.reading import changed, make_ldap_source, person
from tests.factories.imports import make_source
from tests.openldap import Directory

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Identity], Client]


def test_attributes_come_with_what_the_directory_says_of_them(own_directory: Directory) -> None:
    extra = ["objectClass: extensibleObject", "sAMAccountName: ad", "accountExpires: 0"]
    extra += ["memberOf: cn=g", "userPassword: hunter2", "jpegPhoto:: /9g=", "uidNumber: 7"]
    own_directory.add(person("rich", *extra))
    source = make_ldap_source(own_directory, filter="(uid=rich)")
    found = {
        draft.name: draft for draft in trial.discover(by=SYSTEM, source=source, at=timezone.now())
    }
    assert not {"uid", "mail", "description", "entryUUID", "userPassword"} & set(found)
    assert found["sn"].is_multi_valued
    assert not found["sAMAccountName"].is_multi_valued
    assert (found["uidNumber"].type, found["uidNumber"].is_multi_valued) == ("LONG", False)
    assert found["accountExpires"].type == found["createTimestamp"].type == "DATE"
    assert found["memberOf"].is_entitlement
    assert found["jpegPhoto"].type == "STRING"


def test_no_value_of_any_attribute_is_sent(
    own_directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is found is not known before, so a secret could be among it."""
    own_directory.add(person("rich", "title: Dr"))
    source = make_ldap_source(own_directory, filter="(uid=rich)")
    seen: list[Entry] = []
    real = connection.Directory._entry

    def entry(directory: connection.Directory, message: Any) -> Entry:
        seen.append(real(directory, message))
        return seen[-1]

    monkeypatch.setattr(connection.Directory, "_entry", entry)
    found = trial.discover(by=SYSTEM, source=source, at=timezone.now())
    assert "title" in {draft.name for draft in found}
    [rich] = [entry for entry in seen if entry.dn.startswith("uid=rich")]
    assert "title" in rich.attributes
    assert not any(rich.attributes.values())


def test_what_is_ticked_is_added(client_of: ClientOf, ada: Identity, directory: Directory) -> None:
    source, browser = make_ldap_source(directory), client_of(ada)
    page = f"/sources/{source.pk}/schema/discover/"
    assert "Discover Schema" in browser.get(f"/sources/{source.pk}/schema/").content.decode()
    text = browser.post(page).content.decode()
    assert "createTimestamp" in text
    text = browser.post(page, {"adding": "on"}).content.decode()
    assert "Tick at least one attribute, or cancel." in text
    assert "createTimestamp" in text
    given = {"attribute": ["createTimestamp", "sn", "userPassword", "made-up"]}
    text = browser.post(page, given, follow=True).content.decode()
    assert "2 attributes are added." in text
    assert source.attributes.get(name="createTimestamp").type == "DATE"
    assert not source.attributes.filter(name__in=["userPassword", "made-up"]).exists()


def test_a_directory_that_cannot_be_read_is_told(
    client_of: ClientOf, ada: Identity, directory: Directory
) -> None:
    source = changed(make_ldap_source(directory), port=1)
    answer = client_of(ada).post(f"/sources/{source.pk}/schema/discover/", follow=True)
    assert "Nothing answers at port 1" in answer.content.decode()


def test_who_and_what_may_not(
    client_of: ClientOf, ada: Identity, vera: Identity, directory: Directory
) -> None:
    page = f"/sources/{make_ldap_source(directory).pk}/schema/discover/"
    assert client_of(vera).post(page).status_code == 403
    assert client_of(ada).get(page).status_code == 405
    files = make_source()
    assert client_of(ada).post(f"/sources/{files.pk}/schema/discover/").status_code == 404
