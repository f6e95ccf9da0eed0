"""The Table API, written: by whoever may do the same in the console, and by nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.identities import actions as identities
from accounts.models import AccessRequest, Event, Group, Identity, Membership
from tests.doors.servicenow.caller import Caller, detail
from tests.factories import make_person
from tests.factories.groups import join, make_group, make_role
from tests.factories.uses import make_ready
from tokens.doors.servicenow import records

pytestmark = pytest.mark.django_db

MEMBERS = "/api/now/table/sys_user_grmember"
GROUPS = "/api/now/table/sys_user_group"
USERS = "/api/now/table/sys_user"


def pair(user: Identity, group: Group) -> dict[str, str]:
    return {"user": user.pk.hex, "group": group.pk.hex}


def test_an_administrator_adds_and_removes_a_member(
    admin: Caller, group: Group, mallory: Identity
) -> None:
    made = admin.send("POST", MEMBERS, pair(mallory, group))

    assert made.status_code == 201, made.content
    found = made.json()["result"]
    where = f"{MEMBERS}/{found['sys_id']}"
    assert made.headers["Location"].endswith(where)
    assert found["user"]["value"] == mallory.pk.hex
    assert Membership.objects.filter(group=group, identity=mallory).exists()
    event = Event.objects.filter(action="group.member_added").latest("id")
    assert (event.actor_label, event.credential_kind) == ("ada", "personal_access_token")

    gone = admin.send("DELETE", where)
    assert (gone.status_code, gone.content) == (204, b"")
    assert not Membership.objects.filter(group=group, identity=mallory).exists()
    again = admin.send("DELETE", where)
    assert again.status_code == 404
    assert Event.objects.filter(action="group.member_removed").count() == 1


def test_the_same_membership_twice_is_one_and_keeps_its_end(
    admin: Caller, group: Group, mallory: Identity
) -> None:
    until = timezone.now() + timedelta(days=3)
    membership = join(group, mallory, until=until)
    first = admin.send("POST", MEMBERS, pair(mallory, group))
    second = admin.send("POST", MEMBERS, pair(mallory, group))

    assert first.status_code == second.status_code == 201
    assert first.json()["result"]["sys_id"] == membership.pk.hex
    assert second.json() == first.json()
    membership.refresh_from_db()
    assert membership.until == until


def test_nobody_gets_round_an_approval_by_writing_the_membership(
    owner: Caller, nobody: Caller, group: Group, account: Identity, otto: Identity
) -> None:
    Membership.objects.all().delete()
    for caller, user in ((owner, account), (owner, otto), (nobody, nobody.holder)):
        answer = caller.send("POST", MEMBERS, pair(user, group))
        assert answer.status_code == 403
        assert answer.json()["error"]["message"] == "Operation Failed"
        assert "/requests/new/group_membership/" in detail(answer)
    assert not Membership.objects.exists()
    refusals = Event.objects.filter(action="api.refused")
    assert refusals.count() == 3
    assert {event.detail["refused_by"] for event in refusals} == {"level"}


def test_who_may_not_delete_a_membership(
    owner: Caller, nobody: Caller, group: Group, account: Identity
) -> None:
    membership = Membership.objects.get()
    where = f"{MEMBERS}/{membership.pk.hex}"
    assert nobody.send("DELETE", where).status_code == 404
    assert owner.send("DELETE", where).status_code == 403
    assert Membership.objects.filter(identity=account).exists()


def test_a_manager_of_groups_changes_their_own_but_not_for_themselves(
    group: Group, mallory: Identity
) -> None:
    manager = make_person("grace", levels=["role_admin"])
    plain = make_group("Desk", manager=manager)
    caller = Caller(manager)

    assert caller.send("POST", MEMBERS, pair(mallory, plain)).status_code == 201
    own = caller.send("POST", MEMBERS, pair(manager, plain))
    other = caller.send("POST", MEMBERS, pair(mallory, group))
    assert own.status_code == other.status_code == 403
    assert f"?group={plain.pk}" in detail(own)
    make_role("powerful", permissions=["audit.view"])
    assert plain.memberships.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"user": "x", "group": "y"},
        {"user": "0" * 32, "group": "0" * 32},
        {"user": ["x"]},
        {"user": {"value": {"x": 1}}},
        {"user": "a\0b"},
    ],
)
def test_a_membership_of_nobody_is_a_mistake(admin: Caller, body: dict[str, object]) -> None:
    answer = admin.send("POST", MEMBERS, body)
    assert answer.status_code == 400
    assert answer.json()["status"] == "failure"


def test_a_user_is_not_a_group(admin: Caller, group: Group, mallory: Identity) -> None:
    swapped = {"user": group.pk.hex, "group": mallory.pk.hex}
    assert admin.send("POST", MEMBERS, swapped).status_code == 400


def test_console_access_is_taken_away_and_given_back(
    admin: Caller, owner: Caller, account: Identity
) -> None:
    make_ready(account)
    where = f"{USERS}/{account.pk.hex}"
    taken = owner.send("PATCH", where, {"web_service_access_only": "true"})
    assert taken.status_code == 200
    assert taken.json()["result"]["web_service_access_only"] == "true"
    account.refresh_from_db()
    assert account.web_services_only
    assert owner.send("PATCH", where, {"web_service_access_only": False}).status_code == 403
    back = admin.send("PUT", where, {"web_service_access_only": False})
    assert back.json()["result"]["web_service_access_only"] == "false"
    assert admin.send("PATCH", where, {"web_service_access_only": "maybe"}).status_code == 400
    person = f"{USERS}/{owner.holder.pk.hex}"
    assert admin.send("PATCH", person, {"web_service_access_only": "true"}).status_code == 400


def test_users_are_disabled_renamed_and_given_a_manager(
    admin: Caller, account: Identity, mallory: Identity
) -> None:
    where = f"{USERS}/{mallory.pk.hex}"
    sent = {
        "first_name": "Mal",
        "active": "false",
        "manager": {"value": admin.holder.pk.hex},
        "user_name": "mallory",
        "of_nothing": "x",
    }
    found = admin.send("PATCH", where, sent).json()["result"]
    assert (found["first_name"], found["active"]) == ("Mal", "false")
    assert found["manager"]["value"] == admin.holder.pk.hex
    back = admin.send("PATCH", where, {"active": True, "manager": ""}).json()["result"]
    assert (back["active"], back["manager"]) == ("true", "")
    stopped = admin.send("PATCH", f"{USERS}/{account.pk.hex}", {"active": "0"})
    assert stopped.json()["result"]["active"] == "false"
    assert Event.objects.filter(action="service_account.disabled").exists()


def test_all_fields_of_a_call_are_written_or_none(admin: Caller, mallory: Identity) -> None:
    sent = {"first_name": "Mal", "user_name": "malory"}
    answer = admin.send("PATCH", f"{USERS}/{mallory.pk.hex}", sent)
    assert answer.status_code == 403
    assert "sys_user.user_name" in detail(answer)
    mallory.refresh_from_db()
    assert mallory.first_name != "Mal"


def test_two_changes_at_once_lose_nothing(
    admin: Caller, mallory: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names go together, so one who was slower would send back what they had read of the others."""
    real, where = records.sent, f"{USERS}/{mallory.pk.hex}"

    def somebody_is_faster(*given: Any) -> Any:
        names: dict[str, Any] = {
            "first_name": mallory.first_name,
            "last_name": "Faster",
            "email": mallory.email,
        }
        identities.edit_person(by=admin.holder, identity=mallory, at=timezone.now(), **names)
        return real(*given)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(records, "sent", somebody_is_faster)
        slower = admin.send("PATCH", where, {"first_name": "Slower"})
    assert slower.status_code == 409, slower.content
    mallory.refresh_from_db()
    assert (mallory.last_name, mallory.first_name != "Slower") == ("Faster", True)
    assert admin.send("PATCH", where, {"first_name": "Slower"}).status_code == 200
    mallory.refresh_from_db()
    assert (mallory.first_name, mallory.last_name) == ("Slower", "Faster")


