"""Two that would have one name: neither is made, both are told, nobody is taken for another."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.identities import actions as identities
from accounts.identities.models import IdentityKind, Origin
from accounts.models import Identity, IdentityAccount, ServiceAccount, Source
from accounts.profiles import exceptions
from accounts.profiles.models import ProfileKind
from accounts.profiles.processing.states import Effect, State
from tests.factories import make_account, make_person
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import FOUR, apply, identity, make_profile, plan, process

pytestmark = pytest.mark.django_db


def names() -> list[str]:
    made = Identity.objects.existing().filter(origin="profile")
    return sorted(made.values_list("user_name", flat=True))


@pytest.mark.parametrize(
    ("one", "other"),
    [("audit01", "audit01"), ("audit01", "AUDIT01"), ("aca", "аса")],
    ids=["the same", "another case", "Cyrillic letters"],
)
def test_two_new_accounts_with_one_name_are_both_refused(one: str, other: str) -> None:
    source = make_source()
    bring(source, rows(f"1,{one},a@x.example,", f"2,{other},b@x.example,", "3,c,c@x.example,"))
    profile = make_profile(source, mapped=FOUR | {"lastname": "id"})
    processing = process(profile)
    assert (processing.count(Effect.CREATED), processing.in_error) == (1, 2)
    assert names() == ["c"]
    profile.refresh_from_db()
    [collision], more = exceptions.collisions(profile, at=timezone.now())
    assert (collision.reason, more) == ("Non-unique username", "")
    assert [(s.native_identity, s.user_name) for s in collision.sides] == [("1", one), ("2", other)]


def test_an_account_named_as_a_person_becomes_nobody_and_does_not_touch_them(
    ada: Identity,
) -> None:
    source = make_source()
    bring(source, rows("1,Ada,ada@example.com,", f"{ada.pk},other,ada@example.com,"))
    profile = make_profile(source)
    before = identity("ada")
    process(profile)
    after = identity("ada")
    assert (after.attributes, after.changed_at, after.kind) == (
        before.attributes,
        before.changed_at,
        "person",
    )
    assert names() == ["other"]
    assert identity("other").pk != ada.pk
    profile.refresh_from_db()
    [collision], _more = exceptions.collisions(profile, at=timezone.now())
    assert [side.identity for side in collision.sides] == [ada, None]
    assert collision.sides[1].native_identity == "1"


def test_a_collision_is_gone_from_the_list_as_soon_as_one_side_is(ada: Identity) -> None:
    source = make_source()
    person = make_person("clash")
    bring(source, rows("1,clash,a@x.example,"))
    profile = make_profile(source)
    process(profile)
    profile.refresh_from_db()
    assert len(exceptions.collisions(profile, at=timezone.now())[0]) == 1
    identities.delete(by=ada, identity=person, at=timezone.now())
    assert exceptions.collisions(profile, at=timezone.now())[0] == []
    assert process(profile).count(Effect.CREATED) == 1


def test_a_service_account_made_by_hand_keeps_its_name() -> None:
    made = make_account("Nightly report").account
    source = make_source(header="id,name,e-mail,purpose,shown")
    bring(source, "id,name,e-mail,purpose,shown\n1,nightly,a@x.example,,nightly  REPORT\n")
    profile = make_profile(source, mapped=FOUR | {"displayName": "shown"})
    assert process(profile).in_error == 1
    assert list(ServiceAccount.objects.all()) == [made]
    profile.refresh_from_db()
    [collision], _more = exceptions.collisions(profile, at=timezone.now())
    assert collision.reason == "Non-unique name of a service account"
    assert [side.user_name for side in collision.sides] == ["nightly-report", "nightly"]


def test_a_name_taken_after_the_plan_makes_a_new_plan() -> None:
    source = make_source()
    bring(source, rows("1,late,a@x.example,", "2,fine,b@x.example,"))
    profile = make_profile(source)
    processing = plan(profile)
    assert processing.count(Effect.CREATED) == 2
    make_person("late")
    apply(processing)
    assert (processing.state, processing.planned_again) == (State.PLANNED, True)
    assert (processing.count(Effect.CREATED), processing.in_error) == (1, 1)
    assert names() == []
    apply(processing)
    assert names() == ["fine"]


def test_accounts_with_one_account_name_are_warned_of_and_not_merged() -> None:
    source = make_source()
    bring(source, rows("J1,John,a@x.example,", "J2,John,b@x.example,", "J3,Jim,c@x.example,"))
    profile = make_profile(source, mapped=FOUR | {"uid": "id"}, kind=ProfileKind.PERSON)
    processing = plan(profile)
    assert processing.shared_name_count == 1
    assert processing.shared_names == [{"name": "John", "times": 2, "accounts": ["J1", "J2"]}]
    process(profile)
    assert names() == ["J1", "J2", "J3"]
    assert IdentityAccount.objects.count() == 3


def test_a_renamed_account_does_not_take_the_name_of_another() -> None:
    source = make_source()
    bring(source, rows("1,one,a@x.example,", "2,two,b@x.example,"))
    profile = make_profile(source)
    process(profile)
    bring(source, rows("1,two2,a@x.example,", "2,one,b@x.example,"))
    processing = process(profile)
    assert processing.in_error == 1
    assert names() == ["two", "two2"]
    assert process(profile).count(Effect.CHANGED) == 1
    assert names() == ["one", "two2"]


def test_an_existing_identity_cannot_be_linked_by_a_source(ada: Identity) -> None:
    """A source of its own brings an account of every name that matters."""
    source = make_source()
    agent = identities.new_identity(
        kind=IdentityKind.SERVICE,
        user_name="by-hand",
        display_name="x",
        origin=Origin.CONSOLE,
        at=timezone.now(),
    )
    bring(source, rows("1,by-hand,a@x.example,", "2,ada,b@x.example,"))
    process(make_profile(source))
    process(make_profile(bring_other(), kind=ProfileKind.PERSON, by=SYSTEM))
    assert not IdentityAccount.objects.filter(identity__in=[agent, ada]).exists()


def bring_other() -> Source:
    source = make_source("Other")
    bring(source, rows("1,by-hand,a@x.example,", "2,ada,b@x.example,"))
    return source
