"""Catalogue items, which are kinds of requests, and what becomes of an order."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts.identities import managing
from accounts.models import AccessRequest, Group, Identity, Membership
from tests.doors.servicenow.caller import Caller, detail
from tests.factories import make_person
from tests.oauth.program import Answer

pytestmark = pytest.mark.django_db

ITEMS = "/api/sn_sc/servicecatalog/items"


@pytest.fixture
def manager(ada: Identity, otto: Identity) -> Identity:
    boss = make_person("boss")
    managing.set_manager(by=ada, identity=otto, manager=boss, at=timezone.now())
    otto.refresh_from_db()
    return boss


def item(caller: Caller, name: str) -> str:
    found = caller.get(ITEMS).json()["result"]
    return str(next(each["sys_id"] for each in found if each["name"] == name))


def order(caller: Caller, item_id: str, **body: Any) -> Answer:
    return caller.send("POST", f"{ITEMS}/{item_id}/order_now", {"sysparm_quantity": 1} | body)


def test_an_item_says_which_variables_an_order_takes(owner: Caller) -> None:
    found = owner.get(f"{ITEMS}/{item(owner, 'More scopes')}").json()["result"]["variables"]
    assert [(each["name"], each["mandatory"]) for each in found] == [
        ("account", True),
        ("scopes", True),
        ("reason", True),
    ]
    assert all(each["label"].endswith(".") for each in found)


def test_an_order_asks_the_manager_of_who_orders(
    owner: Caller, manager: Identity, group: Group, account: Identity
) -> None:
    Membership.objects.all().delete()
    variables = {"group": group.pk.hex, "account": account.pk.hex, "reason": "Nightly export"}
    answer = order(owner, item(owner, "Membership of a group"), variables=variables)

    asked = AccessRequest.objects.get()
    assert answer.status_code == 200, answer.content
    found = answer.json()["result"]
    assert (found["number"], found["table"]) == (asked.number, "sc_request")
    assert found["request_id"] == found["sys_id"] == asked.pk.hex
    assert not Membership.objects.exists()

    [request] = owner.table("sc_request", query=f"number={asked.number}")
    assert (request["request_state"], request["approval"]) == ("requested", "requested")
    [ritm] = owner.table(
        "sc_req_item",
        query=f"request={asked.pk.hex}^numberSTARTSWITHRITM",
        fields="number,request.number,requested_for.user_name,stage,sys_id,short_description",
    )
    assert ritm.pop("sys_id") != asked.pk.hex
    assert ritm == {
        "number": asked.number.replace("REQ", "RITM"),
        "request.number": asked.number,
        "requested_for.user_name": "svc-alpha",
        "stage": "waiting_for_approval",
        "short_description": "Membership of a group",
    }
    [approval] = Caller(manager).table(
        "sysapproval_approver",
        query="state=requested^approver.user_name=boss",
        fields="approver,state,sysapproval,sysapproval.number,source_table",
        display_value="true",
    )
    assert approval["sysapproval"] == approval["sysapproval.number"]
    assert (approval["state"], approval["source_table"]) == ("requested", "sc_req_item")


def test_the_order_is_for_an_account_of_ones_own(
    owner: Caller, manager: Identity, group: Group, account: Identity
) -> None:
    Membership.objects.all().delete()
    wanted = item(owner, "Membership of a group")
    variables = {"group": str(group.pk), "reason": "x"}
    answer = order(owner, wanted, variables=variables, sysparm_requested_for=manager.pk.hex)
    assert answer.status_code == 400
    assert "own" in detail(answer)
    answer = order(owner, wanted, variables=variables, sysparm_requested_for=account.pk.hex)
    assert AccessRequest.objects.get().requested_for == account
    again = order(owner, wanted, variables=variables, sysparm_requested_for=account.pk.hex)
    assert (again.status_code, AccessRequest.objects.count()) == (400, 1)


def test_what_is_for_oneself_alone_is_ordered_for_nobody_else(
    owner: Caller, manager: Identity, account: Identity
) -> None:
    """Else it would be there for the caller, though another was named."""
    variables = {"name": "svc-new", "purpose": "Export", "reason": "x"}
    wanted = item(owner, "New service account")
    for other in (manager, account):
        answer = order(owner, wanted, variables=variables, sysparm_requested_for=other.pk.hex)
        assert answer.status_code == 400
        assert "sysparm_requested_for" in detail(answer)
    assert not AccessRequest.objects.exists()
    own = order(owner, wanted, variables=variables, sysparm_requested_for=owner.holder.pk.hex)
    assert own.status_code == 200, own.content


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"variables": []},
        {"variables": {"group": "x", "reason": "x"}},
        {"variables": {"group": {"a": 1}, "reason": ["x"]}},
        {"sysparm_quantity": 2},
        {"sysparm_quantity": {}},
        {"sysparm_requested_for": [1], "variables": {}},
    ],
)
def test_orders_that_make_no_sense(owner: Caller, group: Group, body: dict[str, Any]) -> None:
    answer = order(owner, item(owner, "Membership of a group"), **body)
    assert answer.status_code == 400
    assert not AccessRequest.objects.exists()


def test_a_new_account_is_ordered_with_its_scopes(owner: Caller, manager: Identity) -> None:
    variables = {
        "name": "svc-new",
        "purpose": "Export",
        "scopes": "fr:am:*, fr:idm:*",
        "reason": "x",
    }
    answer = order(owner, item(owner, "New service account"), variables=variables)
    assert answer.status_code == 200, answer.content
    assert AccessRequest.objects.get().details["scopes"] == ["fr:am:*", "fr:idm:*"]
    assert manager.approvals.count() == 1


def test_only_people_order(account: Identity, group: Group) -> None:
    caller = Caller(account)
    assert caller.get(ITEMS).status_code == 403
    assert order(caller, "0" * 32).status_code == 403


def test_items_one_by_one(owner: Caller) -> None:
    found = owner.get(ITEMS).json()["result"]
    assert len(found) >= 4
    for each in found:
        assert owner.get(f"{ITEMS}/{each['sys_id']}").json()["result"].items() >= each.items()
        assert owner.get(f"/api/sn_sc/v1/servicecatalog/items/{each['sys_id']}").json()
    assert owner.get(f"{ITEMS}/{'0' * 32}").status_code == 404
    assert order(owner, "0" * 32).status_code == 404


def test_requests_of_others_are_not_seen(
    owner: Caller, nobody: Caller, admin: Caller, manager: Identity, group: Group
) -> None:
    variables = {"group": group.pk.hex, "reason": "x"}
    assert (
        order(owner, item(owner, "Membership of a group"), variables=variables).status_code == 200
    )
    for name in ("sc_request", "sc_req_item", "sysapproval_approver"):
        assert nobody.table(name) == []
        assert len(admin.table(name)) == len(owner.table(name)) == 1
    assert len(Caller(manager).table("sc_request")) == 1
