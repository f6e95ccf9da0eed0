"""Many operations in one request, each by itself."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Event, Identity, Membership
from tests.doors.scim.caller import BULK, GROUP, PATCH, Caller, replace, user

pytestmark = pytest.mark.django_db


def bulk(scim: Caller, *operations: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    said = {"schemas": [BULK], "Operations": list(operations), **more}
    answer = scim.send("POST", "/Bulk", said)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["Operations"]
    return found


def post(bulk_id: str, name: str, **more: Any) -> dict[str, Any]:
    return {"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": user(name, **more)}


def test_a_group_names_a_member_that_the_same_request_makes(scim: Caller) -> None:
    members = [{"value": "bulkId:a"}]
    data = {"schemas": [GROUP], "displayName": "Guides", "members": members}
    done = bulk(
        scim,
        {"method": "POST", "path": "/Groups", "bulkId": "g", "data": data},
        post("a", "bjensen"),
    )

    assert [each["status"] for each in done] == ["201", "201"]
    assert Membership.objects.get().identity.user_name == "bjensen"


def test_one_that_fails_takes_no_other_with_it(scim: Caller, ada: Identity) -> None:
    off = {"schemas": [PATCH], "Operations": [replace("active", False)]}
    done = bulk(
        scim,
        post("a", "bjensen"),
        post("b", "bjensen"),
        {"method": "PATCH", "path": f"/Users/{ada.pk}", "data": off},
        post("c", "jsmith"),
    )

    assert [each["status"] for each in done] == ["201", "409", "403", "201"]
    names = set(Identity.objects.people().values_list("user_name", flat=True))
    assert names == {"ada", "bjensen", "jsmith"}
    assert Event.objects.filter(action="api.refused", actor_id=str(scim.holder.pk)).count() == 1


def test_it_stops_where_it_is_told_to(scim: Caller) -> None:
    done = bulk(scim, post("a", "x y"), post("b", "jsmith"), failOnErrors=1)

    assert [each["status"] for each in done] == ["400"]
    assert not Identity.objects.people().exists()


def test_a_circle_of_references_ends(scim: Caller) -> None:
    def manager(of: str) -> dict[str, Any]:
        urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
        return {urn: {"manager": {"value": f"bulkId:{of}"}}}

    done = bulk(scim, post("a", "one", **manager("b")), post("b", "two", **manager("a")))

    assert {each["status"] for each in done} <= {"201", "409"}
    assert "409" in {each["status"] for each in done}
