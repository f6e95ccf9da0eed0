"""Invitations go out by themselves where the profile says so, once for each identity."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.audit.models import Event
from accounts.identities import renewing
from accounts.models import Invitation
from accounts.profiles.models import InvitePolicy, ProfileKind
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import FOUR, identity, make_profile, process

pytestmark = pytest.mark.django_db


def invited() -> list[str]:
    names = Invitation.objects.filter(used_at=None).values_list("identity__user_name", flat=True)
    return sorted(str(name) for name in names)


def test_by_hand_nobody_is_invited() -> None:
    source = make_source()
    bring(source, rows("1,one,a@x.example,"))
    process(make_profile(source, kind=ProfileKind.PERSON))
    assert invited() == []


def test_on_creation_everybody_with_an_address_is_invited_once() -> None:
    source = make_source()
    bring(source, rows("1,one,same@x.example,", "2,two,same@x.example,", "3,three,,"))
    profile = make_profile(source, kind=ProfileKind.PERSON, invite_policy=InvitePolicy.ON_CREATION)
    process(profile)
    assert invited() == ["one", "two"]
    assert Event.objects.filter(action="identity.invited").count() == 2
    bring(source, rows("1,one,new@x.example,", "2,two,same@x.example,", "3,three,,"))
    process(profile)
    renewing.renew_due(at=timezone.now())  # the old address has a link no more
    assert invited() == ["one", "two"]


def test_on_a_state_those_are_invited_who_enter_it() -> None:
    source = make_source()
    bring(source, rows("1,one,a@x.example,prehire", "2,two,b@x.example,active"))
    profile = make_profile(
        source,
        kind=ProfileKind.PERSON,
        mapped=FOUR | {"cloudLifecycleState": "purpose"},
        invite_policy=InvitePolicy.ON_STATE,
        invite_state="active",
    )
    process(profile)
    assert invited() == ["two"]
    bring(source, rows("1,one,a@x.example,active", "2,two,b2@x.example,active"))
    process(profile)
    renewing.renew_due(at=timezone.now())
    assert invited() == ["one", "two"]
    assert Invitation.objects.count() == 3


def test_who_has_a_password_is_not_mailed_a_link_to_set_one() -> None:
    source = make_source()
    bring(source, rows("1,one,a@x.example,prehire"))
    profile = make_profile(
        source,
        kind=ProfileKind.PERSON,
        mapped=FOUR | {"cloudLifecycleState": "purpose"},
        invite_policy=InvitePolicy.ON_STATE,
        invite_state="active",
    )
    process(profile)
    person = identity("one")
    person.set_password("correct horse battery staple")
    person.save(update_fields=["password"])
    bring(source, rows("1,one,a@x.example,active"))
    process(profile)
    assert invited() == []
