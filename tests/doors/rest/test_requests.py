"""Requests by our own API: asked, decided as read, withdrawn."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.identities import managing
from accounts.models import AccessRequest, Group, Identity, Membership
from tests.at_once import at_once
from tests.doors.rest.caller import Caller, fields
from tests.factories import make_account, make_person
from tests.factories.groups import make_group, make_role
from tests.factories.profiles import work
from tests.oauth.program import Program

pytestmark = pytest.mark.django_db


def opened(owner: Identity, manager: Identity, by: Identity) -> Group:
    """A group that may be asked for; `manager` decides about what `owner` asks."""
    managing.set_manager(by=by, identity=owner, manager=manager, at=timezone.now())
    return make_group("Readers", roles=[make_role("Reader")], may_be_requested=True)


def test_what_is_asked_for_is_decided_as_it_was_read_and_carried_out(
    ada: Identity, otto: Identity, vera: Identity
) -> None:
    group, account = opened(otto, vera, ada), make_account("loader", owner=otto).account
    asking, deciding = Caller(otto), Caller(vera)
    body = {
        "kind": "group_membership",
        "details": {"group": str(group.pk), "account": str(account.pk)},
        "reason": "For the nightly export",
    }
    made = asking.post("/requests", body)
    assert made.status_code == 201, made.content
    assert asking.post("/requests", body).status_code == 409
    path = f"/requests/{made.json()['id']}"

    waiting = deciding.get("/requests", show="to_approve").json()["items"]
    assert [row["number"] for row in waiting] == [made.json()["number"]]
    read = deciding.get(path).json()
    assert read["digest"]
    assert any(line["value"] == "Readers" for line in read["lines"])
    decision = {"verdict": "approve", "digest": read["digest"]}
    assert asking.post(f"{path}/decide", decision).status_code == 403
    stale = deciding.post(f"{path}/decide", decision | {"digest": "0" * 64})
    assert (stale.status_code, stale.json()["code"]) == (409, "not_as_seen")
    decided = deciding.post(f"{path}/decide", decision)
    assert decided.status_code == 200, decided.content
    assert deciding.post(f"{path}/decide", decision).status_code in (403, 409)
    work()
    assert asking.get(path).json()["state"] == "done"
    assert Membership.objects.filter(group=group, identity=account.identity).exists()


def test_a_rejection_says_why(ada: Identity, otto: Identity, vera: Identity) -> None:
    group = opened(otto, vera, ada)
    body = {"kind": "group_membership", "details": {"group": str(group.pk)}, "reason": "x"}
    made = Caller(otto).post("/requests", body).json()
    deciding = Caller(vera)
    decision = {"verdict": "reject", "digest": made["digest"]}
    refused = deciding.post(f"/requests/{made['id']}/decide", decision)
    assert (refused.status_code, fields(refused)) == (422, {"comment"})
    decided = deciding.post(f"/requests/{made['id']}/decide", decision | {"comment": "No"})
    assert decided.json()["state"] == "rejected"
    assert not Membership.objects.exists()


def test_requests_of_others_are_not_there(
    ada: Identity, otto: Identity, vera: Identity, mallory: Identity
) -> None:
    group = opened(otto, vera, ada)
    body = {"kind": "group_membership", "details": {"group": str(group.pk)}, "reason": "x"}
    made = Caller(otto).post("/requests", body).json()
    nobody = Caller(mallory)
    path = f"/requests/{made['id']}"
    assert nobody.get(path).status_code == 404
    for verb in ("withdraw", "try-again"):
        assert nobody.post(f"{path}/{verb}").status_code == 404
    assert nobody.get("/requests").json()["items"] == []
    assert nobody.get("/requests", show="all").status_code == 403
    assert Caller(otto).post(f"{path}/withdraw").json()["state"] == "withdrawn"
    assert Caller(otto).post(f"{path}/withdraw").status_code == 409


def test_what_cannot_be_asked_for_is_named(otto: Identity) -> None:
    caller = Caller(otto)
    assert fields(caller.post("/requests", {"kind": "a_boat", "reason": "x"})) == {"kind"}
    wish = {"kind": "group_membership", "details": {"group": "7"}, "reason": "x"}
    assert fields(caller.post("/requests", wish)) == {"group"}
    missing = {"kind": "group_membership", "details": {}}
    assert fields(caller.post("/requests", missing)) == {"reason"}
    assert not AccessRequest.objects.exists()


def test_a_program_finds_out_what_to_ask_for_and_with_what(otto: Identity) -> None:
    caller = Caller(otto)
    needed = {
        kind["name"]: {each["name"] for each in kind["details"] if each["required"]}
        for kind in caller.get("/requests/kinds").json()["items"]
    }
    assert needed["group_membership"] == {"group"}
    assert needed["more_scopes"] == {"account", "scopes"}
    make_group("Closed")
    group = make_group("Open", may_be_requested=True)
    [offered] = caller.get("/groups", show="requestable").json()["items"]
    assert offered["id"] == str(group.pk)
    assert caller.get("/groups").json()["items"] == []
    wish = {"kind": "group_membership", "details": {"group": offered["id"]}, "reason": "Nights"}
    assert caller.post("/requests", wish).status_code == 201


def test_who_cannot_ask_is_offered_no_group() -> None:
    make_group("Open", may_be_requested=True)
    made = make_account("loader", scopes=["steward:groups:read"])
    holder = Identity.objects.get_queryset().get(pk=made.account.pk)
    assert Caller(holder).get("/groups", show="requestable").json()["items"] == []


def test_a_service_account_asks_for_nothing() -> None:
    made = make_account("loader", scopes=["steward:requests:manage"])
    holder = Identity.objects.get_queryset().get(pk=made.account.pk)
    caller = Caller(holder, ["steward:requests:manage"])
    body = {"kind": "group_membership", "details": {}, "reason": "x"}
    make_group("Readers", may_be_requested=True)
    assert caller.post("/requests", body).status_code == 403


def test_somebody_else_decides_for_a_time(otto: Identity, vera: Identity) -> None:
    caller = Caller(otto)
    assert caller.get("/requests/delegation").status_code == 404
    now = timezone.now().replace(microsecond=0)
    body = {
        "delegate": str(vera.pk),
        "since": now.isoformat(),
        "until": (now + timedelta(days=3)).isoformat(),
    }
    assert caller.send("PUT", "/requests/delegation", body).status_code == 200
    assert caller.get("/requests/delegation").json()["delegate"]["id"] == str(vera.pk)
    own = caller.send("PUT", "/requests/delegation", body | {"delegate": str(otto.pk)})
    assert fields(own) == {"delegate"}
    assert caller.delete("/requests/delegation").status_code == 204
    assert caller.delete("/requests/delegation").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_many_decisions_at_once_one_counts() -> None:
    ada, otto = make_person("ada", levels=["admin"]), make_person("otto")
    vera = make_person("vera", levels=["auditor"])
    group = opened(otto, vera, ada)
    body = {"kind": "group_membership", "details": {"group": str(group.pk)}, "reason": "x"}
    made = Caller(otto).post("/requests", body).json()
    deciding = Caller(vera, program=Program(own_connection=True))
    deciding.token()

    def decide(verdict: str) -> Any:
        decision = {"verdict": verdict, "digest": made["digest"], "comment": "So"}
        return deciding.post(f"/requests/{made['id']}/decide", decision)

    acts = [lambda verdict=verdict: decide(verdict) for verdict in ("approve", "reject") * 3]
    answers: list[Any] = at_once(acts)
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(200) == 1
    assert set(statuses) <= {200, 403, 409}
