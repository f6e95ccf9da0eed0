"""A state that a person set stays until the source says something else."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.authorization.levels import ADMIN
from accounts.authorization.policies import NotAllowed
from accounts.identities import actions as identities
from accounts.identities.policies import LastAdministrator, OwnLevels
from accounts.lib.errors import DomainError
from accounts.models import Identity, IdentityLifecycle, Invitation, LifecycleState, Source
from accounts.profiles.lifecycle_states import manual, queries
from accounts.profiles.models import IdentityProfile, InvitePolicy, ProfileKind
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import FOUR, apply, identity, make_profile, plan, process
from tests.lifecycle_states.test_entering import MAPPED, person_profile, states

pytestmark = pytest.mark.django_db


def now() -> datetime:
    return timezone.now()


@pytest.fixture
def source(db: None) -> Source:
    return make_source(threshold=100)


def state(profile: IdentityProfile, name: str) -> LifecycleState:
    return profile.lifecycle_states.get(technical_name=name)


def put(by: Identity, profile: IdentityProfile, name: str, number: int = 1) -> None:
    who = identity(f"user{number}")
    manual.set_state(by=by, identity=who, state=state(profile, name), at=now())


def held(number: int = 1) -> str:
    return str(identity(f"user{number}").attributes.get("cloudLifecycleState", ""))


def test_it_is_entered_at_once_with_all_that_it_does(source: Source, ada: Identity) -> None:
    states(source, "active")
    profile = person_profile(source)
    process(profile)
    put(ada, profile, "inactive")
    assert held() == "inactive"
    assert not identity("user1").is_active
    assert identity("user1").attributes["identityState"] == "INACTIVE_SHORT_TERM"
    event = Event.objects.get(action="identity.lifecycle_state_set")
    assert (event.actor_label, event.detail["after"]) == ("ada", {"state": "inactive"})
    assert queries.states_of([identity("user1")])[identity("user1").pk].is_manual

    put(ada, profile, "active")
    assert identity("user1").is_active


def test_processing_leaves_it_as_long_as_the_source_says_the_same(
    source: Source, ada: Identity
) -> None:
    states(source, "active", "active")
    profile = person_profile(source)
    process(profile)
    put(ada, profile, "inactive")
    bring(source, rows("1,user1,other@x.example,active", "2,user2,u2@x.example,active"))
    process(profile)
    assert (identity("user1").email, held()) == ("other@x.example", "inactive")
    assert not identity("user1").is_active


def test_the_source_wins_when_it_says_something_else(source: Source, ada: Identity) -> None:
    states(source, "inactive")
    profile = person_profile(source)
    process(profile)
    put(ada, profile, "active")
    states(source, "")
    process(profile)
    assert held() == ""
    assert not IdentityLifecycle.objects.exclude(manual_state="").exists()


def test_the_source_saying_the_same_as_the_person_ends_what_the_person_set(
    source: Source, ada: Identity
) -> None:
    states(source, "active")
    profile = person_profile(source)
    process(profile)
    put(ada, profile, "inactive")
    states(source, "inactive")
    process(profile)
    assert held() == "inactive"
    states(source, "active")
    process(profile)
    assert held() == "active"
    assert identity("user1").is_active


def test_without_a_mapping_it_simply_stays(source: Source, ada: Identity) -> None:
    states(source, "x")
    profile = make_profile(source, kind=ProfileKind.PERSON, mapped=FOUR)
    process(profile)
    put(ada, profile, "inactive")
    bring(source, rows("1,user1,other@x.example,x"))
    process(profile)
    assert (identity("user1").email, held()) == ("other@x.example", "inactive")


def test_letting_the_source_decide_again(source: Source, ada: Identity) -> None:
    states(source, "active")
    profile = person_profile(source)
    process(profile)
    put(ada, profile, "inactive")
    manual.follow_source(by=ada, identity=identity("user1"), at=now())
    profile.refresh_from_db()
    assert profile.refresh_required
    process(profile)
    assert held() == "active"
    assert identity("user1").is_active


def test_a_plan_made_before_is_not_applied_over_it(source: Source, ada: Identity) -> None:
    states(source, "active", "active")
    profile = person_profile(source)
    process(profile)
    bring(source, rows("1,user1,other@x.example,active", "2,user2,u2@x.example,active"))
    planned = plan(profile)
    put(ada, profile, "inactive")
    done = apply(planned)
    assert done.planned_again
    assert (identity("user1").email, held()) == ("u1@x.example", "inactive")
    apply(done)
    assert (identity("user1").email, held()) == ("other@x.example", "inactive")


def test_an_invitation_goes_out_as_the_profile_says(source: Source, ada: Identity) -> None:
    states(source, "inactive")
    profile = person_profile(source, invite_policy=InvitePolicy.ON_STATE, invite_state="active")
    process(profile)
    put(ada, profile, "active")
    assert [str(i.identity) for i in Invitation.objects.all()] == ["user1"]


def test_a_service_account_is_put_into_a_state_likewise(source: Source, ada: Identity) -> None:
    states(source, "active")
    profile = make_profile(source, mapped=MAPPED)
    process(profile)
    put(ada, profile, "inactive")
    assert not identity("user1").is_active
    assert Event.objects.filter(action="service_account.disabled", actor_label="ada").exists()


def test_who_may_not_and_what_cannot(source: Source, ada: Identity, vera: Identity) -> None:
    states(source, "active")
    profile = person_profile(source)
    process(profile)
    with pytest.raises(NotAllowed):
        put(vera, profile, "inactive")
    with pytest.raises(DomainError, match="belongs to no identity profile"):
        manual.set_state(by=ada, identity=vera, state=state(profile, "active"), at=now())
    other = make_profile(make_source("Other"))
    with pytest.raises(DomainError, match="Choose an enabled life-cycle state"):
        manual.set_state(by=ada, identity=identity("user1"), state=state(other, "active"), at=now())
    LifecycleState.objects.filter(profile=profile, technical_name="inactive").update(
        is_enabled=False
    )
    with pytest.raises(DomainError, match="Choose an enabled life-cycle state"):
        put(ada, profile, "inactive")
    assert held() == "active"


def test_nobody_disables_themselves_or_the_last_administrator(source: Source) -> None:
    states(source, "active", "active")
    profile = person_profile(source)
    process(profile)
    identities.set_levels(by=SYSTEM, identity=identity("user1"), levels=[ADMIN], at=now())
    with pytest.raises(OwnLevels):
        put(identity("user1"), profile, "inactive")
    with pytest.raises(LastAdministrator):
        manual.set_state(
            by=SYSTEM, identity=identity("user1"), state=state(profile, "inactive"), at=now()
        )
    assert held() == "active"
    assert not IdentityLifecycle.objects.exists()


def test_lists_find_who_is_in_which_state(source: Source) -> None:
    states(source, "active", "inactive", "")
    profile = person_profile(source)
    process(profile)
    everybody = Identity.objects.existing()
    assert [str(i) for i in queries.in_state(everybody, "inactive")] == ["user2"]
    assert "user3" in {str(i) for i in queries.in_no_state(everybody)}
    assert queries.counts(profile) == {"active": 1, "inactive": 1}
    assert queries.choices() == [("active", "Active"), ("inactive", "Inactive")]
