"""Service accounts as callers: by a token that their owner made, or by their own key."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.audit.models import Event
from accounts.identities import granting
from accounts.models import Identity
from accounts.service_accounts import actions
from tests.doors.sailpoint.caller import Caller, said
from tests.factories import make_account
from tests.factories.accounts import Made
from tests.factories.imports import make_source
from tests.factories.profiles import work
from tests.factories.tokens import make_token
from tests.oauth.holder import Holder
from tokens.doors.sailpoint.sources import schema_id_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(ada: Identity) -> Made:
    """An account that administers sources, and may read them by its key."""
    made = make_account("loader", scopes=["idn:sources:manage"])
    granting.set_levels(
        by=ada, identity=made.account.identity, levels=["source_admin"], at=timezone.now()
    )
    return made


def test_a_service_account_makes_a_source_and_imports_to_it(made: Made) -> None:
    holder = Identity.objects.get_queryset().get(pk=made.account.pk)
    caller = Caller(holder, ["idn:sources:manage", "idn:task-management:read"])
    body = {"name": "Pushed", "connector": "delimited-file"}
    source = caller.send("POST", "/sources/v1", body)
    assert source.status_code == 201, source.content
    assert source.json()["owner"] is None  # it is no person
    path = f"/sources/v1/{source.json()['id']}/load-accounts"
    header = "id,name,givenName,familyName,e-mail,location,manager,groups,startDate,endDate"
    loaded = caller.upload(path, f"{header}\nSA-1,one,,,,,,,,\n".encode())
    assert loaded.status_code == 202, loaded.content
    work()
    task = caller.get(f"/task-status/v1/{loaded.json()['task']['id']}").json()
    assert (task["completionStatus"], task["launcher"]) == ("SUCCESS", "loader")


def test_a_key_reaches_as_far_as_account_and_levels_carry(made: Made) -> None:
    make_source()
    program = Holder(made)
    token = program.token(scope="idn:sources:manage")
    assert len(program.get("/sources/v1", token).json()) == 1
    assert program.get("/identities/v1", token).status_code == 403
    refused = program.ask(scope="idn:accounts:manage")
    assert refused.status_code == 400


def test_a_key_opens_nothing_that_the_table_opens_to_clients_without_a_level(
    ada: Identity,
) -> None:
    """`API` in the table is nobody here: the holder's own levels count, and the log says so."""
    scope = "idn:identity-profile:read"
    reader = make_account("reader", scopes=[scope])
    identity = reader.account.identity
    assert Holder(reader).ask(scope=scope).status_code == 400
    granting.set_levels(by=ada, identity=identity, levels=["admin"], at=timezone.now())
    caller = Caller(identity, bearer=Holder(reader).token(scope=scope))
    assert caller.get("/identity-profiles/v1").status_code == 200
    granting.set_levels(by=ada, identity=identity, levels=[], at=timezone.now())
    assert caller.get("/identity-profiles/v1").status_code == 403
    event = Event.objects.get(action="api.refused")
    assert event.detail["refused_by"] == "level"
    assert "API" not in event.reason


def test_a_key_updates_no_tokens_in_bulk_however_high_its_levels(ada: Identity) -> None:
    scope = "sp:all-personal-access-tokens:manage"
    boss = make_account("boss", scopes=[scope])
    identity = boss.account.identity
    granting.set_levels(by=ada, identity=identity, levels=["admin"], at=timezone.now())
    mine = make_token(identity, "Mine", scopes=[scope], by=ada)
    until = (timezone.now() + timedelta(days=60)).isoformat()
    change = [{"op": "replace", "path": "/expirationDate", "value": until}]
    body = {"ids": [mine.client_id], "patch": change}
    path = "/personal-access-tokens/v1/bulk-update"
    caller = Caller(identity, bearer=Holder(boss).token(scope=scope))
    refused = caller.send("POST", path, body)
    assert (refused.status_code, said(refused)) == (403, "Call this with a personal access token.")
    assert Event.objects.get(action="api.refused").reason == said(refused)
    assert Caller(identity, [scope]).send("POST", path, body).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "POST", "DELETE"])
def test_oauth_clients_and_the_schemas_of_sources_are_read_only(
    ada: Identity, made: Made, method: str
) -> None:
    source = make_source()
    caller = Caller(ada)
    for path in (
        f"/oauth-clients/v1/{made.account.pk}",
        f"/sources/v1/{source.pk}/schemas/{schema_id_of(source)}",
    ):
        assert caller.get(path).status_code == 200
        answer = caller.send(method, path, {})
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_a_disabled_account_is_refused_at_the_next_call(ada: Identity, made: Made) -> None:
    holder = Identity.objects.get_queryset().get(pk=made.account.pk)
    caller = Caller(holder, ["idn:sources:read"])
    assert caller.get("/sources/v1").status_code == 200
    actions.disable(by=ada, account=made.account, at=timezone.now())
    assert caller.get("/sources/v1").status_code == 401
