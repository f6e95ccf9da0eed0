"""Groups and their members, as directories keep them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import pytest

from accounts.models import Group, Identity, Membership
from tests.doors.scim.caller import GROUP, Caller, replace, told
from tests.factories import make_account, make_person
from tests.factories.groups import join, make_group, make_role
from tokens.doors.scim import groups
from tokens.doors.scim.resources import GroupMember

pytestmark = pytest.mark.django_db


def members(group: str) -> set[str]:
    return set(
        Membership.objects.filter(group_id=group).values_list("identity__user_name", flat=True)
    )


def test_a_group_is_made_with_its_members(scim: Caller, otto: Identity, vera: Identity) -> None:
    made = scim.create_group("Tour Guides", str(otto.pk), externalId="g1")

    assert members(made["id"]) == {"otto"}
    assert scim.get(f"/Groups/{made['id']}").json() == made
    listed = scim.get(f"/Users/{otto.pk}").json()["groups"]
    assert [(each["value"], each["display"]) for each in listed] == [(made["id"], "Tour Guides")]


def test_members_come_and_go_by_patch(scim: Caller, otto: Identity) -> None:
    made, more = scim.create_group("Tour Guides"), [make_person(f"p{n}") for n in range(3)]
    where = f"/Groups/{made['id']}"
    values = [{"value": str(person.pk)} for person in (otto, *more)]

    assert scim.patch(where, {"op": "add", "path": "members", "value": values}).status_code < 300
    assert members(made["id"]) == {"otto", "p0", "p1", "p2"}
    gone = f'members[value eq "{more[0].pk}"]'
    assert scim.patch(where, {"op": "remove", "path": gone}).status_code < 300
    entra = {"op": "Remove", "path": "members", "value": [{"value": str(more[1].pk)}]}
    assert scim.patch(where, entra).status_code < 300
    assert members(made["id"]) == {"otto", "p2"}
    assert scim.patch(where, {"op": "remove", "path": "members"}).status_code < 300
    assert members(made["id"]) == set()


def test_service_accounts_of_a_group_stay_in_it(scim: Caller, otto: Identity) -> None:
    machine = make_account("build", scopes=[]).account.identity
    group = make_group("Operators", members=[machine, otto])

    body = {"schemas": [GROUP], "displayName": "Operators", "members": []}
    answer = scim.send("PUT", f"/Groups/{group.pk}", body)

    assert answer.status_code == 200, answer.content
    assert members(str(group.pk)) == {machine.user_name}
    assert "members" not in answer.json() or not answer.json()["members"]


def test_whoever_joins_must_be_there(scim: Caller, otto: Identity) -> None:
    made = scim.create_group("Tour Guides", str(otto.pk))
    for value in (str(scim.holder.pk), "00000000-0000-4000-8000-000000000000", "nonsense"):
        add = {"op": "add", "path": "members", "value": [{"value": value}]}
        answer = scim.patch(f"/Groups/{made['id']}", add)
        assert (answer.status_code, told(answer)) == (400, "invalidValue")
    assert members(made["id"]) == {"otto"}


def test_what_gives_more_than_the_client_may_do_it_does_not_give(
    scim: Caller, otto: Identity
) -> None:
    role = make_role("readers", permissions=["audit.view"])
    group = make_group("Auditors", roles=[role])
    add = {"op": "add", "path": "members", "value": [{"value": str(otto.pk)}]}

    answer = scim.patch(f"/Groups/{group.pk}", add)

    assert answer.status_code == 403, answer.content
    assert members(str(group.pk)) == set()


@pytest.mark.parametrize("how", ["rename", "delete"])
def test_a_group_that_gives_something_is_not_renamed_or_deleted(scim: Caller, how: str) -> None:
    group = make_group("Operators", roles=[make_role("ops", scopes=["fr:am:*"])])
    path = f"/Groups/{group.pk}"
    answer = (
        scim.send("DELETE", path)
        if how == "delete"
        else scim.patch(path, replace("displayName", "Others"))
    )

    assert answer.status_code == 403, answer.content
    assert Group.objects.get(pk=group.pk).name == "Operators"


def test_a_group_that_gives_nothing_is_renamed_and_deleted(scim: Caller) -> None:
    made = scim.create_group("Tour Guides")

    answer = scim.patch(f"/Groups/{made['id']}", replace("displayName", "Guides"))
    assert answer.status_code < 300, answer.content
    assert Group.objects.get(pk=made["id"]).name == "Guides"
    assert scim.send("DELETE", f"/Groups/{made['id']}").status_code == 204
    assert scim.get(f"/Groups/{made['id']}").status_code == 404


def test_two_groups_of_one_name_cannot_be(scim: Caller) -> None:
    scim.create_group("Tour Guides")
    answer = scim.send("POST", "/Groups", {"schemas": [GROUP], "displayName": "tour guides"})

    assert (answer.status_code, told(answer)) == (409, "uniqueness")


@pytest.mark.parametrize("sort", ["displayName", "meta.created", "externalId"])
def test_members_are_not_read_where_nobody_asks_for_them(
    scim: Caller, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    made = scim.create_group("Tour Guides", *(str(make_person(f"p{n}").pk) for n in range(3)))
    read: list[int] = []

    def counted(_client: Identity, ids: Sequence[UUID]) -> Mapping[UUID, list[GroupMember]]:
        read.append(len(ids))
        return {}

    monkeypatch.setattr(groups, "_members", counted)
    asked = {"filter": 'displayName eq "Tour guides"', "sortBy": sort}

    answer = scim.get("/Groups", excludedAttributes="members", **asked)
    assert [row["id"] for row in answer.json()["Resources"]] == [made["id"]]
    assert read == []
    assert scim.get("/Groups", **asked).status_code == 200
    assert read == [1]


def test_members_are_read_to_search_by_them(scim: Caller) -> None:
    made = scim.create_group("Tour Guides", member := str(make_person("pat").pk))
    scim.create_group("Others", str(make_person("kim").pk))

    for text in (f'members.value eq "{member}"', f'members[value eq "{member}"]'):
        rows = scim.get("/Groups", filter=text, excludedAttributes="members").json()["Resources"]
        assert [row["id"] for row in rows] == [made["id"]], text


def test_who_only_gives_members_away_keeps_their_own_end(scim: Caller, otto: Identity) -> None:
    from datetime import timedelta

    from django.utils import timezone

    group, until = make_group("Operators"), timezone.now() + timedelta(days=3)
    join(group, otto, until=until)
    vera = make_person("vera")

    add = {"op": "add", "path": "members", "value": [{"value": str(vera.pk)}]}
    assert scim.patch(f"/Groups/{group.pk}", add).status_code < 300
    assert Membership.objects.get(group=group, identity=otto).until == until
