"""An account that is gone from its source: disabled or removed as the confirmed plan says."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.models import Event
from accounts.authorization.levels import ADMIN
from accounts.identities import actions as identities
from accounts.identities import bulk, ownership
from accounts.models import Identity, IdentityAccount, ServiceAccount, Source
from accounts.profiles import actions as profiles
from accounts.profiles import exceptions
from accounts.profiles.models import IdentityProfile, ProfileKind, VanishedPolicy
from accounts.profiles.processing.states import Effect, State
from accounts.service_accounts import actions as service_accounts
from tests.factories import make_person
from tests.factories.accounts import Made
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import identity, make_profile, plan, process
from tests.oauth.holder import Holder
from tokens.credentials import actions as credentials
from tokens.credentials.actions import KeyChoice
from tokens.credentials.models import KeyOrigin

pytestmark = pytest.mark.django_db

TWO = rows("1,one,a@x.example,", "2,two,b@x.example,")
ONE = rows("1,one,a@x.example,")


def applied(
    policy: str = VanishedPolicy.DISABLE, kind: str = ProfileKind.SERVICE
) -> IdentityProfile:
    source = make_source(threshold=100)
    bring(source, TWO)
    profile = make_profile(source, vanished_policy=policy, kind=kind)
    process(profile)
    return profile


def test_disabling_is_the_default_and_comes_with_a_plan() -> None:
    profile = applied()
    bring(profile.source, ONE)
    processing = plan(profile)
    assert (processing.state, processing.count(Effect.DISABLED)) == (State.PLANNED, 1)
    assert identity("two").is_active
    process(profile)
    gone = identity("two")
    assert gone.disabled_at is not None
    assert gone.deleted_at is None
    assert identity("one").is_active
    event = Event.objects.get(action="service_account.disabled")
    assert (event.subject_id, event.detail) == (str(gone.pk), {"cause": "account_vanished"})
    again = plan(profile)
    assert (again.state, again.changes) == (State.APPLIED, 0)


def test_keys_stop_with_the_identity_and_work_again_when_the_account_returns() -> None:
    profile = applied()
    account = ServiceAccount.objects.get(name="two")
    scopes = ["fr:am:*"]
    service_accounts.set_scopes(by=SYSTEM, account=account, scopes=scopes, at=timezone.now())
    holder = holder_of(account)
    assert holder.ask(scope="fr:am:*").status_code == 200
    bring(profile.source, ONE)
    process(profile)
    assert holder.ask(scope="fr:am:*").status_code == 400
    bring(profile.source, TWO)
    processing = process(profile)
    assert processing.count(Effect.RESTORED) == 1
    assert holder.ask(scope="fr:am:*").status_code == 200
    assert identity("two").pk == account.pk
    assert Event.objects.filter(action="service_account.enabled").count() == 1


def holder_of(account: ServiceAccount) -> Holder:
    """A program that holds a new key of an account."""
    prepared = credentials.prepare(KeyChoice(KeyOrigin.STEWARD, "P-256"))
    issued = credentials.add_key(
        by=SYSTEM, account=account, prepared=prepared, within=None, at=timezone.now()
    )
    assert issued.credential is not None
    assert issued.private is not None
    return Holder(Made(account, issued.credential, json.loads(issued.private.take())))


def test_who_was_disabled_by_hand_stays_disabled_when_the_account_returns(ada: Identity) -> None:
    profile = applied()
    account = ServiceAccount.objects.select_related("identity").get(name="two")
    service_accounts.disable(by=ada, account=account, at=timezone.now())
    bring(profile.source, ONE)
    process(profile)
    bring(profile.source, TWO)
    process(profile)
    assert not identity("two").is_active
    assert identity("two").disabled_by == "ada"


def test_removing_leaves_a_tombstone_and_frees_the_name() -> None:
    profile = applied(VanishedPolicy.REMOVE)
    gone = identity("two")
    bring(profile.source, ONE)
    processing = process(profile)
    assert processing.count(Effect.REMOVED) == 1
    gone.refresh_from_db()
    account = ServiceAccount.objects.get(pk=gone.pk)
    assert gone.deleted_at is not None
    assert account.deleted_at is not None
    assert not IdentityAccount.objects.filter(identity=gone).exists()
    assert Event.objects.get(action="service_account.deleted").subject_label == "two"
    bring(profile.source, TWO)
    process(profile)
    assert identity("two").pk != gone.pk


def test_a_tombstone_made_in_bulk_is_that_of_deleting_one(ada: Identity) -> None:
    person, other = make_person("first"), make_person("other", levels=[ADMIN])
    now = timezone.now()
    identities.delete(by=ada, identity=person, at=now)
    bulk.bury_all(Identity.objects.filter(pk=other.pk), by=ada, at=now)
    for buried, name in ((person, "first"), (other, "other")):
        row = Identity.objects.get_queryset().get(pk=buried.pk)
        assert row.user_name == f"{name}~{row.pk.hex}"
        assert row.user_name_key == f"~{row.pk.hex}"
        assert (row.deleted_at, row.deleted_by, row.has_usable_password()) == (now, "ada", False)
        assert row.session_generation == 1
        assert not row.level_assignments.exists()


def test_the_last_administrator_is_not_taken_away() -> None:
    profile = applied(kind=ProfileKind.PERSON)
    only, other = identity("one"), identity("two")
    now = timezone.now()
    for person in (only, other):
        person.set_password("correct horse battery staple")
        person.save(update_fields=["password"])
        person.level_assignments.create(level=ADMIN, granted_at=now, granted_by="test")
    bring(profile.source, rows("3,three,c@x.example,"))
    process(profile)
    assert not identity("one").is_active
    assert identity("two").is_active
    profile.refresh_from_db()
    found, _more = exceptions.errors(profile, at=now)
    assert [(e.kind.value, e.account_name) for e in found] == [("protected", "two")]
    assert "last active tenant administrator" in found[0].causes[0]


def test_who_deleted_an_identity_is_not_overruled_by_a_plan(ada: Identity) -> None:
    profile = applied()
    account = ServiceAccount.objects.select_related("identity").get(name="two")
    service_accounts.delete(by=ada, account=account, at=timezone.now())
    bring(profile.source, rows("1,one,a@x.example,", "2,two,new@x.example,"))
    processing = process(profile)
    assert (processing.changes, processing.in_error) == (0, 0)
    assert Identity.objects.existing().filter(origin="profile").count() == 1
    [left] = exceptions.left_deleted(profile)
    assert left.identity_id == account.pk
    bring(profile.source, ONE)
    process(profile)
    assert not exceptions.left_deleted(profile).exists()


def test_unattended_processing_waits_where_many_would_be_lost() -> None:
    source = make_source(threshold=10)
    bring(source, rows(*[f"{n},n{n},n{n}@x.example," for n in range(20)]))
    profile = make_profile(source)
    process(profile)
    same = Source.objects.filter(pk=source.pk)
    same.update(delete_threshold_percent=100)
    bring(source, rows(*[f"{n},n{n},n{n}@x.example," for n in range(10)]))
    same.update(delete_threshold_percent=10)
    processing = plan(profile, auto_apply=True)
    assert processing.state == State.PLANNED
    assert processing.held_reason == (
        "10 identities would be disabled, and 2 may be without confirmation."
    )
    assert Identity.objects.active().filter(origin="profile").count() == 20


def test_a_deleted_profile_leaves_its_identities(ada: Identity) -> None:
    from accounts.profiles import impact

    profile = applied()
    assert impact.of_deleting(profile).on_their_own == 2
    profiles.delete(by=ada, profile=profile, at=timezone.now())
    profiles.delete(by=ada, profile=profile, at=timezone.now())
    assert identity("two").is_active
    assert not IdentityAccount.objects.exists()
    assert Event.objects.filter(action="identity_profile.deleted").count() == 1
    again = make_profile(profile.source)
    assert process(again).in_error == 2


def with_an_owner(profile: IdentityProfile) -> Identity:
    owner = identity("one")
    owner.set_password("correct horse battery staple")
    owner.save(update_fields=["password"])
    ownership.appoint_first(first=owner, at=timezone.now())
    return owner


@pytest.mark.parametrize("policy", VanishedPolicy)
def test_the_owner_of_the_tenant_is_not_taken_away(ada: Identity, policy: str) -> None:
    profile = applied(policy, kind=ProfileKind.PERSON)
    with_an_owner(profile)

    bring(profile.source, rows("3,three,c@x.example,"))
    process(profile)

    assert identity("one").is_owner
    assert identity("one").is_active
    profile.refresh_from_db()
    found, _more = exceptions.errors(profile, at=timezone.now())
    assert [(e.kind.value, e.account_name) for e in found] == [("protected", "one")]
    assert "Owner of the tenant" in found[0].causes[0]


@pytest.mark.parametrize(("by", "email"), [("ada", "a@x.example"), ("one", "thief@y.example")])
def test_nobody_sends_the_links_of_whoever_may_more_to_themselves(
    ada: Identity, by: str, email: str
) -> None:
    profile = applied(kind=ProfileKind.PERSON)
    owner = with_an_owner(profile)

    bring(profile.source, rows("1,one,thief@y.example,", "2,two,other@x.example,"))
    process(profile, by={"ada": ada, "one": owner}[by])

    assert identity("one").email == email
    assert identity("two").email == "other@x.example"
