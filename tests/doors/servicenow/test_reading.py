"""The Table API, read."""

from __future__ import annotations

import pytest

from accounts.models import Group, Identity
from tests.doors.servicenow.caller import Caller, detail
from tests.factories import make_person
from tests.factories.groups import join, make_group, make_role
from tokens.doors.servicenow.tables import tables

pytestmark = pytest.mark.django_db

USER = "/api/now/table/sys_user"


def test_the_group_and_its_members_as_pysnc_asks_for_them(
    admin: Caller, group: Group, account: Identity
) -> None:
    common = {
        "sysparm_display_value": "all",
        "sysparm_exclude_reference_link": "true",
        "sysparm_limit": "100",
        "sysparm_offset": "0",
        "sysparm_suppress_pagination_header": "true",
    }
    named = admin.get(
        "/api/now/table/sys_user_group",
        sysparm_query="name=ServiceNow Service Accounts^ORDERBYsys_id",
        **common,
    )
    members = admin.get(
        "/api/now/table/sys_user_grmember",
        sysparm_query=f"group={group.pk.hex}^ORDERBYsys_id",
        sysparm_fields="sys_id,group,user,user.user_name",
        **common,
    )

    assert named.headers["X-Total-Count"] == "1"
    assert "Link" not in named.headers
    assert "Set-Cookie" not in named.headers
    assert named.json()["result"][0]["sys_id"]["value"] == group.pk.hex
    [member] = members.json()["result"]
    assert member.pop("sys_id")["value"] != account.pk.hex
    assert member == {
        "group": {"display_value": "ServiceNow Service Accounts", "value": group.pk.hex},
        "user": {"display_value": "svc-alpha", "value": account.pk.hex},
        "user.user_name": {"display_value": "svc-alpha", "value": "svc-alpha"},
    }


def test_a_user_has_all_of_the_fields_though_they_are_empty(
    admin: Caller, account: Identity, ada: Identity
) -> None:
    Identity.objects.get_queryset().filter(pk=account.pk).update(manager=ada)
    found = admin.get(f"{USER}/{account.pk.hex}").json()["result"]

    assert set(found) == set(tables["sys_user"].columns)
    assert found["user_name"] == "svc-alpha"
    assert (found["active"], found["web_service_access_only"]) == ("true", "false")
    assert (found["identity_type"], found["internal_integration_user"]) == ("machine", "false")
    assert found["phone"] == found["last_login_time"] == found["user_password"] == ""
    link = found["manager"]["link"]
    assert link.endswith(f"/api/now/table/sys_user/{ada.pk.hex}")
    assert found["manager"]["value"] == ada.pk.hex
    assert len(found["sys_created_on"]) == len("2026-01-01 00:00:00")


@pytest.mark.parametrize(
    ("display", "exclude", "expected"),
    [
        ("false", "false", {"link", "value"}),
        ("False", "true", None),
        ("true", "false", {"display_value", "link"}),
        ("true", "true", None),
        ("all", "false", {"display_value", "link", "value"}),
        ("all", "true", {"display_value", "value"}),
    ],
)
def test_references_are_told_as_they_are_asked_for(
    admin: Caller, group: Group, display: str, exclude: str, expected: set[str] | None
) -> None:
    del group
    answer = admin.get(
        "/api/now/table/sys_user_grmember",
        sysparm_display_value=display,
        sysparm_exclude_reference_link=exclude,
        sysparm_fields="user",
    )
    found = answer.json()["result"][0]["user"]
    assert (set(found) if isinstance(found, dict) else None) == expected
    if expected is None:
        assert found == "svc-alpha" if display == "true" else len(found) == 32


def test_a_part_of_many_says_where_the_others_are(admin: Caller) -> None:
    for number in range(5):
        make_person(f"person{number}")
    asked = {"sysparm_query": "user_nameSTARTSWITHperson^ORDERBYuser_name", "sysparm_limit": "2"}
    answer = admin.get(USER, **asked, sysparm_offset="2", sysparm_fields="user_name")

    assert [row["user_name"] for row in answer.json()["result"]] == ["person2", "person3"]
    assert answer.headers["X-Total-Count"] == "5"
    rels = [part.rpartition("rel=")[2] for part in answer.headers["Link"].split(",")]
    assert rels == ['"first"', '"prev"', '"next"', '"last"']
    assert "sysparm_offset=4" in answer.headers["Link"]
    none = admin.get(USER, **asked, sysparm_no_count="true", sysparm_limit_="x")
    assert "X-Total-Count" not in none.headers


def test_empty_parameters_mean_everything(admin: Caller, ada: Identity) -> None:
    """pysnow sends them so."""
    found = admin.get(
        USER,
        sysparm_query=f"sys_id={ada.pk.hex}",
        sysparm_fields="",
        sysparm_view="",
        sysparm_limit="10000",
        sysparm_offset="0",
        sysparm_display_value="False",
        sysparm_suppress_pagination_header="False",
    )
    assert len(found.json()["result"][0]) == len(tables["sys_user"].columns)


def test_nothing_found_is_missing_in_the_first_version_alone(admin: Caller) -> None:
    asked = {"sysparm_query": "user_name=nobody.there"}
    assert admin.get("/api/now/v1/table/sys_user", **asked).status_code == 404
    for address in ("/api/now/v2/table/sys_user", USER):
        answer = admin.get(address, **asked)
        assert (answer.status_code, answer.json()) == (200, {"result": []})
        assert answer.headers["X-Total-Count"] == "0"


