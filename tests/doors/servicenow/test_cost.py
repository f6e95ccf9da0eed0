"""Long lists cost as many statements as short ones."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.identities import managing
from accounts.models import Group, Identity
from accounts.requests import actions as requests
from tests.doors.servicenow.caller import Caller
from tests.factories import make_person
from tests.factories.groups import join, make_group, make_role
from tokens.doors.servicenow.tables import roles_of_users, tables

pytestmark = pytest.mark.django_db


def fill(group: Group, manager: Identity, start: int, end: int) -> None:
    now = timezone.now()
    for number in range(start, end):
        person = make_person(f"person{number}")
        managing.set_manager(by=manager, identity=person, manager=manager, at=now)
        join(group, person)
        role = make_role(f"role{number}", contains=[make_role(f"inner{number}")])
        other = make_group(f"group{number}", roles=[role], manager=person, parent=group)
        other.may_be_requested = True
        other.save()
        asker = Identity.objects.get_queryset().get(pk=person.pk)
        details = {"group": str(other.pk)}
        requests.ask(by=asker, kind="group_membership", details=details, reason="x", at=now)


@pytest.mark.parametrize("name", tables)
def test_statements(admin: Caller, group: Group, name: str) -> None:
    asked = ["user.user_name", "group.manager.name", "role.name", "sysapproval.number"]
    fields = ",".join([*tables[name].columns, *asked, "manager.name", "requested_for.name"])
    fill(group, admin.holder, 0, 2)
    counts = []
    for end in (2, 8):
        fill(group, admin.holder, 2, end)
        admin.table(name, fields=fields, display_value="all")  # what is read once a process
        with CaptureQueriesContext(
            connection,
        ) as captured:
            rows = admin.table(name, fields=fields, display_value="all")
        counts.append((len(captured), len(rows)))
    (few, short), (many, long) = counts
    assert few == many < 25
    assert short < long


def test_roles_of_too_many_are_narrowed_first(
    admin: Caller, group: Group, account: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(group, admin.holder, 0, 3)
    monkeypatch.setattr(roles_of_users, "MOST", 3)
    assert admin.get("/api/now/table/sys_user_has_role").status_code == 400
    narrowed = admin.column("sys_user_has_role", "role.name", f"user={account.pk.hex}^ORDERBYrole")
    assert sorted(narrowed) == ["itil", "rest_api_explorer"]


def test_one_role_of_somebody_is_read_however_many_there_are(
    admin: Caller,
    nobody: Caller,
    group: Group,
    account: Identity,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    query = f"user={account.pk.hex}"
    there = admin.table("sys_user_has_role", query=query, fields="sys_id,role.name")
    fill(group, admin.holder, 0, 3)
    monkeypatch.setattr(roles_of_users, "MOST", 3)
    for row in there:
        where = f"/api/now/table/sys_user_has_role/{row['sys_id']}"
        found = admin.get(where, sysparm_fields="sys_id,role.name")
        assert found.json()["result"] == row
        assert admin.send("DELETE", where).status_code == 403
        assert nobody.get(where).status_code == 404
        other = where[:-16] + "0" * 16
        assert admin.get(other).status_code == 404
    assert len(there) == 2


def test_what_fields_lead_to_is_read_once(admin: Caller, group: Group) -> None:
    fill(group, admin.holder, 0, 2)
    admin.table("sys_user_grmember")  # what is read once a process
    counts = []
    for fields in ("user.user_name", "user.user_name,user.name,user.email,user.title"):
        with CaptureQueriesContext(connection) as captured:
            admin.table("sys_user_grmember", fields=fields)
        counts.append(len(captured))
    assert counts[0] == counts[1]