def test_nobody_makes_themselves_more(
    nobody: Caller, owner: Caller, account: Identity, ada: Identity
) -> None:
    assert nobody.send("PATCH", f"{USERS}/{ada.pk.hex}", {"active": "false"}).status_code == 404
    own = f"{USERS}/{nobody.holder.pk.hex}"
    for sent in ({"active": "false"}, {"manager": own[-32:]}, {"first_name": "A"}):
        assert nobody.send("PATCH", own, sent).status_code == 403, sent
    mine = f"{USERS}/{account.pk.hex}"
    assert owner.send("PATCH", mine, {"active": "false"}).status_code == 403
    assert nobody.send("PATCH", own, {"first_name": nobody.holder.first_name}).status_code == 200


def test_users_are_not_made_or_deleted_here(admin: Caller, mallory: Identity) -> None:
    made = admin.send("POST", USERS, {"user_name": "new"})
    assert made.status_code == 403
    assert "/requests/new/new_service_account/" in detail(made)
    assert admin.send("DELETE", f"{USERS}/{mallory.pk.hex}").status_code == 403
    assert Identity.objects.existing().filter(pk=mallory.pk).exists()


def test_groups_are_for_administrators(admin: Caller, nobody: Caller, mallory: Identity) -> None:
    assert nobody.send("POST", GROUPS, {"name": "Mine"}).status_code == 403
    made = admin.send("POST", GROUPS, {"name": "Desk", "manager": mallory.pk.hex})
    assert made.status_code == 201
    found = made.json()["result"]
    where = f"{GROUPS}/{found['sys_id']}"
    again = admin.send("POST", GROUPS, {"name": "desk"})
    assert (again.status_code, "desk" in detail(again).lower()) == (400, True)
    changed = admin.send("PATCH", where, {"description": "For all", "parent": ""})
    assert changed.json()["result"]["description"] == "For all"
    assert changed.json()["result"]["manager"]["value"] == mallory.pk.hex
    assert admin.send("PATCH", where, {"parent": found["sys_id"]}).status_code == 400
    assert nobody.send("PATCH", where, {"name": "Mine"}).status_code == 403
    assert nobody.send("DELETE", where).status_code == 403
    assert admin.send("DELETE", where).status_code == 204
    assert admin.send("DELETE", where).status_code == 404


