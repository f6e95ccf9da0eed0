"""Identities by our own API."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Event, Identity, Invitation
from tests.doors.rest.caller import Caller, fields
from tests.factories import make_account, make_person

pytestmark = pytest.mark.django_db


def test_a_person_is_added_invited_changed_stopped_and_deleted(
    admin: Caller, vera: Identity
) -> None:
    body = {"user_name": "nora", "first_name": "Nora", "email": "nora@example.com"}
    made = admin.post("/identities", body | {"levels": ["helpdesk"]})
    assert made.status_code == 201, made.content
    assert made.json()["levels"] == ["helpdesk"]
    nora = Identity.objects.get_queryset().get(user_name="nora")
    assert Invitation.objects.filter(identity=nora).count() == 1
    path = f"/identities/{nora.pk}"
    read = admin.get(path)
    assert read.json() == made.json()
    changed = admin.patch(path, {"last_name": "Nilsson"}, if_match=read.headers["ETag"])
    assert changed.status_code == 200, changed.content
    assert changed.json()["display_name"] == "Nora Nilsson"
    assert changed.json()["email"] == "nora@example.com"
    stale = admin.patch(path, {"last_name": "x"}, if_match=read.headers["ETag"])
    assert stale.status_code == 412

    assert admin.send("PUT", f"{path}/levels", {"levels": []}).json()["levels"] == []
    manager = admin.send("PUT", f"{path}/manager", {"manager": str(vera.pk)})
    assert manager.json()["manager"]["id"] == str(vera.pk)
    assert admin.send("PUT", f"{path}/manager", {"manager": None}).json()["manager"] is None
    assert admin.post(f"{path}/invite").status_code == 204
    assert admin.post(f"{path}/disable").json()["status"] == "disabled"
    assert admin.post(f"{path}/enable").json()["status"] == "active"
    assert admin.post(f"{path}/end-sessions").status_code == 204
    assert admin.post(f"{path}/reset").status_code == 200
    assert admin.delete(path).status_code == 204
    assert admin.get(path).status_code == 404


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, "user_name"),
        ({"user_name": "a b", "first_name": "A", "email": "a@example.com"}, "user_name"),
        ({"user_name": "x", "first_name": "A", "email": "nowhere"}, "email"),
        ({"user_name": "x", "email": "a@example.com", "levels": ["king"]}, "levels.0"),
    ],
)
def test_what_cannot_be_taken_is_named(admin: Caller, body: object, wrong: str) -> None:
    answer = admin.post("/identities", body)
    assert answer.status_code == 422, answer.content
    assert wrong in fields(answer)
    assert not Identity.objects.get_queryset().filter(user_name="x").exists()


def test_a_taken_name_is_a_conflict(admin: Caller, otto: Identity) -> None:
    body = {"user_name": "OTTO", "first_name": "A", "email": "a@example.com"}
    answer = admin.post("/identities", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "user_name_taken")


def test_nobody_reaches_above_themselves(admin: Caller, ada: Identity) -> None:
    helper = make_person("helper", levels=["helpdesk"])
    caller, path = Caller(helper), f"/identities/{ada.pk}"
    assert caller.get(path).status_code == 200
    for verb in ("disable", "reset", "invite", "end-sessions"):
        assert caller.post(f"{path}/{verb}").status_code == 403, verb
    assert caller.patch(path, {"last_name": "x"}).status_code == 403
    assert caller.send("PUT", f"/identities/{helper.pk}/levels", {"levels": []}).status_code == 403
    own = admin.send("PUT", f"{path}/levels", {"levels": []})
    assert own.status_code == 409  # nobody would be left to administer
    assert admin.delete(path).status_code == 403
    ada.refresh_from_db()
    assert ada.is_active
    assert ada.is_administrator


def test_who_sees_no_identities_is_refused(otto: Identity) -> None:
    caller = Caller(otto)
    assert caller.get("/identities").status_code == 403
    assert caller.get(f"/identities/{otto.pk}").status_code == 403


def test_a_service_account_is_changed_at_its_own_address(admin: Caller) -> None:
    made = make_account("loader")
    path = f"/identities/{made.account.pk}"
    assert admin.get(path).json()["kind"] == "service"
    assert admin.patch(path, {"last_name": "x"}).status_code == 404
    assert admin.post(f"{path}/disable").status_code == 404
    assert admin.send("PUT", f"{path}/levels", {"levels": ["auditor"]}).status_code == 200


def test_the_list_is_narrowed_and_costs_the_same_whatever_its_length(admin: Caller) -> None:
    admin.get("/identities")
    counts = []
    for until in (3, 20):
        for number in range(Identity.objects.get_queryset().count(), until):
            make_person(f"person-{number}", levels=["auditor"])
        with CaptureQueriesContext(connection) as captured:
            listed = admin.get("/identities", kind="person", status="active", limit="100")
        assert len(listed.json()["items"]) == until
        counts.append(len(captured))
    assert counts[0] == counts[1]
    found = admin.get("/identities", q="person-7", level="auditor").json()["items"]
    assert [each["user_name"] for each in found] == ["person-7"]
    assert admin.get("/identities", level="user").json()["items"] == []
    assert admin.get("/identities", registration="not_invited").json()["items"] == []


def test_issued_tokens_of_a_person_are_refused_from_then_on(
    admin: Caller, otto: Identity, vera: Identity
) -> None:
    theirs, path = Caller(otto, ["steward:groups:read"]), f"/identities/{otto.pk}/revoke-tokens"
    assert theirs.get("/groups").status_code == 200
    assert Caller(vera).post(path).status_code == 403
    assert theirs.get("/groups").status_code == 200
    assert admin.post(path).status_code == 204
    assert theirs.get("/groups").status_code == 401
    assert Event.objects.get(action="token.revoked_all").subject_id == str(otto.pk)
