"""Life-cycle states of a profile, and which of them an identity is in, by our own API."""

from __future__ import annotations

import pytest

from accounts.models import Event, Identity, IdentityProfile, LifecycleState
from tests.doors.rest import world
from tests.doors.rest.caller import Caller, fields

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> tuple[Identity, IdentityProfile]:
    return world.of_a_profile()


def states_of(profile: IdentityProfile) -> str:
    return f"/profiles/{profile.pk}/lifecycle-states"


def test_a_state_is_added_enabled_changed_and_removed(
    admin: Caller, made: tuple[Identity, IdentityProfile]
) -> None:
    path = states_of(made[1])
    body = {"name": "On leave", "technical_name": "leave", "on_entry": "disable"}
    added = admin.post(path, body)
    assert added.status_code == 201, added.content
    assert (added.json()["enabled"], added.json()["identities"]) == (False, 0)
    one = added.headers["Location"].removeprefix("/api/v1")
    assert "leave" in {row["technical_name"] for row in admin.get(path).json()["items"]}
    assert admin.post(f"{one}/enable").json()["enabled"] is True
    read = admin.get(one)
    changed = admin.patch(one, {"description": "Back soon"}, if_match=read.headers["ETag"])
    assert changed.status_code == 200, changed.content
    assert changed.json()["description"] == "Back soon"
    assert changed.json()["on_entry"] == "disable"
    stale = admin.patch(one, {"name": "Away"}, if_match=read.headers["ETag"])
    assert stale.status_code == 412
    assert admin.delete(one, if_match=read.headers["ETag"]).status_code == 412
    assert admin.post(f"{one}/disable").json()["enabled"] is False
    assert admin.delete(one).status_code == 204
    assert admin.get(one).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"technical_name": "?"}, "technical_name"),
        ({"on_entry": "explode"}, "on_entry"),
        ({"identity_state": "GONE"}, "identity_state"),
        ({"priority": 0}, "priority"),
        ({"priority": "1"}, "priority"),
        ({"name": ""}, "name"),
        ({"enabled": True}, "enabled"),
    ],
)
def test_what_is_no_state_is_said(
    admin: Caller, made: tuple[Identity, IdentityProfile], wrong: dict[str, object], field: str
) -> None:
    before = LifecycleState.objects.count()
    body = {"name": "Leave", "technical_name": "leave"} | wrong
    assert fields(admin.post(states_of(made[1]), body)) == {field}
    assert LifecycleState.objects.count() == before


def test_an_identity_is_put_into_a_state_and_follows_its_source_again(
    admin: Caller, made: tuple[Identity, IdentityProfile]
) -> None:
    who, profile = made
    state = world.state(profile, "leave", enabled=True)
    path = f"/identities/{who.pk}/lifecycle-state"
    assert admin.get(path).json()["state"] is None
    put = admin.send("PUT", path, {"state": "leave"})
    assert put.status_code == 200, put.content
    assert (put.json()["state"], put.json()["set_by_hand"]) == ("leave", True)
    assert put.json()["profile"]["id"] == str(profile.pk)
    one = f"{states_of(profile)}/{state.pk}"
    assert admin.get(one).json()["identities"] == 1
    in_use = admin.delete(one)
    assert (in_use.status_code, in_use.json()["code"]) == (409, "lifecycle_state_in_use")
    assert admin.delete(path).status_code == 204
    freed = admin.get(path).json()
    assert (freed["set_by_hand"], freed["set_by"]) == (False, None)
    assert Event.objects.filter(action="identity.lifecycle_state_freed").count() == 1


def test_nobody_is_put_where_they_cannot_be(
    admin: Caller, made: tuple[Identity, IdentityProfile], otto: Identity
) -> None:
    who, profile = made
    world.state(profile, "leave")
    path = f"/identities/{who.pk}/lifecycle-state"
    assert fields(admin.send("PUT", path, {"state": "leave"})) == {"state"}
    assert fields(admin.send("PUT", path, {"state": "nowhere"})) == {"state"}
    without = f"/identities/{otto.pk}/lifecycle-state"
    refused = admin.send("PUT", without, {"state": "leave"})
    assert (refused.status_code, refused.json()["code"]) == (409, "no_lifecycle_states")
    assert admin.get(without).json()["profile"] is None


def test_who_only_reads_changes_nothing(
    vera: Identity, otto: Identity, made: tuple[Identity, IdentityProfile]
) -> None:
    who, profile = made
    state = world.state(profile, "leave", enabled=True)
    one = f"{states_of(profile)}/{state.pk}"
    auditor, owner = Caller(vera), Caller(otto)
    assert auditor.get(one).status_code == 200
    assert owner.get(one).status_code == 403
    for caller in (auditor, owner):
        assert caller.post(f"{one}/disable").status_code == 403
        assert caller.patch(one, {"name": "X"}).status_code == 403
        assert caller.delete(one).status_code == 403
        put = caller.send("PUT", f"/identities/{who.pk}/lifecycle-state", {"state": "leave"})
        assert put.status_code == 403
    state.refresh_from_db()
    assert (state.name, state.is_enabled) == ("leave", True)


def test_a_state_of_another_profile_is_not_there(
    admin: Caller, made: tuple[Identity, IdentityProfile]
) -> None:
    state = world.state(world.profile())
    one = f"{states_of(made[1])}/{state.pk}"
    assert admin.get(one).status_code == 404
    assert admin.post(f"{one}/enable").status_code == 404
    assert admin.delete(one).status_code == 404