def test_what_a_group_carries_stays_when_its_name_is_changed(admin: Caller, group: Group) -> None:
    where = f"{GROUPS}/{group.pk.hex}"
    assert admin.send("PATCH", where, {"name": "Accounts"}).status_code == 200
    group.refresh_from_db()
    assert (group.name, group.may_be_requested) == ("Accounts", True)
    assert group.group_roles.count() == 2


@pytest.mark.parametrize(
    "name", ["sys_user_role", "sys_user_has_role", "sys_group_has_role", "sc_request"]
)
def test_what_is_read_alone(admin: Caller, group: Group, name: str) -> None:
    assert admin.send("POST", f"/api/now/table/{name}", {"name": "x"}).status_code == 403
    for row in admin.table(name)[:1]:
        where = f"/api/now/table/{name}/{row['sys_id']}"
        assert admin.send("PATCH", where, {"name": "x"}).status_code == 403
        assert admin.send("DELETE", where).status_code == 403
    assert not AccessRequest.objects.exists()


def test_methods(admin: Caller, group: Group, mallory: Identity) -> None:
    membership = join(group, mallory)
    where = f"{MEMBERS}/{membership.pk.hex}"
    for method, address in (("DELETE", MEMBERS), ("PATCH", MEMBERS), ("POST", where)):
        answer = admin.send(method, address)
        assert answer.status_code == 405
        assert "GET" in answer.headers["Allow"]
    assert admin.send("OPTIONS", MEMBERS).status_code == 405
    overridden = {"X-HTTP-Method-Override": "DELETE"}
    assert admin.send("GET", where, **overridden).status_code == 200
    assert admin.send("POST", where, **{"X-HTTP-Method-Override": "EXPLODE"}).status_code == 405
    assert admin.send("POST", where, **overridden).status_code == 204
    assert Caller(mallory).send("POST", where, **overridden).status_code == 404


@pytest.mark.parametrize(
    ("text", "kind", "status"),
    [
        ("user=x", "application/x-www-form-urlencoded", 415),
        ("<user/>", "application/xml", 415),
        ("{}", "", 415),
        ("{", "application/json", 400),
        ("[]", "application/json", 400),
        ('{"user":"a","user":"b"}', "application/json", 400),
        ('{"user":"\\ud800"}', "application/json", 400),
        ("[" * 50_000, "application/json", 400),
        ('{"user":"' + "x" * 20_000 + '"}', "application/json", 400),
        ('{"a":"' + "x" * 1_100_000 + '"}', "application/json", 413),
    ],
)
def test_bodies_that_are_none(admin: Caller, text: str, kind: str, status: int) -> None:
    answer = admin.program.post(MEMBERS, text, content_type=kind, headers=admin.headers())
    assert answer.status_code == status
    assert answer.json()["status"] == "failure"


def test_who_reads_xml_is_told_that_there_is_none(admin: Caller) -> None:
    headers = admin.headers() | {"Accept": "application/xml"}
    assert admin.program.get(MEMBERS, headers=headers).status_code == 406
