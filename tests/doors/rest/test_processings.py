"""The changes of an identity profile, planned and applied by our own API."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Identity, IdentityProfile, Processing
from tests.doors.rest.caller import Caller, fields
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import make_profile, process, work

pytestmark = pytest.mark.django_db

TWO = rows("SA-1,one,a@example.com,A", "SA-2,two,b@example.com,B")
ONE = rows("SA-1,one,a@example.com,A")


@pytest.fixture
def profile(db: None) -> IdentityProfile:
    source = make_source(threshold=100)
    bring(source, TWO)
    return make_profile(source)


def planned(caller: Caller, profile: IdentityProfile, **body: Any) -> dict[str, Any]:
    made = caller.post(f"/profiles/{profile.pk}/processings", body)
    assert made.status_code == 201, made.content
    work()
    path = made.headers["Location"].removeprefix("/api/v1")
    found: dict[str, Any] = caller.get(path).json()
    return found | {"path": path}


def test_a_plan_is_made_looked_at_and_confirmed(admin: Caller, profile: IdentityProfile) -> None:
    found = planned(admin, profile)
    path = found["path"]
    assert (found["state"], found["effects"]["created"]) == ("planned", 2)
    effects = admin.get(f"{path}/effects", effect="created", limit="1").json()
    assert [row["user_name"] for row in effects["items"]] == ["one"]
    assert effects["next"] is not None
    assert fields(admin.get(f"{path}/effects")) == {"effect"}
    assert fields(admin.get(f"{path}/effects", effect="seen")) == {"effect"}
    other = admin.post(f"{path}/confirm", {"plan": found["plan"] + 1})
    assert (other.status_code, other.json()["code"]) == (409, "wrong_state")
    assert fields(admin.post(f"{path}/confirm", {})) == {"plan"}
    assert fields(admin.post(f"{path}/confirm", {"plan": "1"})) == {"plan"}
    confirmed = admin.post(f"{path}/confirm", {"plan": found["plan"]})
    assert (confirmed.status_code, confirmed.json()["state"]) == (200, "applying")
    work()
    assert admin.get(path).json()["state"] == "applied"
    assert Identity.objects.get_queryset().filter(user_name__in=["one", "two"]).count() == 2
    (listed,) = admin.get(f"/profiles/{profile.pk}/processings").json()["items"]
    assert listed["id"] == found["id"]


def test_a_plan_is_applied_by_itself_where_it_may_be(
    admin: Caller, profile: IdentityProfile
) -> None:
    assert planned(admin, profile, auto_apply=True)["state"] == "applied"


def test_what_is_held_is_confirmed_by_who_has_looked_at_it(
    admin: Caller, profile: IdentityProfile
) -> None:
    process(profile)
    bring(profile.source, ONE)
    found = planned(admin, profile)
    Processing.objects.filter(pk=found["id"]).update(held_reason="Look at this")
    body = {"plan": found["plan"]}
    unseen = admin.post(f"{found['path']}/confirm", body)
    assert (unseen.status_code, fields(unseen)) == (422, {"sure"})
    sure = admin.post(f"{found['path']}/confirm", body | {"sure": True})
    assert (sure.status_code, sure.json()["state"]) == (200, "applying")


def test_one_is_at_work_at_a_time_and_can_be_given_up(
    admin: Caller, profile: IdentityProfile
) -> None:
    path = f"/profiles/{profile.pk}/processings"
    first = admin.post(path, {}).json()
    again = admin.post(path, {})
    assert (again.status_code, again.json()["code"]) == (409, "already_processing")
    for _ in range(2):
        cancelled = admin.post(f"{path}/{first['id']}/cancel")
        assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    late = admin.post(f"{path}/{first['id']}/confirm", {"plan": 0})
    assert (late.status_code, late.json()["code"]) == (409, "wrong_state")


def test_who_only_sees_does_nothing(
    admin: Caller, vera: Identity, ada: Identity, otto: Identity, profile: IdentityProfile
) -> None:
    found = planned(admin, profile)
    base, path = f"/profiles/{profile.pk}/processings", found["path"]
    for caller, seen in (
        (Caller(vera), 200),
        (Caller(ada, ["steward:profiles:read"]), 200),
        (Caller(otto), 403),
    ):
        for place in (base, path, f"{path}/effects?effect=created"):
            assert caller.get(place).status_code == seen
        assert caller.post(base, {}).status_code == 403
        assert caller.post(f"{path}/confirm", {"plan": found["plan"]}).status_code == 403
        assert caller.post(f"{path}/cancel").status_code == 403
    assert Processing.objects.get().state == "planned"


def test_a_processing_of_another_profile_is_none(admin: Caller, profile: IdentityProfile) -> None:
    found = planned(admin, profile)
    other = make_profile(make_source("Other"))
    for pk in (found["id"], uuid4()):
        path = f"/profiles/{other.pk}/processings/{pk}"
        assert admin.get(path).status_code == 404
        assert admin.post(f"{path}/confirm", {"plan": 1}).status_code == 404
        assert admin.post(f"{path}/cancel").status_code == 404
    assert admin.post(f"/profiles/{uuid4()}/processings", {}).status_code == 404
