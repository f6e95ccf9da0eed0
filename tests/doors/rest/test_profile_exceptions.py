"""The exceptions of a profile, by our own API."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Identity, IdentityProfile
from accounts.service_accounts import actions as service_accounts
from tests.doors.rest.caller import Caller, fields
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import identity, make_profile, process

pytestmark = pytest.mark.django_db

TWO, THREE = "2,two,nothing,", "3,three,nothing,"
OTHERS = ("1,ada,a@x.example,", "4,four,,", "5,five,five@x.example,", "6,six,six@x.example,")
KINDS = ("", "/errors", "/collisions", "/incomplete", "/left-deleted")


@pytest.fixture
def profile(ada: Identity) -> IdentityProfile:
    """Of six accounts one is called as Ada, two cannot be taken, one lacks an address, and one was
    deleted by hand."""
    source = make_source()
    bring(source, rows(TWO, THREE, *OTHERS))
    made = make_profile(source)
    process(made)
    five = identity("five").service_account
    service_accounts.delete(by=ada, account=five, at=timezone.now())
    return made


def at(profile: IdentityProfile, kind: str = "") -> str:
    return f"/profiles/{profile.pk}/exceptions{kind}"


def items(caller: Caller, path: str, **query: str) -> list[dict[str, Any]]:
    answer = caller.get(path, **query)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def test_each_kind_is_counted_and_told(admin: Caller, profile: IdentityProfile) -> None:
    counts = admin.get(at(profile)).json()
    assert counts == {"errors": 2, "collisions": 1, "incomplete": 1, "left_deleted": 1}
    first, second = items(admin, at(profile, "/errors"))
    assert (first["kind"], first["account_id"], first["attribute"]) == ("value", "2", "email")
    assert first["causes"][0].endswith("The value is “nothing”.")
    assert second["account_name"] == "three"
    [collision] = items(admin, at(profile, "/collisions"))
    assert collision["name"] == "ada"
    assert [side["identity"] is None for side in collision["sides"]] == [False, True]
    assert collision["sides"][1]["account_id"] == "1"
    [incomplete] = items(admin, at(profile, "/incomplete"))
    assert (incomplete["account_id"], incomplete["missing"]) == ("4", ["email"])
    [deleted] = items(admin, at(profile, "/left-deleted"))
    assert deleted["account_id"] == "5"


def test_what_was_mended_is_gone_at_once(admin: Caller, profile: IdentityProfile) -> None:
    bring(profile.source, rows("2,two,two@x.example,", THREE, *OTHERS))
    assert [each["account_id"] for each in items(admin, at(profile, "/errors"))] == ["3"]


def test_they_are_read_page_by_page(admin: Caller, profile: IdentityProfile) -> None:
    path, seen, query = at(profile, "/errors"), [], {"limit": "1"}
    while True:
        page = admin.get(path, **query).json()
        seen += [each["account_id"] for each in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert seen == ["2", "3"]
    for kind in KINDS[1:]:
        for cursor in ("1", "x", query["cursor"] + "x", ""):
            assert fields(admin.get(at(profile, kind), cursor=cursor)) == {"cursor"}
    assert fields(admin.get(at(profile, "/collisions"), cursor=query["cursor"])) == {"cursor"}
    narrow = items(admin, path, fields="account_id", limit="1")
    assert narrow == [{"account_id": "2"}]


def test_they_are_for_who_sees_profiles(
    profile: IdentityProfile, vera: Identity, otto: Identity, ada: Identity
) -> None:
    for kind in KINDS:
        assert Caller(vera).get(at(profile, kind)).status_code == 200
        assert Caller(otto).get(at(profile, kind)).status_code == 403
        assert Caller(ada, ["steward:sources:read"]).get(at(profile, kind)).status_code == 403
        nowhere = at(profile, kind).replace(str(profile.pk), str(ada.pk))
        assert Caller(ada).get(nowhere).status_code == 404
