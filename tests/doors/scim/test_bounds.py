"""How much one request may ask for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Group, Membership
from tests.doors.scim.caller import BULK, GROUP, PATCH, Caller, replace, told, user
from tests.factories import make_person
from tests.factories.groups import join, make_group
from tokens.doors.scim import calls, groups, service

pytestmark = pytest.mark.django_db

SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
LONG = " or ".join(['title eq "a"'] * 400)


def group_of(count: int) -> Group:
    group = make_group("Everybody")
    for number in range(count):
        join(group, make_person(f"p{number}"))
    return group


def members(*people: Any) -> dict[str, Any]:
    listed = [{"value": str(person.pk)} for person in people]
    return {"schemas": [GROUP], "displayName": "Everybody", "members": listed}


@pytest.mark.parametrize("name", ["filter", "Filter", "FILTER"])
def test_a_long_filter_is_not_looked_at_however_it_is_called(scim: Caller, name: str) -> None:
    answer = scim.send("POST", "/Users/.search", {"schemas": [SEARCH], name: LONG})

    assert (answer.status_code, told(answer)) == (400, "invalidFilter")


def test_one_that_is_named_twice_is_not_hidden_by_the_other(scim: Caller) -> None:
    body = {"schemas": [SEARCH], "filter": LONG, "Filter": "id pr"}
    assert told(scim.send("POST", "/Users/.search", body)) == "invalidFilter"
    paths = {"op": "remove", "Path": f"emails[{LONG}]", "path": "title"}
    answer = scim.patch(f"/Users/{make_person('pat').pk}", paths)
    assert told(answer) == "invalidFilter"


@pytest.mark.parametrize("name", ["Operations", "operations"])
def test_a_patch_has_so_many_operations_and_no_more(
    scim: Caller, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(calls, "MOST_PATCHES", 3)
    where = f"/Users/{make_person('pat').pk}"

    for count, status in ((3, {200, 204}), (4, {413})):
        said = {"schemas": [PATCH], name: [replace("title", str(n)) for n in range(count)]}
        assert scim.send("PATCH", where, said).status_code in status


def test_those_of_a_bulk_request_are_counted_together(
    scim: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "MOST_PATCHES", 5)
    where = f"/Users/{make_person('pat').pk}"
    data = {"schemas": [PATCH], "Operations": [replace("title", str(n)) for n in range(2)]}
    one = {"method": "PATCH", "path": where, "data": data}

    assert scim.send("POST", "/Bulk", {"schemas": [BULK], "Operations": [one]}).status_code == 200
    answer = scim.send("POST", "/Bulk", {"schemas": [BULK], "Operations": [one] * 2})
    assert answer.status_code == 413


def test_more_members_than_one_answer_lists_are_not_read(
    scim: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "MOST_MEMBERS", 2)
    group = group_of(3)
    where = f"/Groups/{group.pk}"

    assert told(scim.get(where)) == "tooMany"
    assert told(scim.get("/Groups")) == "tooMany"
    assert told(scim.patch(where, {"op": "remove", "path": "members"})) == "tooMany"
    assert scim.get(where, excludedAttributes="members").json()["displayName"] == "Everybody"
    assert scim.send("DELETE", where).status_code == 204


@pytest.mark.postgres
def test_nobody_is_locked_where_too_many_would_change(
    scim: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "MOST_CHANGES", 2)
    group = group_of(3)
    scim.token()

    with CaptureQueriesContext(connection) as made:
        assert scim.send("PUT", f"/Groups/{group.pk}", members()).status_code == 413
    assert not [each["sql"] for each in made if "FOR UPDATE" in each["sql"]]
    assert Membership.objects.count() == 3


def test_changes_of_one_bulk_request_are_counted_together(
    scim: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "MOST_CHANGES", 3)
    people = [make_person(f"p{n}") for n in range(2)]
    posts = [
        {
            "method": "POST",
            "path": "/Groups",
            "bulkId": name,
            "data": members(*people) | {"displayName": name},
        }
        for name in ("one", "two")
    ]
    posts.append({"method": "POST", "path": "/Users", "bulkId": "u", "data": user("bjensen")})

    answer = scim.send("POST", "/Bulk", json.dumps({"schemas": [BULK], "Operations": posts}))

    assert [each["status"] for each in answer.json()["Operations"]] == ["201", "413", "201"]
    assert not Group.objects.filter(name="two").exists()


def test_operations_and_members_are_bounded_together(
    scim: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_COMPARED", 6)
    group = group_of(3)
    gone = [str(pk) for pk in group.memberships.values_list("identity_id", flat=True)]

    def removing(*people: str) -> list[dict[str, str]]:
        return [{"op": "remove", "path": f'members[value eq "{pk}"]'} for pk in people]

    assert scim.patch(f"/Groups/{group.pk}", *removing(*gone)).status_code == 413
    assert group.memberships.count() == 3
    assert scim.patch(f"/Groups/{group.pk}", *removing(*gone[:2])).status_code in {200, 204}
    assert group.memberships.count() == 1
