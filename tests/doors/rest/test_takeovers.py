"""Service accounts that get another owner, by our own API."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.identities import actions as identities
from accounts.models import Identity, ServiceAccount, Takeover
from tests.doors.rest import world
from tests.doors.rest.caller import Caller, fields
from tests.factories import make_account
from tests.factories.tokens import make_token
from tokens.credentials.models import Credential, KeyOrigin

pytestmark = pytest.mark.django_db


def offered(owner: Identity, to: Identity) -> tuple[ServiceAccount, str]:
    """An account that its owner hands over by this API, and the address of that."""
    account = make_account("loader", owner=owner).account
    body = {"account": str(account.pk), "to": to.user_name, "note": "Ask Nora"}
    made = Caller(owner).post("/takeovers", body)
    assert made.status_code == 201, made.content
    assert made.json()["note"] == "Ask Nora"
    return account, made.headers["Location"].removeprefix("/api/v1")


def test_an_account_is_offered_looked_at_and_taken_over(otto: Identity, vera: Identity) -> None:
    account, path = offered(otto, vera)
    known = make_token(account.identity, by=otto).token
    giving, taking = Caller(otto), Caller(vera)
    (waits,) = taking.get("/takeovers", show="waiting").json()["items"]
    assert (waits["account"]["name"], waits["state"]) == ("loader", "waiting")
    assert [row["id"] for row in giving.get("/takeovers", show="offered").json()["items"]] == [
        waits["id"]
    ]
    assert giving.get(path).json()["ending"] == []
    assert [row["id"] for row in taking.get(path).json()["ending"]] == [str(known.pk)]
    assert giving.post(f"{path}/confirm", {}).status_code == 403
    confirmed = taking.post(f"{path}/confirm", {})
    assert (confirmed.status_code, confirmed.json()["state"]) == (200, "confirmed")
    assert taking.post(f"{path}/confirm", {}).status_code == 409
    account.refresh_from_db()
    known.refresh_from_db()
    assert account.owner == vera
    assert known.revoked_at is not None
    assert taking.get("/takeovers", show="waiting").json()["items"] == []


def test_what_the_old_owner_knows_goes_on_if_wanted(otto: Identity, vera: Identity) -> None:
    account, path = offered(otto, vera)
    known = make_token(account.identity, by=otto).token
    assert Caller(vera).post(f"{path}/confirm", {"keep_old_tokens": True}).status_code == 200
    known.refresh_from_db()
    assert known.revoked_at is None


def test_an_offer_is_declined_or_withdrawn(otto: Identity, vera: Identity) -> None:
    account, path = offered(otto, vera)
    assert Caller(vera).post(f"{path}/withdraw").status_code == 403
    assert Caller(otto).post(f"{path}/decline").status_code == 403
    assert Caller(vera).post(f"{path}/decline").json()["state"] == "declined"
    again = {"account": str(account.pk), "to": vera.user_name}
    made = Caller(otto).post("/takeovers", again).json()
    withdrawn = Caller(otto).post(f"/takeovers/{made['id']}/withdraw")
    assert (withdrawn.status_code, withdrawn.json()["state"]) == (200, "withdrawn")
    account.refresh_from_db()
    assert account.owner == otto


def test_it_is_the_business_of_two(admin: Caller, otto: Identity, vera: Identity) -> None:
    account, path = offered(otto, vera)
    assert admin.get("/takeovers").json()["items"] == []
    assert admin.get(path).status_code == 404
    for verb in ("decline", "withdraw"):
        assert admin.post(f"{path}/{verb}").status_code == 404
    assert admin.post(f"{path}/confirm", {}).status_code == 404
    assert Caller(vera, ["steward:takeovers:read"]).post(f"{path}/decline").status_code == 403
    body = {"account": str(account.pk), "to": vera.user_name}
    assert admin.post("/takeovers", body).status_code == 403
    assert fields(Caller(vera).post("/takeovers", body | {"account": str(uuid4())})) == {"account"}


@pytest.mark.parametrize("to", ["nobody", "otto", "gone", ""])
def test_whom_nobody_knows_gets_nothing(otto: Identity, ada: Identity, to: str) -> None:
    gone = world.person()
    Identity.objects.filter(pk=gone.pk).update(user_name="gone", user_name_key="gone")
    gone.refresh_from_db()
    identities.disable(by=ada, identity=gone, at=timezone.now())
    account = make_account("loader", owner=otto).account
    refused = Caller(otto).post("/takeovers", {"account": str(account.pk), "to": to})
    assert (refused.status_code, fields(refused)) == (422, {"to"})
    assert not Takeover.objects.exists()


def test_many_whose_owner_left_are_confirmed_at_once(vera: Identity) -> None:
    mine, more = world.left(to=vera), world.left(to=vera)
    other, offer = world.left(to=world.person()), world.offer(to=vera)
    ids = [str(each.pk) for each in (mine, more, other, offer, mine)]
    caller = Caller(vera)
    answer = caller.post("/takeovers/confirm", {"takeovers": ids}, idempotency_key="once")
    assert answer.status_code == 200, answer.content
    assert {row["id"] for row in answer.json()["confirmed"]} == {
        str(mine.account_id),
        str(more.account_id),
    }
    assert [said.partition(":")[0] for said in answer.json()["left"]] == [
        str(other.pk),
        str(offer.pk),
    ]
    again = caller.post("/takeovers/confirm", {"takeovers": ids}, idempotency_key="once")
    assert again.content == answer.content
    assert fields(caller.post("/takeovers/confirm", {"takeovers": []})) == {"takeovers"}


def test_a_takeover_that_makes_no_sense_any_more_is_over(otto: Identity, vera: Identity) -> None:
    account, path = offered(otto, vera)
    ServiceAccount.objects.filter(pk=account.pk).update(owner=world.person())
    assert Caller(vera).get(path).json()["state"] == "over"
    assert Caller(vera).post(f"{path}/confirm", {}).status_code == 409


def test_many_cost_as_many_statements_as_few(vera: Identity) -> None:
    caller, counts = Caller(vera), []
    caller.get("/takeovers")
    for until in (2, 7):
        for _number in range(Takeover.objects.count(), until):
            world.left(to=vera)
        with CaptureQueriesContext(connection) as captured:
            assert len(caller.get("/takeovers").json()["items"]) == until
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_an_owner_names_who_comes_after(admin: Caller, otto: Identity, vera: Identity) -> None:
    account = make_account("loader", owner=otto).account
    path, owner = f"/service-accounts/{account.pk}/successor", Caller(otto)
    named = owner.send("PUT", path, {"successor": vera.user_name})
    assert (named.status_code, named.json()["successor"]["id"]) == (200, str(vera.pk))
    assert owner.send("PUT", path, {"successor": None}).json()["successor"] is None
    assert admin.send("PUT", path, {"successor": vera.email}).status_code == 200
    assert fields(owner.send("PUT", path, {"successor": "otto"})) == {"successor"}
    assert fields(owner.send("PUT", path, {})) == {"successor"}
    assert Caller(vera).send("PUT", path, {"successor": None}).status_code == 403
    assert Caller(world.person()).send("PUT", path, {"successor": None}).status_code == 404


def test_an_administrator_says_from_when_the_age_of_a_password_counts(
    admin: Caller, otto: Identity
) -> None:
    account = make_account("loader", owner=otto).account
    path = f"/service-accounts/{account.pk}/password-exemption"
    later = "2100-01-01T00:00:00Z"
    put = admin.send("PUT", path, {"until": later})
    assert (put.status_code, put.json()["password_exempt_until"]) == (200, later)
    assert admin.send("PUT", path, {"until": None}).json()["password_exempt_until"] is None
    assert fields(admin.send("PUT", path, {"until": "2020-01-01T00:00:00Z"})) == {"until"}
    assert fields(admin.send("PUT", path, {})) == {"until"}
    assert Caller(otto).send("PUT", path, {"until": None}).status_code == 403
    absent = f"/service-accounts/{uuid4()}/password-exemption"
    assert admin.send("PUT", absent, {"until": None}).status_code == 404


def test_who_answers_is_told_what_others_still_know(ada: Identity, vera: Identity) -> None:
    takeover = world.left(to=vera)
    token = make_token(takeover.account.identity, by=ada).token
    Credential.objects.filter(pk=token.pk).update(made_by_id=takeover.giver_id)
    path, caller = f"/takeovers/{takeover.pk}", Caller(vera)
    assert caller.get(path).json()["staying"] == []
    identities.disable(by=ada, identity=takeover.giver, at=timezone.now())
    told = caller.get(path).json()
    assert told["staying"] == [{"id": str(token.pk), "name": str(token)}]
    assert told["ending"] == []
    assert caller.post(f"{path}/confirm", {}).status_code == 200
    assert caller.get(path).json()["staying"] == []


def test_an_offer_tells_of_keys_that_whoever_offers_it_downloaded(
    otto: Identity, vera: Identity
) -> None:
    account, path = offered(otto, vera)
    key = Credential.objects.get(identity_id=account.pk)
    Credential.objects.filter(pk=key.pk).update(origin=KeyOrigin.OWNER, made_by_id=otto.pk)
    told = Caller(vera).get(path).json()
    assert told["staying"] == [{"id": str(key.pk), "name": key.key_id}]
    assert Caller(otto).get(path).json()["staying"] == []
