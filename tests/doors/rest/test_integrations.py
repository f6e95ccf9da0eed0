"""Integrations by our own API: the rules are the console's."""

from __future__ import annotations

from uuid import uuid4

import pytest

from accounts.models import Event, Identity, Integration, ServiceAccount
from tests.doors.rest.caller import Caller
from tests.factories import make_account, make_person
from tests.factories.integrations import make_integration

pytestmark = pytest.mark.django_db
MANAGE = ["steward:integrations:manage"]


@pytest.fixture
def account(otto: Identity) -> ServiceAccount:
    return make_account("nightly", owner=otto).account


def test_an_owner_declares_changes_and_removes(account: ServiceAccount, otto: Identity) -> None:
    caller, nina = Caller(otto, MANAGE), make_person("nina")
    body = {"name": "Export", "application": "Payroll", "service_account": str(account.pk)}
    more = {"owner": "NINA", "scopes": ["fr:idm:*"], "environment": "test"}
    made = caller.post("/integrations", body | more)
    assert made.status_code == 201, made.content
    told = made.json()
    assert made.headers["Location"] == f"/api/v1/integrations/{told['id']}"
    assert told["owner"] == {"id": str(nina.pk), "name": nina.display_name}
    assert told["service_account"] == {"id": str(account.pk), "name": "nightly"}

    path = f"/integrations/{told['id']}"
    changed = caller.patch(path, {"owner": "otto", "contact": "team"}, if_match='"1"')
    assert changed.status_code == 200, changed.content
    assert (changed.json()["owner"]["id"], changed.json()["scopes"]) == (
        str(otto.pk),
        ["fr:idm:*"],
    )
    assert caller.patch(path, {"owner": None}).json()["owner"] is None
    assert caller.patch(path, {"name": "X"}, if_match='"1"').status_code == 412
    assert caller.delete(path, if_match='"2"').status_code == 412
    assert caller.delete(path, if_match='"3"').status_code == 204
    assert caller.get(path).status_code == 404
    actions = Event.objects.filter(subject_type="integration").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == [
        "integration.declared",
        "integration.edited",
        "integration.edited",
        "integration.removed",
    ]


def test_lists_are_narrowed_to_what_one_sees(account: ServiceAccount, otto: Identity) -> None:
    make_integration(account, "Export", contact="team")
    make_integration(make_account("another").account, "Report", environment="test")
    nina = make_person("nina")
    assert Caller(nina, MANAGE).get("/integrations").json()["items"] == []
    mine = Caller(otto, MANAGE).get("/integrations").json()["items"]
    assert [each["name"] for each in mine] == ["Export"]


def test_filters(admin: Caller, account: ServiceAccount) -> None:
    make_integration(account, "Export", contact="team")
    make_integration(make_account("another").account, "Report", environment="test")

    def names(**query: str) -> list[str]:
        return [each["name"] for each in admin.get("/integrations", **query).json()["items"]]

    assert names() == ["Export", "Report"]
    assert names(sort="-name") == ["Report", "Export"]
    assert names(q="team") == ["Export"]
    assert names(environment="test") == ["Report"]
    assert names(service_account=str(account.pk)) == ["Export"]
    assert admin.get("/integrations", environment="moon").status_code == 422


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"service_account": str(uuid4())}, "service_account"),
        ({"owner": "nobody-such"}, "owner"),
        ({"address": "here"}, "address"),
        ({"scopes": ["fr:nothing"]}, "scopes"),
        ({"name": "\u202e"}, "name"),
    ],
)
def test_what_is_wrong_is_named(
    admin: Caller, account: ServiceAccount, wrong: dict[str, object], field: str
) -> None:
    body = {"name": "Export", "application": "Payroll", "service_account": str(account.pk)}
    refused = admin.post("/integrations", body | wrong)
    assert refused.status_code == 422, refused.content
    assert [each["field"] for each in refused.json()["errors"]] == [field]
    assert not Integration.objects.exists()


def test_who_may_not_is_refused(
    account: ServiceAccount, otto: Identity, vera: Identity, mallory: Identity
) -> None:
    integration = make_integration(account, owner=mallory)
    path = f"/integrations/{integration.pk}"
    body = {"name": "Export", "application": "Payroll", "service_account": str(account.pk)}
    for by in (vera, mallory):
        caller = Caller(by, MANAGE)
        assert caller.get(path).status_code == 200
        assert caller.patch(path, {"name": "X"}).status_code == 403
        assert caller.delete(path).status_code == 403
    assert Caller(vera, MANAGE).post("/integrations", body).status_code == 403
    assert Caller(mallory, MANAGE).post("/integrations", body).status_code == 422
    reader = Caller(otto, ["steward:integrations:read"])
    assert reader.get(path).status_code == 200
    assert reader.delete(path).status_code == 403
    assert Integration.objects.get() == integration
