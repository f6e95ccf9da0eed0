"""Trying a connection and looking for attributes, by our own API."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import Event, Identity, SchemaAttribute, Source, SourceAccount
from tests.directories.reading import make_ldap_source
from tests.doors.rest.caller import Caller, fields
from tests.factories.imports import make_source
from tests.openldap import READER_PASSWORD, Directory

pytestmark = pytest.mark.django_db
NOWHERE: Any = SimpleNamespace(host="127.0.0.1", port=1, certificates=None)
"""Where nothing answers."""


def of(source: Source, what: str) -> str:
    return f"/sources/{source.pk}/{what}"


def test_a_connection_is_tried_and_nothing_is_imported(directory: Directory, ada: Identity) -> None:
    source, caller = make_ldap_source(directory), Caller(ada)
    answer = caller.post(of(source, "try-connection"), {})
    assert answer.status_code == 200, answer.content
    tried = answer.json()
    assert (tried["works"], tried["failure"]) == (True, "")
    first = tried["accounts"][0]
    assert first["account_name"].startswith("svc-")
    assert first["attributes"]["purpose"].startswith("Service ")
    assert not SourceAccount.objects.exists()
    assert Event.objects.get(action="source.tried_out").outcome == "done"


def test_other_settings_are_tried_and_not_kept(directory: Directory, ada: Identity) -> None:
    source, caller = make_ldap_source(directory), Caller(ada)
    path, before = of(source, "try-connection"), source.config
    none = caller.post(path, {"config": {"filter": "(uid=nobody)"}}).json()
    assert (none["works"], none["accounts"]) == (True, [])
    wrong = caller.post(path, {"secrets": {"password": "wrong"}}).json()
    assert wrong["works"] is False
    assert wrong["failure"]
    elsewhere = caller.post(path, {"config": {"port": 1}})
    assert (elsewhere.status_code, fields(elsewhere)) == (422, {"secrets.password"})
    nobody = caller.post(path, {"config": {"port": 1}, "secrets": {"password": "x"}}).json()
    assert nobody["works"] is False
    assert fields(caller.post(path, {"config": {"nothing": 1}})) == {"config.nothing"}
    source.refresh_from_db()
    assert source.config == before


def test_attributes_are_found_and_none_is_added(directory: Directory, ada: Identity) -> None:
    source, caller = make_ldap_source(directory), Caller(ada)
    path, before = of(source, "discover-attributes"), SchemaAttribute.objects.count()
    found = caller.post(path).json()
    assert (found["works"], found["failure"]) == (True, "")
    by_name = {each["name"]: each for each in found["attributes"]}
    assert by_name["sn"]["is_multi_valued"]
    assert "userPassword" not in by_name
    assert SchemaAttribute.objects.count() == before


def test_it_is_for_who_may_change_a_source_that_is_read(
    ada: Identity, vera: Identity, mallory: Identity
) -> None:
    source, file = make_ldap_source(NOWHERE), make_source("File")
    for what in ("try-connection", "discover-attributes"):
        body: dict[str, str] | None = {} if what == "try-connection" else None
        for caller in (
            Caller(vera),
            Caller(mallory),
            Caller(ada, ["steward:sources:read"]),
        ):
            assert caller.post(of(source, what), body).status_code == 403
        refused = Caller(ada).post(of(file, what), body)
        assert (refused.status_code, refused.json()["code"]) == (409, "not_read")
    assert not Event.objects.filter(action="source.tried_out").exists()


def test_tries_are_counted_with_those_of_the_console(ada: Identity) -> None:
    source, caller = make_ldap_source(NOWHERE), Caller(ada)
    for _ in range(10):
        assert caller.post(of(source, "discover-attributes")).json()["works"] is False
    often = caller.post(of(source, "try-connection"), {"secrets": {"password": READER_PASSWORD}})
    assert (often.status_code, often.json()["code"]) == (429, "too_many_tries")
    assert int(often.headers["Retry-After"]) > 0
    assert Event.objects.filter(action="source.tried_out").count() == 10