@pytest.mark.parametrize("name", ["incident", "sys_user;drop", "", "%00"])
def test_what_is_no_table_here(admin: Caller, name: str) -> None:
    assert admin.get(f"/api/now/table/{name}").status_code in (400, 404)


@pytest.mark.parametrize("sys_id", ["1", "g" * 32, "A" * 32, "0" * 32, "0" * 31, "%00", "null"])
@pytest.mark.parametrize("name", tables)
def test_what_is_no_record(admin: Caller, name: str, sys_id: str) -> None:
    answer = admin.get(f"/api/now/table/{name}/{sys_id}")
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "No Record found"


def test_a_record_of_another_table_is_none_of_this_one(
    admin: Caller, group: Group, account: Identity
) -> None:
    assert admin.get(f"{USER}/{group.pk.hex}").status_code == 404
    assert admin.get(f"/api/now/table/sys_group_has_role/{account.pk.hex}").status_code == 404


@pytest.mark.parametrize("name", tables)
def test_each_record_is_found_again_by_its_sys_id(admin: Caller, group: Group, name: str) -> None:
    inner = make_role("personalize_choices")
    make_role("outer", contains=[inner])
    join(make_group("Desk"), admin.holder)
    for row in admin.table(name):
        again = admin.get(
            f"/api/now/table/{name}/{row['sys_id']}", sysparm_exclude_reference_link="true"
        )
        assert again.json()["result"] == row
        assert admin.column(name, "sys_id", f"sys_id={row['sys_id']}") == [row["sys_id"]]


def test_fields_that_there_are_not_are_left_out(admin: Caller, group: Group) -> None:
    asked = "sys_id,nothing,user.nothing,user.manager.user_name,sys_id.x,user.user_name.y"
    [row] = admin.table("sys_user_grmember", fields=asked)
    assert set(row) == {"sys_id", "user.manager.user_name"}
    deep = ".".join(["manager"] * 10) + ".name"
    assert all("manager.manager" not in row for row in admin.table("sys_user", fields=deep))


def test_which_roles_somebody_has_by_whatever_way(
    admin: Caller, owner: Caller, nobody: Caller, group: Group, account: Identity
) -> None:
    asked = f"user={account.pk.hex}^ORDERBYrole"
    fields = "role,inherited,granted_by,user.user_name"
    rows = admin.table("sys_user_has_role", query=asked, fields=fields, display_value="true")

    assert sorted(row["role"] for row in rows) == ["itil", "rest_api_explorer"]
    assert {row["inherited"] for row in rows} == {"true"}
    assert {row["granted_by"] for row in rows} == {group.name}
    assert admin.column("sys_user_has_role", "user.user_name", "role.name=itil") == ["svc-alpha"]
    assert admin.column("sys_user_has_role", "user", "user.user_name=ada") == []
    assert len(owner.table("sys_user_has_role")) == 2
    inherited = admin.get("/api/global/user_role_inheritance", user_sysid=account.pk.hex)
    assert inherited.json()["result"] == {
        "user_name": "svc-alpha",
        "from_group": [
            "[ServiceNow Service Accounts]/itil",
            "[ServiceNow Service Accounts]/rest_api_explorer",
        ],
        "from_role": [],
    }
    assert admin.get("/api/global/user_role_inheritance").status_code == 400
    other = owner.get("/api/global/user_role_inheritance", user_sysid=account.pk.hex)
    assert other.json() == inherited.json()
    assert nobody.table("sys_user_has_role") == []
    none = nobody.get("/api/global/user_role_inheritance", user_sysid=account.pk.hex)
    assert none.status_code == 404


def test_who_changed_roles(admin: Caller, nobody: Caller, group: Group) -> None:
    [row] = admin.table("sys_audit_role", query="operation=Added", display_value="true")
    assert (row["user"], row["granted_by"], row["role"]) == ("svc-alpha", group.name, "")
    assert nobody.table("sys_audit_role") == []


def test_a_basic_caller_sees_what_the_console_shows_them(
    nobody: Caller, owner: Caller, group: Group, account: Identity, otto: Identity
) -> None:
    assert nobody.column("sys_user", "user_name") == ["mallory"]
    assert nobody.table("sys_user_group") == nobody.table("sys_user_grmember") == []
    assert nobody.table("sys_user_role") == nobody.table("sys_group_has_role") == []
    assert owner.column("sys_user_group", "name") == [group.name]
    assert owner.column("sys_user", "user_name", "ORDERBYname") == ["otto", "svc-alpha"]
    [row] = owner.table("sys_user_grmember", fields="user,user.email,group.name")
    assert row == {"user": account.pk.hex, "user.email": "", "group.name": group.name}
    answer = nobody.get(f"{USER}/{otto.pk.hex}")
    assert answer.status_code == 404
    assert "ACL" in detail(answer)


def test_what_one_may_not_read_is_not_found_out_by_asking_for_it(
    owner: Caller, group: Group, ada: Identity
) -> None:
    Group.objects.update(manager=ada)
    for asked in ("manager.emailSTARTSWITHa", "manager.user_name=ada", "manager.activeISNOTEMPTY"):
        assert owner.table("sys_user_group", query=asked) == [], asked
    assert owner.column("sys_user_group", "manager.email") == [""]
    order = "ORDERBYmanager.email"
    assert owner.column("sys_user_group", "name", order) == [group.name]
