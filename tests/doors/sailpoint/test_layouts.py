"""One set of views behind two layouts of addresses, and what clients ask before they begin."""

from __future__ import annotations

import re

import pytest
from django.urls import resolve

from accounts.models import Identity
from tests.doors.sailpoint.caller import Caller
from tests.factories import make_account
from tests.factories.imports import make_source
from tests.oauth.program import Program
from tokens.doors.sailpoint.operations import served

pytestmark = pytest.mark.django_db

YEARS = ["v3", "beta", "v2024", "v2025", "v2026"]


@pytest.mark.sqlite
@pytest.mark.parametrize("path", sorted({operation.path for operation in served().values()}))
def test_an_address_of_each_layout_leads_to_one_view(path: str) -> None:
    filled = re.sub(r"{(\w+)}", r"some-\1", path)
    found = resolve(filled)
    assert {f"some-{name}" for name in found.kwargs} == set(found.kwargs.values())
    for year in YEARS:
        older = resolve(f"/{year}{filled.replace('/v1', '', 1)}")
        assert older.func is found.func
        assert older.kwargs == found.kwargs


def test_both_layouts_answer_alike(ada: Identity) -> None:
    source, caller = make_source(), Caller(ada)
    new = caller.get(f"/sources/v1/{source.pk}").json()
    assert [caller.get(f"/{year}/sources/{source.pk}").json() for year in YEARS] == [new] * 5
    assert caller.get(f"/v3/sources/{source.pk.hex}").json() == new  # ids without dashes, too


def test_a_slash_at_the_end_is_another_address(ada: Identity) -> None:
    assert Caller(ada).get("/sources/v1/").status_code == 404


def test_what_the_tenant_is_called_is_told_to_everybody(db: None) -> None:
    told = Program().get("/oauth/info").json()
    assert told["tokenEndpoint"].endswith("/oauth/token")
    assert told["tenantId"]
    assert told["pod"]


def test_oauth_clients_are_the_service_accounts(ada: Identity) -> None:
    made = make_account("audit01", scopes=["fr:am:*"])
    caller = Caller(ada)
    [client] = caller.get("/oauth-clients/v1").json()
    assert (client["id"], client["name"]) == (str(made.account.pk), "audit01")
    assert (client["scope"], client["enabled"]) == (["fr:am:*"], True)
    assert caller.get(f"/oauth-clients/v1/{client['id']}").json() == client
    assert caller.get("/oauth-clients/v1/nothing").status_code == 404
