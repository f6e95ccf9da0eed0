"""An identity with accounts on several authoritative sources belongs to the first profile."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.models import Identity, IdentityAccount, IdentityProfile
from accounts.profiles import actions, impact, queries
from accounts.profiles.models import ProfileKind
from accounts.profiles.processing.states import Effect
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import identity, make_profile, process

pytestmark = pytest.mark.django_db


def two(first: int | None = None, second: int | None = None) -> tuple[IdentityProfile, ...]:
    """Two profiles with an account of the same person each; the first is applied."""
    profiles = []
    for name, priority in (("HR", first), ("Contractors", second)):
        source = make_source(name, threshold=100)
        bring(source, rows(f"{name}-1,jdoe,jdoe@{name.lower()}.example,"))
        profiles.append(make_profile(source, kind=ProfileKind.PERSON, priority=priority))
    process(profiles[0])
    return tuple(profiles)


def leading() -> str:
    return IdentityAccount.objects.get(leads=True).native_identity


def test_priorities_are_steps_of_ten_in_the_order_of_creation() -> None:
    assert [profile.priority for profile in two()] == [10, 20]


def test_an_account_of_lower_priority_joins_and_changes_nothing() -> None:
    _hr, contractors = two()
    processing = process(contractors)
    assert (processing.count(Effect.JOINED), processing.count(Effect.CREATED)) == (1, 0)
    assert identity("jdoe").email == "jdoe@hr.example"
    assert leading() == "HR-1"
    assert [a.link.native_identity for a in queries.accounts_of(identity("jdoe"))] == [
        "HR-1",
        "Contractors-1",
    ]


def test_an_account_of_higher_priority_takes_over() -> None:
    _hr, contractors = two(first=20, second=10)
    processing = process(contractors)
    assert processing.count(Effect.TAKEN_OVER) == 1
    assert identity("jdoe").email == "jdoe@contractors.example"
    assert leading() == "Contractors-1"
    assert Identity.objects.existing().filter(origin="profile").count() == 1


def test_when_the_leading_account_vanishes_the_other_profile_has_the_identity() -> None:
    hr, contractors = two()
    process(contractors)
    made = identity("jdoe")
    bring(hr.source, rows("HR-2,other,other@hr.example,"))
    processing = process(hr)
    assert processing.count(Effect.HANDED_OVER) == 1
    assert identity("jdoe").is_active
    contractors.refresh_from_db()
    assert contractors.refresh_required
    assert process(contractors).count(Effect.CHANGED) == 1
    assert identity("jdoe").email == "jdoe@contractors.example"
    assert identity("jdoe").pk == made.pk


def test_a_new_priority_decides_anew() -> None:
    hr, contractors = two()
    process(contractors)
    contractors.refresh_from_db()
    details = actions.Details(name="Contractors", priority=5)
    actions.edit(
        by=SYSTEM,
        profile=contractors,
        details=details,
        revision=contractors.revision,
        at=timezone.now(),
    )
    assert leading() == "Contractors-1"
    process(contractors)
    assert identity("jdoe").email == "jdoe@contractors.example"
    assert process(hr).changes == 0


def test_deleting_a_profile_hands_its_identities_to_the_next() -> None:
    hr, contractors = two()
    process(contractors)
    assert impact.of_deleting(hr) == impact.Deletion(on_their_own=0, to_other_profiles=1)
    actions.delete(by=SYSTEM, profile=hr, at=timezone.now())
    process(contractors)
    assert identity("jdoe").email == "jdoe@contractors.example"


def test_a_service_account_never_joins_a_person() -> None:
    two()
    source = make_source("Robots")
    bring(source, rows("R-1,jdoe,robot@example.com,"))
    processing = process(make_profile(source, kind=ProfileKind.SERVICE))
    assert (processing.in_error, processing.count(Effect.JOINED)) == (1, 0)
    assert IdentityAccount.objects.count() == 1


def test_a_look_alike_does_not_join() -> None:
    two()
    source = make_source("Others")
    bring(source, rows("O-1,jd0e,other@example.com,"))
    processing = process(make_profile(source, kind=ProfileKind.PERSON))
    assert (processing.in_error, processing.count(Effect.JOINED)) == (1, 0)
