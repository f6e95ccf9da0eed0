"""No source chooses who decides for those who may do more than anybody may."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from accounts.authorization.levels import ADMIN, AUDITOR, SOURCE_SUBADMIN
from accounts.authorization.permissions import Permission
from accounts.identities import granting, managing
from accounts.models import Event, Identity, IdentityProfile, Source
from accounts.profiles import exceptions
from accounts.profiles.models import ProfileKind
from accounts.profiles.policies import mapped_fields
from accounts.profiles.processing import managing as processing
from accounts.roles import actions as roles
from accounts.roles import assigning
from accounts.roles.actions import RoleDraft
from tests.factories import make_person
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import FOUR, identity, make_profile, process

ClientOf = Callable[[Identity], Client]
MAPPED = FOUR | {"manager": "purpose"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def profile() -> IdentityProfile:
    staff = make_source("Staff")
    bring(staff, rows("1,ann,a@x.example,bob", "2,bob,b@x.example,", "3,cid,c@x.example,"))
    found = make_profile(staff, kind=ProfileKind.PERSON, mapped=MAPPED)
    process(found)
    return found


def give(name: str, level: str, by: Identity) -> None:
    granting.set_levels(by=by, identity=identity(name), levels=[level], at=timezone.now())


def say(profile: IdentityProfile, manager: str) -> None:
    lines = [f"1,ann,a@x.example,{manager}", "2,bob,b@x.example,", "3,cid,c@x.example,"]
    bring(profile.source, rows(*lines))
    process(profile)


def manager_of(name: str) -> str | None:
    found = identity(name).manager
    return found.user_name if found else None


def causes(profile: IdentityProfile) -> list[str]:
    profile.refresh_from_db()
    found, _more = exceptions.errors(profile, at=timezone.now())
    return [each.causes[0] for each in found]


@pytest.mark.parametrize("level", [SOURCE_SUBADMIN, ADMIN, AUDITOR])
def test_a_source_chooses_no_manager_of_who_holds_a_level(
    profile: IdentityProfile, ada: Identity, client_of: ClientOf, level: str
) -> None:
    give("ann", level, ada)
    say(profile, "cid")
    assert manager_of("ann") == "bob"
    (said,) = causes(profile)
    assert "“cid”" in said
    assert "Choose Set Manager" in said
    page = client_of(ada).get(f"/identity-profiles/{profile.pk}/exceptions/").content.decode()
    assert "Their manager is set by hand" in page
    assert f"/identities/{identity('ann').pk}/" in page

    assert "manager" not in mapped_fields(identity("ann"))
    managing.set_manager(
        by=ada, identity=identity("ann"), manager=identity("cid"), at=timezone.now()
    )
    assert causes(profile) == [], "what the mapping gives is what they have"
    say(profile, "")
    assert manager_of("ann") == "cid", "nor does it take one away"


def test_a_role_with_rights_in_the_console_counts_and_one_with_scopes_alone_does_not(
    profile: IdentityProfile, ada: Identity
) -> None:
    now = timezone.now()
    for name, draft in (
        ("ann", RoleDraft("Reads", permissions=[Permission.AUDIT_VIEW.value])),
        ("bob", RoleDraft("Calls", scopes=["fr:idm:*"])),
    ):
        role = roles.create(by=ada, draft=draft, at=now)
        assigning.assign(by=ada, role=role, identity=identity(name), at=now)
    lines = ["1,ann,a@x.example,cid", "2,bob,b@x.example,cid", "3,cid,c@x.example,"]
    bring(profile.source, rows(*lines))
    process(profile)
    assert (manager_of("ann"), manager_of("bob")) == ("bob", "cid")
    assert len(causes(profile)) == 1


def test_whose_level_is_taken_away_has_the_manager_of_the_mapping_again(
    profile: IdentityProfile, ada: Identity
) -> None:
    give("ann", SOURCE_SUBADMIN, ada)
    say(profile, "cid")
    granting.set_levels(by=ada, identity=identity("ann"), levels=[], at=timezone.now())
    assert causes(profile) == []
    process(profile)
    assert manager_of("ann") == "cid"


def test_whom_a_source_chose_before_the_level_came_a_colleague_confirms(
    profile: IdentityProfile, ada: Identity
) -> None:
    give("ann", SOURCE_SUBADMIN, ada)
    process(profile)
    assert manager_of("ann") == "bob"
    (said,) = causes(profile)
    assert "“bob”" in said
    managing.set_manager(
        by=ada, identity=identity("ann"), manager=identity("bob"), at=timezone.now()
    )
    assert causes(profile) == []
    last = Event.objects.filter(action="identity.manager_set").latest("pk")
    assert (last.actor_label, last.subject_id) == (ada.label, str(identity("ann").pk))
    process(profile)
    assert causes(profile) == [], "nobody is asked twice"


def test_who_may_no_more_than_anybody_is_not_asked_about(
    profile: IdentityProfile, ada: Identity
) -> None:
    before = identity("ann").changed_at
    process(profile)
    assert causes(profile) == []
    assert identity("ann").changed_at == before
    give("ann", SOURCE_SUBADMIN, ada)
    managing.set_manager(
        by=ada, identity=identity("ann"), manager=identity("cid"), at=timezone.now()
    )
    granting.set_levels(by=ada, identity=identity("ann"), levels=[], at=timezone.now())
    process(profile)
    assert manager_of("ann") == "bob"
    give("ann", SOURCE_SUBADMIN, ada)
    process(profile)
    assert len(causes(profile)) == 1, "the mapping has chosen again"


def test_a_level_that_is_given_while_managers_are_set_counts(
    profile: IdentityProfile, ada: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = processing._lock

    def lock_late(who: Sequence[UUID]) -> set[UUID]:
        """Somebody is faster than the lock."""
        give("ann", SOURCE_SUBADMIN, ada)
        return lock(who)

    monkeypatch.setattr(processing, "_lock", lock_late)
    say(profile, "cid")
    assert manager_of("ann") == "bob"
    assert len(causes(profile)) == 1


def test_what_is_not_set_closes_no_circle(profile: IdentityProfile, ada: Identity) -> None:
    give("bob", SOURCE_SUBADMIN, ada)
    lines = ["1,ann,a@x.example,cid", "2,bob,b@x.example,ann", "3,cid,c@x.example,bob"]
    bring(profile.source, rows(*lines))
    process(profile)
    assert (manager_of("ann"), manager_of("bob"), manager_of("cid")) == ("cid", None, "bob")
    assert len(causes(profile)) == 1


def test_an_account_id_of_the_own_source_goes_before_a_user_name(profile: IdentityProfile) -> None:
    make_person("3")
    say(profile, "3")
    assert manager_of("ann") == "cid"


def test_an_account_id_of_another_source_names_nobody(profile: IdentityProfile) -> None:
    other: Source = make_source("Others")
    bring(other, rows("77,eve,e@x.example,"))
    process(make_profile(other, kind=ProfileKind.PERSON))
    say(profile, "77")
    assert manager_of("ann") == "bob"
    assert "of no one person" in causes(profile)[0]
