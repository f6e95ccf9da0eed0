"""People are locked before groups, and all groups before one: whoever locks otherwise may wait in
a ring with somebody else.
"""

from __future__ import annotations

from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Group, Identity
from tests.at_once import at_once
from tests.doors.scim.caller import GROUP, Caller, make_client, replace
from tests.doors.scim.test_at_once import codes_of
from tests.factories import make_person
from tests.oauth.program import Program

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def scim() -> Caller:
    caller = Caller(make_client("Directory"), program=Program(own_connection=True))
    caller.token()
    return caller


def locks(made: CaptureQueriesContext) -> list[str]:
    """The tables whose rows are locked, in order; one group is told from all."""
    found = []
    for each in made:
        sql = each["sql"]
        if " FOR " not in sql or "UPDATE" not in sql.rpartition(" FOR ")[2]:
            continue
        if 'FROM "accounts_group"' in sql:
            found.append("a group" if " WHERE " in sql else "groups")
        elif 'FROM "accounts_identity"' in sql:
            found.append("people")
    return found


def body(name: str, *people: Identity) -> dict[str, object]:
    members = [{"value": str(person.pk)} for person in people]
    return {"schemas": [GROUP], "displayName": name, "members": members}


def test_people_are_locked_before_a_group_is_made_with_them(otto: Identity) -> None:
    scim = Caller(make_client("Directory"))
    scim.token()

    with CaptureQueriesContext(connection) as made:
        assert scim.send("POST", "/Groups", body("Guides", otto)).status_code == 201
    assert locks(made)[:2] == ["people", "groups"]


@pytest.mark.parametrize("how", ["rename", "delete"])
def test_all_groups_are_locked_before_one_that_is_renamed_or_deleted(how: str) -> None:
    scim = Caller(make_client("Directory"))
    group = scim.create_group("Guides")
    where = f"/Groups/{group['id']}"

    with CaptureQueriesContext(connection) as made:
        if how == "delete":
            assert scim.send("DELETE", where).status_code == 204
        else:
            assert scim.patch(where, replace("displayName", "Scouts")).status_code < 300
    assert [lock for lock in locks(made) if lock != "people"][:2] == ["groups", "a group"]


def test_groups_that_are_made_and_changed_at_once_with_the_same_people(scim: Caller) -> None:
    group, people = scim.create_group("Guides"), [make_person(f"p{n}") for n in range(4)]
    add = {"op": "add", "path": "members", "value": body("", *people)["members"]}
    acts = [partial(scim.send, "POST", "/Groups", body(f"G{n}", *people[::-1])) for n in range(4)]
    acts += [partial(scim.patch, f"/Groups/{group['id']}", add) for _ in range(2)]

    codes = codes_of(at_once(acts))

    assert codes[:4] == [201] * 4
    assert min(codes[4:]) < 300
    assert max(codes) <= 412


def test_groups_that_are_renamed_at_once(scim: Caller) -> None:
    made = [scim.create_group(f"G{n}")["id"] for n in range(6)]
    acts = [
        partial(scim.patch, f"/Groups/{pk}", replace("displayName", f"H{n}"))
        for n, pk in enumerate(made)
    ]

    assert max(codes_of(at_once(acts))) < 300
    assert set(Group.objects.values_list("name", flat=True)) == {f"H{n}" for n in range(6)}
