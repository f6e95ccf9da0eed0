"""Service accounts as callers: by a token that their owner made, or by their own key."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.identities import granting
from accounts.models import Identity
from accounts.service_accounts import actions
from tests.doors.sailpoint.caller import Caller
from tests.factories import make_account
from tests.factories.accounts import Made
from tests.factories.imports import make_source
from tests.factories.profiles import work
from tests.oauth.holder import Holder

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


def test_a_disabled_account_is_refused_at_the_next_call(ada: Identity, made: Made) -> None:
    holder = Identity.objects.get_queryset().get(pk=made.account.pk)
    caller = Caller(holder, ["idn:sources:read"])
    assert caller.get("/sources/v1").status_code == 200
    actions.disable(by=ada, account=made.account, at=timezone.now())
    assert caller.get("/sources/v1").status_code == 401
