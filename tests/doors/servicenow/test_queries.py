"""The vendor's encoded queries."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.identities import actions
from accounts.models import Group, Identity
from tests.doors.servicenow.caller import Caller, detail
from tests.factories import make_person
from tests.factories.groups import make_group
from tokens.doors.servicenow.query import Condition, Operator, parse

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(ada: Identity, account: Identity) -> list[Identity]:
    """Beside Ada, Otto and an account of his: Bea, who is disabled and managed by Ada, and Cid."""
    bea = make_person("bea")
    make_person("cid")
    actions.disable(by=ada, identity=bea, at=timezone.now())
    Identity.objects.get_queryset().filter(pk=bea.pk).update(manager=ada)
    return [bea, account]


ALL = ["ada", "bea", "cid", "otto", "svc-alpha"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("user_name=bea", ["bea"]),
        ("user_name=BEA", ["bea"]),
        ("user_name!=bea", ["ada", "cid", "otto", "svc-alpha"]),
        ("user_nameINada,cid,nobody", ["ada", "cid"]),
        ("user_nameNOT INada,cid", ["bea", "otto", "svc-alpha"]),
        ("nameLIKEALPHA", ["svc-alpha"]),
        ("nameCONTAINSalpha", ["svc-alpha"]),
        ("nameNOT LIKEa", ["cid", "otto"]),
        ("user_nameSTARTSWITHsvc", ["svc-alpha"]),
        ("user_nameENDSWITHa", ["ada", "bea", "svc-alpha"]),
        ("active=true", ["ada", "cid", "otto", "svc-alpha"]),
        ("active=false", ["bea"]),
        ("active!=true", ["bea"]),
        ("active=1^user_nameSTARTSWITHa", ["ada"]),
        ("active=perhaps", []),
        ("activeISEMPTY", []),
        ("activeISNOTEMPTY", ALL),
        ("web_service_access_only=false", ALL),
        ("internal_integration_user=true", []),
        ("identity_type=machine", ["svc-alpha"]),
        ("identity_typeINmachine,ai_agent", ["svc-alpha"]),
        ("manager.user_name=ada", ["bea"]),
        ("manager.active=true", ["bea"]),
        ("managerISEMPTY", ["ada", "cid", "otto", "svc-alpha"]),
        ("manager=", ["ada", "cid", "otto", "svc-alpha"]),
        ("managerISNOTEMPTY", ["bea"]),
        ("managerLIKEda", ["bea"]),
        ("manager=nobody", []),
        ("phoneISEMPTY", ALL),
        ("phoneISNOTEMPTY", []),
        ("phone!=1", ALL),
        ("emailISEMPTY", ["svc-alpha"]),
        ("user_name=ada^ORuser_name=cid", ["ada", "cid"]),
        ("active=true^user_name=bea^ORuser_name=cid", ["cid"]),
        ("user_name=ada^NQuser_name=bea", ["ada", "bea"]),
        ("sys_created_on>2020-01-01 00:00:00", ALL),
        ("sys_created_on<2020-01-01", []),
        ("sys_created_on>=2020-01-01^sys_created_on<=2999-12-31", ALL),
        ("sys_created_on=soon", []),
        ("last_login_timeISEMPTY", ALL),
        # what cannot be read is left out
        ("", ALL),
        ("nothing=1", ALL),
        ("what is this^user_name=ada", ["ada"]),
        ("user_name=ada^ORnothing=1", ["ada"]),
        ("nothing=1^ORuser_name=ada", ["ada"]),
        ("nothing=1^NQuser_name=ada", ["ada"]),
        ("user_name=ada^EQ", ["ada"]),
        ("user_name.name=x", ALL),
        ("manager.manager.manager.manager.manager.name=x", ALL),
        ("user_nameANYTHING", ALL),
        ("user_name=^^", []),
        ("user_name='; DROP TABLE accounts_identity; --", []),
        ("user_nameLIKE%", []),
    ],
)
def test_what_is_found(
    admin: Caller, people: list[Identity], asked: str, expected: list[str]
) -> None:
    del people
    found = admin.column("sys_user", "user_name", f"{asked}^ORDERBYuser_name")
    assert [name for name in found if name] == expected


def test_as_much_as_may_be_asked_for(admin: Caller, people: list[Identity]) -> None:
    del people
    walks = ["manager.manager.manager.user_name=x"] * 20
    asked = "^OR".join([*walks, *["user_name=x"] * 178])
    assert admin.column("sys_user", "user_name", f"{asked}^ORuser_name=ada") == ["ada"]
    listed = "user_nameIN" + ",".join([*["x"] * 1999, "ada"])
    assert admin.column("sys_user", "user_name", listed) == ["ada"]


def test_order(admin: Caller, people: list[Identity]) -> None:
    del people
    found = admin.column("sys_user", "user_name", "ORDERBYDESCactive^ORDERBYDESCuser_name")
    assert found == ["svc-alpha", "otto", "cid", "ada", "bea"]
    assert admin.column("sys_user", "user_name", "ORDERBYuser_name^ORDERBYnothing") == ALL


def test_members_of_a_group_by_its_name(admin: Caller, group: Group, account: Identity) -> None:
    make_group("Other", members=[admin.holder])
    asked = "group.name=ServiceNow Service Accounts^user.active=true"
    assert admin.column("sys_user_grmember", "user", asked) == [account.pk.hex]
    assert admin.column("sys_user_grmember", "user", f"group={group.pk.hex}") == [account.pk.hex]
    asked = "group.nameNOT LIKEservicenow"
    assert admin.column("sys_user_grmember", "user.user_name", asked) == ["ada"]


@pytest.mark.parametrize(
    "asked",
    [
        "JOINsys_user.sys_id=sys_user_grmember.user!group.name=X",
        "active=true^RLQUERYsys_user_grmember.user,>=1^ENDRLQUERY",
        "^".join(["active=true"] * 201),
        "^OR".join(["manager.user_name=x"] * 21),
        "user_nameIN" + ",".join(["x"] * 2001),
        "name=" + "x" * 70_000,
        "name=" + "x" * 110_000,
        "name=a\0b",
    ],
)
def test_what_would_be_dangerous_or_dear_is_refused(admin: Caller, asked: str) -> None:
    answer = admin.get("/api/now/table/sys_user", sysparm_query=asked)
    assert answer.status_code == 400
    assert detail(answer)


def test_a_query_is_taken_apart() -> None:
    found = parse("a=1^ORb.c!=x^^y^dISEMPTY^ORDERBYDESCe^NQfINx,y^GROUPBYz")
    assert found.alternatives == (
        (
            (Condition("a", Operator.IS, "1"), Condition("b.c", Operator.IS_NOT, "x^y")),
            (Condition("d", Operator.IS_EMPTY, ""),),
        ),
        ((Condition("f", Operator.IN, "x,y"),),),
    )
    assert found.order == (("e", True),)


@pytest.mark.parametrize("value", ["-1", "x", "1.5", "9" * 30, "", "０"])
def test_a_number_that_is_none_is_as_if_it_were_not_said(admin: Caller, value: str) -> None:
    answer = admin.get("/api/now/table/sys_user", sysparm_limit=value, sysparm_offset="-3")
    assert answer.headers["X-Total-Count"] == "1"
    assert len(answer.json()["result"]) == 1
