"""Several calls in one."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Any

import pytest
from django.utils import timezone

from accounts.authorization.levels import ADMIN
from accounts.identities import actions
from accounts.models import Event, Group, Identity, Membership
from tests.doors.servicenow.caller import Caller, basic
from tests.factories.tokens import make_token
from tests.oauth.program import Answer
from tokens.doors.servicenow import batch
from tokens.usage.buffer import buffer
from tokens.usage.models import DailyUse, Use

pytestmark = pytest.mark.django_db

BATCH = "/api/now/v1/batch"
MEMBERS = "/api/now/table/sys_user_grmember"
USERS = "/api/now/table/sys_user"


def inner(request_id: str, method: str, url: str, body: Any = None, **more: Any) -> dict[str, Any]:
    sent = "" if body is None else b64encode(json.dumps(body).encode()).decode()
    headers = [{"name": "Content-Type", "value": "application/json"}]
    return {"id": request_id, "method": method, "url": url, "headers": headers, "body": sent} | more


def send(caller: Caller, *requests: Any, address: str = BATCH) -> Answer:
    return caller.send("POST", address, {"batch_request_id": 7, "rest_requests": list(requests)})


def answers(answer: Answer) -> dict[str, tuple[int, Any]]:
    assert answer.status_code == 200, answer.content
    return {
        each["id"]: (each["status_code"], json.loads(b64decode(each["body"]) or "null"))
        for each in answer.json()["serviced_requests"]
    }


def test_a_batch_of_which_nothing_is_done_is_no_call(admin: Caller, group: Group) -> None:
    """What comes of a first call must not come of none."""
    nowhere = inner("1", "GET", "/api/now/table/incident")
    for calls in ([nowhere], [nowhere, nowhere], []):
        assert send(admin, *calls).status_code == 200
    buffer.flush()
    assert [row.use for row in DailyUse.objects.all()] == [Use.TRIED]
    there = inner("2", "GET", f"/api/now/table/sys_user_group/{group.pk.hex}")
    assert send(admin, nowhere, there).status_code == 200
    buffer.flush()
    assert DailyUse.objects.get(use=Use.CALL).count == 1


@pytest.mark.parametrize("address", [BATCH, "/api/now/batch", "/api/now/v2/batch"])
def test_each_is_answered_as_if_it_had_come_alone(
    admin: Caller, group: Group, mallory: Identity, address: str
) -> None:
    body = {"user": mallory.pk.hex, "group": group.pk.hex}
    answer = send(
        admin,
        inner("a", "POST", MEMBERS, body),
        inner("b", "GET", f"{USERS}?sysparm_query=user_name=mallory&sysparm_fields=user_name"),
        inner("c", "GET", f"{USERS}/nobody"),
        inner("d", "GET", "/api/now/v1/table/incident"),
        inner("e", "GET", "/api/now/stats/sys_user"),
        address=address,
    )
    found = answers(answer)

    assert answer.json()["batch_request_id"] == "7"
    assert answer.json()["unserviced_requests"] == []
    assert {name: status for name, (status, _body) in found.items()} == {
        "a": 201,
        "b": 200,
        "c": 404,
        "d": 400,
        "e": 404,
    }
    assert found["b"][1] == {"result": [{"user_name": "mallory"}]}
    [first, *_rest] = answer.json()["serviced_requests"]
    assert {"name": "Content-Type", "value": "application/json;charset=UTF-8"} in first["headers"]
    sys_id = found["a"][1]["result"]["sys_id"]
    gone = answers(send(admin, inner("x", "DELETE", f"{MEMBERS}/{sys_id}")))
    assert gone == {"x": (204, None)}
    assert not Membership.objects.filter(identity=mallory).exists()


def test_an_empty_one(admin: Caller) -> None:
    """pysnc sends one where there is nothing to change."""
    assert answers(send(admin)) == {}
    assert answers(admin.send("POST", BATCH, {})) == {}


def test_what_one_may_not_alone_one_may_not_in_a_batch(
    nobody: Caller, group: Group, ada: Identity
) -> None:
    body = {"user": nobody.holder.pk.hex, "group": group.pk.hex}
    found = answers(
        send(
            nobody,
            inner("a", "POST", MEMBERS, body),
            inner("b", "PATCH", f"{USERS}/{ada.pk.hex}", {"active": "false"}),
        )
    )
    assert (found["a"][0], found["b"][0]) == (403, 404)
    assert "/requests/new/group_membership/" in found["a"][1]["error"]["detail"]
    assert Event.objects.filter(action="api.refused").count() == 1


def test_one_brings_no_proof_of_its_own(nobody: Caller, ada: Identity, group: Group) -> None:
    made = make_token(ada, scopes=["useraccount"])
    proofs = [
        ("Authorization", basic(made.client_id, made.secret)),
        ("authorization", "Bearer x"),
        ("X-SN-APIKEY", f"{made.client_id}.{made.secret}"),
        ("Cookie", "sessionid=x"),
    ]
    body = {"user": nobody.holder.pk.hex, "group": group.pk.hex}
    for name, value in proofs:
        headers = [{"name": name, "value": value}]
        found = answers(send(nobody, inner("a", "POST", MEMBERS, body, headers=headers)))
        assert found["a"][0] == 400
    assert not Membership.objects.filter(identity=nobody.holder).exists()


@pytest.mark.parametrize(
    "request_",
    [
        inner("a", "POST", BATCH, {"rest_requests": []}),
        inner("a", "POST", "/api/now/batch"),
        inner("a", "CONNECT", USERS),
        inner("a", "GET", "http://elsewhere.example/api/now/table/sys_user"),
        inner("a", "GET", "//elsewhere.example/api/now/table/sys_user"),
        inner("a", "GET", "http://["),
        inner("a", "GET", "/identities/"),
        inner("a", "GET", "/api/now/table/../../../etc/passwd"),
        inner("a", "GET", f"{USERS}?sysparm_query=user_name=%00"),
        inner("a", "GET", f"{USERS}?" + "&".join(f"a{n}=1" for n in range(2000))),
        inner("a", "POST", MEMBERS, body="no base64 at all!"),
        {"id": "a", "method": "POST", "url": MEMBERS, "body": "!!!!"},
        {"id": "a", "method": "POST", "url": MEMBERS, "body": "AA="},
        {"id": "a", "method": "POST", "url": MEMBERS, "body": 7},
        {"id": "a", "method": "GET", "url": USERS, "headers": "x"},
        {"id": "a", "method": "GET", "url": USERS, "headers": [1]},
        {"id": "a", "method": ["GET"], "url": USERS},
        {"id": "a"},
    ],
)
def test_one_that_makes_no_sense_keeps_the_others_from_nothing(
    admin: Caller, request_: dict[str, Any]
) -> None:
    found = answers(send(admin, request_, inner("good", "GET", USERS)))
    assert found["a"][0] in (400, 404), found["a"]
    assert found["good"][0] == 200


@pytest.mark.parametrize(
    "body",
    [
        {"rest_requests": {}},
        {"rest_requests": ["x"]},
        {"rest_requests": None},
        {"rest_requests": [{"id": {}}]},
        {"rest_requests": [], "batch_request_id": {}},
        {"rest_requests": [{"id": "a"}] * 10_000},
    ],
)
def test_what_is_no_batch(admin: Caller, body: dict[str, Any]) -> None:
    answer = admin.send("POST", BATCH, body)
    assert answer.status_code == 400
    assert answer.json()["status"] == "failure"


def test_what_there_is_no_time_for_is_left_to_be_sent_again(
    admin: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "ROOM_SECONDS", -1)
    answer = send(admin, inner("a", "GET", USERS), inner("b", "GET", USERS))
    assert answer.json()["serviced_requests"] == []
    assert answer.json()["unserviced_requests"] == ["a", "b"]


def test_who_is_stopped_by_one_of_them_goes_no_further(admin: Caller, mallory: Identity) -> None:
    actions.set_levels(by=admin.holder, identity=mallory, levels=[ADMIN], at=timezone.now())
    caller = Caller(mallory)
    stopped = {"active": "false"}
    admin.token()
    found = answers(
        send(
            caller,
            inner("a", "PATCH", f"{USERS}/{admin.holder.pk.hex}", stopped),
            inner("b", "GET", f"{USERS}/{admin.holder.pk.hex}"),
        )
    )
    assert found["b"][1]["result"]["active"] == "false"
    gone = send(admin, inner("a", "GET", USERS))
    assert gone.status_code == 401


def test_a_batch_in_a_batch_is_none_however_it_is_written(admin: Caller) -> None:
    for address in ("/api/now/%62atch", "/api/now/v1/batc%68"):
        [(status, _body)] = answers(send(admin, inner("a", "POST", address, {}))).values()
        assert status == 400, address


def test_answers_that_grow_too_large_are_left_for_another_batch(
    admin: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "MOST_BYTES", 10)
    answer = send(admin, inner("a", "GET", USERS), inner("b", "GET", USERS))
    assert list(answers(answer)) == ["a"]
    assert answer.json()["unserviced_requests"] == ["b"]
