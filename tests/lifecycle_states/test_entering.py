"""Entering a state: what the plan says of it, what applying does, and whom it leaves alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.authorization.levels import ADMIN
from accounts.identities import actions as identities
from accounts.models import (
    AccountProblem,
    Identity,
    IdentityLifecycle,
    IdentityProfile,
    Invitation,
    LifecycleState,
    ServiceAccount,
    Source,
)
from accounts.profiles.evaluate import ValueProblem
from accounts.profiles.lifecycle_states import actions, queries
from accounts.profiles.lifecycle_states.actions import Draft
from accounts.profiles.lifecycle_states.settling import states_for
from accounts.profiles.models import InvitePolicy, ProfileKind
from accounts.profiles.processing.states import State
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import FOUR, apply, identity, make_profile, plan, process

pytestmark = pytest.mark.django_db

MAPPED = FOUR | {"cloudLifecycleState": "purpose"}


def now() -> datetime:
    return timezone.now()


@pytest.fixture
def source(db: None) -> Source:
    return make_source(threshold=100)


def states(source: Source, *said: str) -> None:
    """Import accounts 1, 2, … whose source says these states of them."""
    bring(source, rows(*(f"{n},user{n},u{n}@x.example,{s}" for n, s in enumerate(said, start=1))))


def person_profile(source: Source, **details: Any) -> IdentityProfile:
    return make_profile(source, kind=ProfileKind.PERSON, mapped=MAPPED, **details)


def is_active(number: int) -> bool:
    return identity(f"user{number}").is_active


def test_a_profile_has_active_and_inactive_from_the_start(source: Source) -> None:
    found = queries.of(make_profile(source))
    assert [(s.technical_name, s.is_enabled, s.on_entry) for s in found] == [
        ("active", True, "enable"),
        ("inactive", True, "disable"),
    ]


def test_a_new_identity_in_a_state_that_disables_never_could_sign_in(source: Source) -> None:
    states(source, "active", "inactive")
    profile = person_profile(source)
    planned = plan(profile)
    assert planned.effects["disabled_by_state"] == 1
    apply(planned)
    assert (is_active(1), is_active(2)) == (True, False)
    assert identity("user2").attributes["cloudLifecycleState"] == "inactive"
    assert identity("user2").attributes["identityState"] == "INACTIVE_SHORT_TERM"
    event = Event.objects.get(action="identity.disabled")
    assert (event.subject_label, event.detail["cause"]) == ("user2", "lifecycle_state")


def test_who_leaves_is_disabled_and_who_comes_back_is_enabled(source: Source) -> None:
    states(source, "active", "active")
    profile = person_profile(source)
    process(profile)
    generation = identity("user1").session_generation
    states(source, "inactive", "active")
    planned = plan(profile)
    assert planned.effects == {"changed": 1, "disabled_by_state": 1}
    assert is_active(1)
    apply(planned)
    assert (is_active(1), is_active(2)) == (False, True)
    assert identity("user1").session_generation == generation + 1

    states(source, "active", "active")
    planned = plan(profile)
    assert planned.effects == {"changed": 1, "enabled_by_state": 1}
    apply(planned)
    assert is_active(1)
    assert Event.objects.filter(action="identity.enabled", subject_label="user1").count() == 1


def test_what_a_person_disabled_no_state_enables(source: Source, ada: Identity) -> None:
    states(source, "inactive")
    profile = person_profile(source)
    process(profile)
    identities.enable(by=ada, identity=identity("user1"), at=now())
    identities.disable(by=ada, identity=identity("user1"), at=now())
    states(source, "active")
    planned = plan(profile)
    assert "enabled_by_state" not in planned.effects
    apply(planned)
    assert not is_active(1)


def test_who_stays_in_a_state_is_left_as_they_are(source: Source, ada: Identity) -> None:
    states(source, "inactive")
    profile = person_profile(source)
    process(profile)
    identities.enable(by=ada, identity=identity("user1"), at=now())
    bring(source, rows("1,user1,new@x.example,inactive"))
    process(profile)
    assert identity("user1").email == "new@x.example"
    assert is_active(1)


def test_keys_of_a_service_account_stop_with_it(source: Source) -> None:
    states(source, "active")
    profile = make_profile(source, mapped=MAPPED)
    process(profile)
    states(source, "inactive")
    process(profile)
    assert not ServiceAccount.objects.get(identity__user_name="user1").identity.is_active
    assert Event.objects.filter(action="service_account.disabled", subject_label="user1").exists()


def test_a_value_that_is_no_enabled_state_is_not_taken_and_told(source: Source) -> None:
    states(source, "Active", "leaver", "leaver", "")
    profile = person_profile(source)
    planned = plan(profile)
    assert planned.unknown_states == {"Active": 1, "leaver": 2}
    apply(planned)
    assert "cloudLifecycleState" not in identity("user2").attributes
    assert identity("user2").is_active


def test_enabling_a_state_lets_those_enter_whom_the_source_put_there(source: Source) -> None:
    states(source, "leaver")
    profile = person_profile(source)
    state = actions.add(
        by=SYSTEM,
        profile=profile,
        technical_name="leaver",
        draft=Draft("Leaver", on_entry="disable"),
        at=now(),
    )
    process(profile)
    assert is_active(1)
    actions.set_enabled(by=SYSTEM, state=state, enabled=True, at=now())
    profile.refresh_from_db()
    assert profile.refresh_required
    planned = plan(profile)
    assert planned.effects == {"changed": 1, "disabled_by_state": 1}
    apply(planned)
    assert not is_active(1)


def test_the_invitation_goes_to_who_enters_and_not_to_who_is_disabled(source: Source) -> None:
    states(source, "inactive", "active")
    profile = person_profile(source, invite_policy=InvitePolicy.ON_STATE, invite_state="active")
    process(profile)
    invited = Invitation.objects.values_list("identity__user_name", flat=True)
    assert list(invited) == ["user2"]
    states(source, "active", "active")
    process(profile)
    assert sorted(map(str, invited.all())) == ["user1", "user2"]
    assert is_active(1)


def test_too_many_who_would_be_disabled_hold_a_plan_that_applies_by_itself() -> None:
    source = make_source(threshold=10)
    states(source, *["active"] * 30)
    profile = person_profile(source)
    process(profile)
    states(source, *["inactive"] * 4, *["active"] * 26)
    planned = plan(profile, auto_apply=True)
    assert planned.state == State.PLANNED
    assert "4 identities would be disabled" in planned.held_reason


def test_the_last_administrator_is_not_disabled_by_a_file(source: Source) -> None:
    states(source, "active")
    profile = person_profile(source)
    process(profile)
    identities.set_levels(by=SYSTEM, identity=identity("user1"), levels=[ADMIN], at=now())
    states(source, "inactive")
    process(profile)
    assert is_active(1)
    assert AccountProblem.objects.filter(kind="protected", user_name="user1").exists()


def test_an_account_that_vanishes_and_comes_back_inactive_stays_disabled(source: Source) -> None:
    states(source, "active", "active")
    profile = person_profile(source)
    process(profile)
    bring(source, rows("1,user1,u1@x.example,active"))
    process(profile)
    assert not is_active(2)
    states(source, "active", "inactive")
    process(profile)
    assert not is_active(2)
    states(source, "active", "active")
    process(profile)
    assert is_active(2)


def test_several_values_are_an_error_of_the_account(source: Source) -> None:
    profile = person_profile(source)
    state = LifecycleState.objects.get(profile=profile, technical_name="active")
    assert str(state) == "Active"
    problems: list[ValueProblem] = []
    ready = states_for(profile, frozenset({"cloudLifecycleState"}))
    ready.settle({"cloudLifecycleState": ["a", "b"]}, {}, problems)
    assert len(problems) == 1
    values = {"cloudLifecycleState": ["active"]}
    assert ready.settle(values, {}, []).entry == "enable"
    assert not IdentityLifecycle.objects.exists()
